"""What holds for every adapter, shown on its recorded shapes and on thousands of altered ones."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

import msgspec
import pytest

from thereafter.commerce.tests.makers import make_order, ship
from thereafter.commerce.webhooks import Call
from thereafter.kit import clock
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.carriers.adapter import Adapter, Ask, Parsed
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.tests.adapters.mutations import mutants

PAYLOADS = Path(__file__).parents[1] / "payloads"
MUTANTS = 5_000
NOW = datetime.fromisoformat("2026-06-01T12:00:00+00:00")
CALL = Call({}, b'{"id": 1}', NOW)
# Where each sender's events stand, "*" for each row of a list; in XML every element of the last name, and DHL's are all
# called "data" and differ by an attribute. "." is the body itself.
EVENTS: dict[str, Sequence[str]] = {
    "ups": ("trackResponse shipment * package * activity",),
    "fedex": ("output completeTrackResults * trackResults * scanEvents", "trackResults * scanEvents"),
    "usps": ("trackingEvents", "* trackingEvents"),
    "dhl": ("shipments * events",),
    "dhl_parcel_de": ("data=piece-shipment-list data=piece-shipment data=piece-event-list data=piece-event",),
    "canada_post": ("tracking-detail significant-events occurrence",),
    "royal_mail": ("mailPieces events",),
    "dpd": (
        "Envelope Body getTrackingDataResponse trackingresult statusInfo",
        "parcellifecycleResponse parcelLifeCycleData scanInfo scan",
    ),
    "gls": ("parcels * events",),
    "correios": ("objetos * eventos",),
    "postnl": ("CompleteStatus Shipment * Event",),
    "aftership": ("msg checkpoints", "data trackings * checkpoints"),
    "easypost": ("result tracking_details", "tracking_details"),
    "shippo": ("data tracking_history", "tracking_history"),
    "seventeentrack": (
        "data track_info tracking providers * events",
        "data accepted * track_info tracking providers * events",
    ),
    "shipengine": ("data events", "events"),
    "carrier": ("scans", "parcels * scans"),
    "shopify": (".",),
    "woocommerce_tracking": ("meta_data key=shipment_status value * tracking_events",),
}


def fixtures(adapter: Adapter) -> list[Path]:
    return sorted((PAYLOADS / adapter.code).iterdir())


def topic(path: Path) -> str:
    return path.name.partition("_")[0]


every_adapter = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
every_payload = pytest.mark.parametrize(
    ("adapter", "path"),
    [(adapter, path) for adapter in ADAPTERS.values() for path in fixtures(adapter)],
    ids=lambda value: getattr(value, "code", "") or value.name,
)


@every_adapter
def test_every_adapter_shows_at_least_three_recorded_shapes(adapter: Adapter) -> None:
    assert len(fixtures(adapter)) >= 3
    assert adapter.kind in {"carrier", "aggregator", "shop"}


@every_adapter
def test_every_documented_code_is_mapped_to_words_of_ours(adapter: Adapter) -> None:
    for code, meaning in adapter.codes.items():
        assert code == code.upper()
        assert meaning.status in {*states.RANKS, ""}
        assert meaning.reason in {*states.REASONS, ""}
        assert meaning.detail in {*states.DETAILS, ""}
        assert meaning.reason or meaning.status != states.EXCEPTION, code


@every_payload
def test_every_scan_of_a_recorded_shape_is_read_or_moves_nothing(adapter: Adapter, path: Path) -> None:
    for doc in adapter.parse(topic(path), path.read_text()):
        for scan in scans_of([doc]):
            assert scan.status in {*states.RANKS, ""} or adapter.code == "carrier"
            assert scan.reason or scan.status != states.EXCEPTION
            assert scan.country == "" or len(scan.country) == 2
            assert scan.status or scan.code or scan.text


@every_payload
def test_a_code_that_nobody_knows_moves_nothing(adapter: Adapter, path: Path) -> None:
    if "unknown_code" in path.name:
        scans = scans_of(adapter.parse(topic(path), path.read_text()))
        assert (
            any(not scan.status and scan.code.upper() not in adapter.codes for scan in scans)
            or adapter.code == "carrier"
        )


@every_adapter
def test_no_call_is_believed_without_its_signature(adapter: Adapter) -> None:
    if adapter.verify:
        assert not adapter.verify(["s3cret"], CALL)
        assert not adapter.verify([], CALL)
    assert isinstance(adapter.delivery_id(CALL), str)


@every_adapter
def test_a_question_names_the_number_and_goes_over_tls(adapter: Adapter) -> None:
    poll = adapter.poll
    if poll is None:
        return
    credentials = {field.name: "cred-1" for field in poll.fields}
    asks = [Ask(f"NUMBER{at}", "ups", "10115", "DE") for at in range(poll.batch)]
    request = poll.request(credentials, asks, "t0ken")
    assert request.url.startswith("https://")
    assert all(ask.number in request.url or ask.number.encode() in request.body for ask in asks)
    assert "Authorization" in request.headers or "cred-1" in f"{request.headers}{request.body!r}"
    if poll.token:
        assert poll.token(credentials).url.startswith("https://")
        assert poll.read_token
        with pytest.raises(BadScan):
            poll.read_token(b"{}")
    assert poll.per_minute >= 1
    assert all(field.label for field in poll.fields)


@every_adapter
def test_whatever_comes_is_read_or_refused_and_no_event_is_lost(adapter: Adapter) -> None:
    random = Random(adapter.code)
    paths = fixtures(adapter)
    each = -(-MUTANTS // len(paths))
    for path in paths:
        for text in mutants(path.read_text(), each, random):
            try:
                parsed = adapter.parse(topic(path), text)
            except BadScan:
                continue
            assert not lost(adapter.code, text, parsed), text


@every_adapter
@pytest.mark.parametrize("body", ["", "null", "[]", "{}", "7", '"x"', "<a/>", "[" * 100_000, "\ud800", "\x00", "<" * 9])
def test_what_is_no_document_raises_bad_scan_and_nothing_else(adapter: Adapter, body: str) -> None:
    for said in ("push", "poll", ""):
        try:
            parsed = adapter.parse(said, body)
        except BadScan as wrong:
            parsed = [wrong]
        assert all(isinstance(doc, ParcelDoc) or re.match(r"[a-z_]+: ", str(doc)) for doc in parsed)


def lost(code: str, text: str, parsed: Parsed) -> bool:
    """Whether events of the text are neither scans nor part of what was refused; a refusal keeps the whole text."""
    if any(isinstance(doc, BadScan) for doc in parsed):
        return False
    found = sum(len(doc.scans) for doc in parsed if isinstance(doc, ParcelDoc))
    return found < events_in(code, text)


def events_in(code: str, text: str) -> int:
    """Counted in the sender's own terms."""
    if code == "csv":
        return 0 if '"' in text else sum(bool(line.strip(" ,;|\t\x00")) for line in text.split("\n")[1:])
    if text.lstrip()[:1] == "<":
        return _events_in_xml(EVENTS[code][0].split(), text)
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return 0
    return max((_in_json(document, path.split()) for path in EVENTS[code]), default=0)


def _in_json(node: Any, path: Sequence[str]) -> int:
    if not path:
        return len(node) if isinstance(node, list) else 0
    if path[0] == ".":
        return 1
    if path[0] == "*":
        return sum(_in_json(row, path[1:]) for row in (node if isinstance(node, list) else [node]))
    if isinstance(node, list) and path[0].startswith("key="):
        named = [row for row in node if isinstance(row, dict) and row.get("key") == path[0].removeprefix("key=")]
        return _in_json(named[0], path[1:]) if named else 0
    return _in_json(node.get(path[0]), path[1:]) if isinstance(node, dict) else 0


def _events_in_xml(path: Sequence[str], text: str) -> int:
    try:
        root = fromstring(text)
    except (ParseError, ValueError):
        return 0
    return _in_xml([root], path) if _local(root) == path[0] else 0


def _in_xml(elements: Sequence[Element], path: Sequence[str]) -> int:
    if len(path) == 1:
        said = [one for one in elements if len(one) or one.attrib or (one.text or "").strip()]
        return sum(_has_come(one) for one in said)
    below = [child for child in elements[0] if _local(child) == path[1]]
    return _in_xml(below, path[1:]) if below else 0


def _has_come(element: Element) -> bool:
    """DPD lists the steps ahead as well."""
    said = [(child.text or "").strip().lower() for child in element if _local(child) == "statusHasBeenReached"]
    return not said or said == ["true"]


def _local(element: Element) -> str:
    tag = element.tag.rpartition("}")[2]
    return f"data={element.get('name')}" if tag == "data" else tag


def scans_of(parsed: Parsed) -> list[ScanDoc]:
    return [scan for doc in parsed if isinstance(doc, ParcelDoc) for scan in _read(doc)]


def _read(doc: ParcelDoc) -> Iterator[ScanDoc]:
    for raw in doc.scans:
        yield msgspec.json.decode(raw, type=ScanDoc)


@pytest.mark.django_db
@every_payload
def test_any_order_of_scans_and_any_repetition_give_one_parcel(adapter: Adapter, path: Path) -> None:
    docs = [doc for doc in adapter.parse(topic(path), path.read_text()) if isinstance(doc, ParcelDoc) and doc.scans]
    for at, doc in enumerate(docs[:2]):
        told, late = parcels_for(adapter.code, doc)
        shuffled = Random(at).sample(doc.scans, len(doc.scans))
        turns = [doc.scans], [[raw] for raw in shuffled] + [doc.scans[::-1]]
        reached = [taken_in(adapter.code, doc, parcel, turn) for parcel, turn in zip((told, late), turns, strict=True)]
        assert reached[0] == reached[1]
        assert taken_in(adapter.code, doc, told, [doc.scans]) == reached[0]


def taken_in(source: str, doc: ParcelDoc, parcel: Parcel, turns: Sequence[Sequence[msgspec.Raw]]) -> tuple[Any, ...]:
    """What a parcel came to when it was told of these scans, some at a time."""
    number = parcel.tracking_number
    fulfilment = parcel.fulfilment.external_id if doc.fulfilment and parcel.fulfilment else ""
    for scans in turns:
        news = msgspec.structs.replace(
            doc, scans=list(scans), tracking_number=number, fulfilment=fulfilment, order="", unknown_number=False
        )
        add_scans(parcel.store, [news], source=source, now=NOW)
    parcel.refresh_from_db()
    known = parcel.scans.filter(source=source).count()
    assert known <= len(doc.scans)
    return parcel.status, parcel.status_at, parcel.reason, parcel.delivered_at, parcel.shipped_at, known


def parcels_for(source: str, doc: ParcelDoc) -> tuple[Parcel, Parcel]:
    """Two parcels as this one, ordered shortly before its first scan."""
    days = sorted(scan.occurred_at[:10] for scan in _read(doc) if re.match(r"\d{4}-", scan.occurred_at))
    placed_at = datetime.fromisoformat(f"{days[0]}T00:00:00+00:00") - timedelta(days=1)
    store = make_store(f"s{Parcel.objects.count()}")
    with clock.at(placed_at + timedelta(hours=2)):
        for number in ("N0NE1", "N0NE2"):
            order = make_order(store, number=number, source=source, placed_at=placed_at)
            ship(
                order,
                external_id=f"f{number}",
                tracking_number=number,
                carrier=doc.carrier,
                shipped_at=placed_at + timedelta(hours=1),
            )
        run_until_idle()
    first, second = Parcel.objects.of(store).select_related("store", "fulfilment").order_by("tracking_number")
    return first, second
