"""Webhooks of carriers and aggregators, through the real intake."""

import base64
import hmac
import json

import pytest

from thereafter.commerce.webhooks import SOURCES
from thereafter.config.tests.test_intake import post
from thereafter.console import sources
from thereafter.kit import clock
from thereafter.stores import actions
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import OPENED, make_store
from thereafter.timeline.models import Inbound
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.models import Parcel
from thereafter.tracking.tests.makers import make_parcel

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "aftership-secret-0123456789"
PATH = "/hooks/stride/aftership"
PUSHING = sorted(code for code, adapter in ADAPTERS.items() if adapter.verify)


@pytest.fixture
def store() -> Store:
    store = make_store()
    actions.connect(store, "aftership", now=OPENED, secret=SECRET)
    return store


def body(number: str = "TP1", tag: str = "OutForDelivery", subtag: str = "OutForDelivery_001") -> bytes:
    checkpoint = {
        "checkpoint_time": "2026-03-05T08:10:00+01:00",
        "tag": tag,
        "subtag": subtag,
        "message": "On the van",
        "city": "Kassel",
    }
    message = {"id": "trk1", "tracking_number": number, "slug": "dhl", "tag": tag, "checkpoints": [checkpoint]}
    return json.dumps({"event": "tracking_update", "event_id": "e-1", "msg": message, "ts": 1772700000}).encode()


def signature(raw: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"aftership-hmac-sha256": base64.b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()}


def test_a_signed_push_moves_its_parcel_and_its_repetition_changes_nothing(store: Store) -> None:
    parcel = make_parcel(store, tracking_number="TP1")
    raw = body()
    assert post(raw, signature(raw), PATH)[0] == 202
    assert post(raw, signature(raw), PATH) == (200, {"status": "duplicate"})
    run_until_idle()
    parcel.refresh_from_db()
    assert parcel.status == "out_for_delivery"
    kept = Inbound.objects.of(store).get(source="aftership")
    assert (kept.topic, kept.state, kept.room) == ("push", "done", "tracking")


def test_a_push_before_its_parcel_waits_for_it(store: Store) -> None:
    raw = body("LATER1")
    assert post(raw, signature(raw), PATH)[0] == 202
    run_until_idle()
    assert Inbound.objects.of(store).get(source="aftership").waits_for == "parcel:LATER1"
    make_parcel(store, tracking_number="LATER1")
    with clock.at(clock.now()):
        run_until_idle()
    assert Parcel.objects.of(store).get().status == "out_for_delivery"


@pytest.mark.parametrize("code", PUSHING)
def test_unsigned_and_wrongly_signed_pushes_leave_nothing(store: Store, code: str) -> None:
    actions.connect(store, code, now=OPENED, secret="the-right-secret")
    raw = body()
    path = f"/hooks/stride/{code}"
    assert post(raw, {}, path)[0] == 401
    assert post(raw, signature(raw, "the-wrong-secret"), path)[0] == 401
    assert not Inbound.objects.exists()


def test_a_push_to_a_store_that_is_not_connected_leaves_nothing(store: Store) -> None:
    make_store("other")
    raw = body()
    assert post(raw, signature(raw), "/hooks/other/aftership")[0] == 401
    assert not Inbound.objects.exists()


def test_who_pushes_is_offered_on_the_connections_page() -> None:
    assert set(PUSHING) <= SOURCES.keys()
    assert all(sources.find(code) for code in PUSHING)
    assert all(sources.find(code).steps for code in PUSHING)  # type: ignore[union-attr]  # each has its steps


def test_what_trackship_writes_into_an_order_of_woocommerce_moves_its_parcel(store: Store) -> None:
    parcel = make_parcel(store, tracking_number="TP1")
    actions.connect(store, "woocommerce_tracking", now=OPENED, secret=SECRET)
    path = "/hooks/stride/woocommerce_tracking"
    event = {"datetime": "2026-03-05T08:10:00+01:00", "status": "out_for_delivery", "message": "On the van"}
    told = {
        "_wc_shipment_tracking_items": [{"tracking_provider": "dhl", "tracking_number": "TP1"}],
        "shipment_status": [{"status": "out_for_delivery", "tracking_events": [event]}],
    }
    meta = [{"key": key, "value": value} for key, value in told.items()]
    raw = json.dumps({"id": 7, "number": parcel.order.number, "meta_data": meta}).encode()
    signed = base64.b64encode(hmac.digest(SECRET.encode(), raw, "sha256")).decode()
    headers = {"x-wc-webhook-signature": signed, "x-wc-webhook-topic": "order.updated"}
    assert post(b"webhook_id=5", {}, path)[0] == 200  # the shop knocks before it lets a merchant save
    assert post(raw, headers, path)[0] == 202
    run_until_idle()
    parcel.refresh_from_db()
    assert parcel.status == "out_for_delivery"
