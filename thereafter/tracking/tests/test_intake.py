"""Scans by signed webhook, through the shop, and by the API."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.tests.makers import make_order, ship
from thereafter.commerce.webhooks import SOURCES, Call, thereafter_signature
from thereafter.events.parcels import ParcelDelivered
from thereafter.kit import clock
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.tests.makers import NUMBER, make_parcel

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 9, tzinfo=UTC)
DELIVERED = {"status": "delivered", "occurred_at": "2026-03-06T10:00:00+01:00"}
ONE = {"tracking_number": NUMBER, "carrier": "dhl", "scans": [DELIVERED]}


@pytest.fixture
def store() -> Store:
    return make_store()


def post(store: Store, body: Any, *, key: str = "k1", source: str = "carrier", topic: str = "scans") -> Inbound:
    text = body if isinstance(body, str) else json.dumps(body)
    with clock.at(NOW):
        inbox.put([Received(store.pk, "tracking", source, topic, key, text)], NOW)
        run_until_idle()
    return Inbound.objects.of(store).get(key=key)


def call(body: bytes, secret: str, now: datetime, **headers: str) -> Call:
    stamp = str(int(now.timestamp()))
    signed = {"x-thereafter-timestamp": stamp, "x-thereafter-signature": thereafter_signature(secret, stamp, body)}
    return Call({**signed, **headers}, body, now)


def test_a_call_that_is_signed_goes_to_our_room() -> None:
    envelope = SOURCES["carrier"](["s3cret"], call(b"{}", "s3cret", NOW))
    assert envelope is not None
    assert (envelope.room, envelope.topic) == ("tracking", "scans")


def test_a_call_signed_with_another_secret_or_long_ago_is_refused() -> None:
    assert SOURCES["carrier"](["s3cret"], call(b"{}", "other", NOW)) is None
    old = call(b"{}", "s3cret", NOW - timedelta(hours=1))
    assert SOURCES["carrier"](["s3cret"], Call(old.headers, old.body, NOW)) is None


def test_a_posted_scan_moves_the_parcel_and_its_repetition_does_not(store: Store) -> None:
    make_parcel(store)
    assert post(store, ONE).state == "done"
    assert post(store, ONE, key="k2").state == "done"
    assert_recorded(ParcelDelivered, times=1)


def test_scans_that_come_before_their_parcel_wait_for_it(store: Store) -> None:
    kept = post(store, ONE)
    assert (kept.state, kept.waits_for) == ("kept", f"parcel:{NUMBER}")
    make_parcel(store)
    with clock.at(NOW):
        run_until_idle()
    assert_recorded(ParcelDelivered)


def test_scans_that_come_before_their_order_wait_for_it(store: Store) -> None:
    kept = post(store, {"order": "#1001", "tracking_number": "NEW1", "carrier": "ups", "scans": [DELIVERED]})
    assert kept.waits_for == "order-number:1001"
    with clock.at(NOW):
        make_order(store, number="1001")
        run_until_idle()
    assert Parcel.objects.of(store).get(tracking_number="NEW1").status == "delivered"


def test_scans_that_wait_for_a_number_go_on_when_the_carrier_names_its_order(store: Store) -> None:
    with clock.at(NOW):
        make_order(store, number="1001")
        run_until_idle()
    kept = post(store, {"tracking_number": "NEW1", "scans": [DELIVERED]})
    assert kept.waits_for == "parcel:NEW1"
    moved = {"status": "in_transit", "occurred_at": "2026-03-05T10:00:00+01:00"}
    post(store, {"order": "1001", "tracking_number": "NEW1", "scans": [moved]}, key="k2")
    assert Parcel.objects.of(store).get(tracking_number="NEW1").status == "delivered"


def test_scans_that_wait_for_a_fulfilment_go_on_when_it_takes_over_a_parcel_we_knew(store: Store) -> None:
    with clock.at(NOW):
        order = make_order(store, source="shopify", number="1001")
        run_until_idle()
    moved = {"status": "in_transit", "occurred_at": "2026-03-05T10:00:00+01:00"}
    post(store, {"order": "1001", "tracking_number": "NEW1", "scans": [moved]})
    event = {"id": 5, "fulfillment_id": 77, "status": "delivered", "happened_at": "2026-03-06T10:00:00-05:00"}
    assert post(store, event, key="k2", source="shopify", topic="fulfillment_events/create").state == "kept"
    with clock.at(NOW):
        ship(order, external_id="77", tracking_number="NEW1")
        run_until_idle()
    assert Parcel.objects.of(store).get(tracking_number="NEW1").status == "delivered"


def test_of_a_call_with_many_parcels_each_has_its_own_fate(store: Store) -> None:
    make_parcel(store)
    post(store, {"parcels": [ONE, {"tracking_number": "LATER", "scans": [DELIVERED]}, {"scans": 7}, "?"]})
    assert_recorded(ParcelDelivered, times=1)
    assert Inbound.objects.of(store).filter(state="kept", waits_for="parcel:LATER").count() == 1
    assert inbox.refused(store).filter(reason__startswith="bad_document").count() == 2


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"scans": "none"}', '{"parcels": {}}', '{"scans": []}', '{"order": "\\u0000", "scans": []}'],
)
def test_what_cannot_be_read_is_kept_among_the_refused_with_a_reason(store: Store, body: str) -> None:
    row = post(store, body or "-")
    assert (row.state, bool(row.reason)) == ("refused", True)


def test_a_scan_that_cannot_be_read_is_refused_alone(store: Store) -> None:
    make_parcel(store)
    post(store, {**ONE, "scans": [{"status": "in_transit", "occurred_at": "soon"}, DELIVERED]})
    assert_recorded(ParcelDelivered, times=1)
    assert inbox.refused(store).get().reason.startswith("bad_time")


def test_html_in_a_scan_is_shown_as_text(store: Store, client: Client) -> None:
    make_parcel(store)
    post(store, {**ONE, "scans": [{**DELIVERED, "text": "<script>alert(1)</script>", "place": "<b>"}]})
    assert Scan.objects.of(store).get(status="delivered").text == "<script>alert(1)</script>"


def test_shopifys_fulfilment_events_find_their_parcel_by_the_fulfilment(store: Store) -> None:
    with clock.at(NOW):
        order = make_order(store, source="shopify")
        ship(order, external_id="77")
        run_until_idle()
    event = {"id": 5, "fulfillment_id": 77, "status": "delivered", "happened_at": "2026-03-06T10:00:00-05:00"}
    post(store, event, source="shopify", topic="fulfillment_events/create")
    assert_recorded(ParcelDelivered, order_id=order.pk)


def api(client: Client, token: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    with clock.at(NOW):
        return client.post("/api/v1/scans", json.dumps(body), content_type="application/json", headers=headers)


def test_the_api_answers_row_by_row(store: Store, client: Client) -> None:
    make_parcel(store)
    _, token = make_api_key(store, name="carrier", scopes=["tracking:write"], now=NOW)
    response = api(client, token, {"parcels": [ONE, {"tracking_number": "X", "scans": [DELIVERED]}, {"scans": []}, 7]})
    assert response.status_code == 200
    rows = response.json()["rows"]
    assert [(row["outcome"], row["new"]) for row in rows] == [
        ("taken", 1),
        ("waiting", 0),
        ("refused", 0),
        ("refused", 0),
    ]
    assert Inbound.objects.of(store).count() == 1
    again = api(client, token, {"parcels": [ONE]}).json()["rows"]
    assert (again[0]["outcome"], again[0]["new"]) == ("taken", 0)


def test_the_api_needs_a_key_of_the_right_scope_and_store(store: Store, client: Client) -> None:
    make_parcel(store)
    _, wrong = make_api_key(store, name="orders", scopes=["orders:write"], now=NOW)
    _, foreign = make_api_key(make_store("other"), name="carrier", scopes=["tracking:write"], now=NOW)
    assert api(client, "nonsense", ONE).status_code == 401
    assert api(client, wrong, ONE).status_code == 403
    assert api(client, foreign, ONE).json()["rows"][0]["outcome"] == "waiting"
    assert recorded(ParcelDelivered) == []


def test_the_api_says_why_it_cannot_read_a_call(store: Store, client: Client) -> None:
    _, token = make_api_key(store, name="carrier", scopes=["tracking:write"], now=NOW)
    response = api(client, token, [1])
    assert (response.status_code, "bad_document" in response.json()["detail"]) == (422, True)
