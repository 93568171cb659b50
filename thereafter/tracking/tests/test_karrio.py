"""Asking through Karrio. The package is not among those we test with: a stand-in of the same shape takes its place."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import pytest

from thereafter.tracking.carriers import karrio_poll
from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.carriers.wire import NoAnswer
from thereafter.tracking.documents import ParcelDoc, ScanDoc

SETTINGS = {"settings": '{"api_key": "k"}'}
EVENT = {
    "date": "2026-03-05",
    "time": "12:41 PM",
    "timestamp": "2026-03-05T12:41:57.000Z",
    "description": "Handed over",
    "code": "DD-1",
    "status": "delivered",
    "reason": None,
    "location": "Sydney",
}
DETAILS = SimpleNamespace(tracking_number="7XX1", estimated_delivery="2026-03-06", events=[SimpleNamespace(**EVENT)])


def stand_in(monkeypatch: pytest.MonkeyPatch, details: Any, messages: Any = ()) -> list[Any]:
    created: list[Any] = []
    initializer = SimpleNamespace(create=created.append)
    answer = SimpleNamespace(parse=lambda: (details, messages))
    fetch = SimpleNamespace(from_=lambda gateway: answer)
    sdk: Any = ModuleType("karrio.sdk")
    sdk.gateway = {"australiapost": initializer}
    sdk.Tracking = SimpleNamespace(fetch=lambda request: fetch)
    models: Any = ModuleType("karrio.core.models")
    models.TrackingRequest = lambda tracking_numbers: tracking_numbers
    monkeypatch.setitem(sys.modules, "karrio.sdk", sdk)
    monkeypatch.setitem(sys.modules, "karrio.core.models", models)
    return created


def test_what_karrio_answers_becomes_scans_on_the_clock_of_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    created = stand_in(monkeypatch, [DETAILS])
    body = karrio_poll.asker("australiapost")(SETTINGS, [Ask("7XX1")])
    (doc,) = karrio_poll.parse("poll", body.decode())
    assert isinstance(doc, ParcelDoc)
    assert (doc.tracking_number, doc.expected_to) == ("7XX1", "2026-03-06")
    scan = msgspec.json.decode(doc.scans[0], type=ScanDoc)
    assert (scan.status, scan.code, scan.occurred_at) == ("delivered", "DD-1", "2026-03-05T12:41:57")
    assert created == [{"api_key": "k"}]


def test_a_status_that_karrio_does_not_name_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    event = SimpleNamespace(**(EVENT | {"status": None}))
    stand_in(monkeypatch, [SimpleNamespace(tracking_number="7XX1", estimated_delivery=None, events=[event])])
    body = karrio_poll.asker("australiapost")(SETTINGS, [Ask("7XX1")])
    (doc,) = karrio_poll.parse("poll", body.decode())
    assert isinstance(doc, ParcelDoc)
    assert msgspec.json.decode(doc.scans[0], type=ScanDoc).status == ""


def test_a_status_that_stands_beside_every_event_is_the_newest_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    older = EVENT | {"timestamp": "2026-03-05T06:00:00.000Z", "description": "Sorted in Sydney", "code": "S"}
    events = [SimpleNamespace(**EVENT), SimpleNamespace(**older)]
    stand_in(monkeypatch, [SimpleNamespace(tracking_number="7XX1", estimated_delivery=None, events=events)])
    (doc,) = karrio_poll.parse("poll", karrio_poll.asker("australiapost")(SETTINGS, [Ask("7XX1")]).decode())
    assert isinstance(doc, ParcelDoc)
    statuses = [msgspec.json.decode(raw, type=ScanDoc).status for raw in doc.scans]
    assert statuses[0] == "delivered"
    assert statuses[1] != "delivered"


def test_what_karrio_complains_of_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, None, [SimpleNamespace(message="Unauthorised")])
    with pytest.raises(NoAnswer, match="Unauthorised"):
        karrio_poll.asker("australiapost")(SETTINGS, [Ask("7XX1")])
    with pytest.raises(NoAnswer, match="no JSON object"):
        karrio_poll.asker("australiapost")({"settings": "[1]"}, [Ask("7XX1")])


def test_without_the_package_there_are_no_adapters_of_it() -> None:
    assert karrio_poll.adapters() == []
