"""Telling by API: what is kept, what is refused in words, and that one store never reaches into another."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client

from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.customers import CustomerTracked
from thereafter.journeys.actions import publishing, telling
from thereafter.journeys.models import Journey, Run
from thereafter.kit import clock
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import OPENED, make_store
from thereafter.timeline.models import Entry, Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANA = {"email": "ana@example.com"}
DEEP = b'{"topic": "x", "customer": {"email": "a@b.example"}, "about": {"x": ' + b"[" * 9000 + b"]" * 9000 + b"}}"
CART: dict[str, Any] = {"topic": "cart.abandoned", "customer": ANA}


@pytest.fixture
def store() -> Store:
    return make_store()


def post(store: Store, path: str, body: Any, *, scope: str = "events:write", **headers: str) -> Any:
    _, token = stores.make_api_key(store, name="Shop", scopes=[scope], now=OPENED)
    sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    with clock.at(NOW):
        answer = client.post(f"/api/v1{path}", sent, content_type="application/json", headers=headers)
        run_until_idle()
    return answer


def called(store: Store, key: str = "rescue", **fields: Any) -> Journey:
    made = Journey.objects.create(
        **({"store": store, "key": key, "name": "Rescue", "live": True, "created_at": NOW} | fields)
    )
    publishing.publish(made, {"trigger": {"api": True}, "steps": [{"id": "tag", "kind": "tag", "tag": "x"}]}, now=NOW)
    return made


def test_what_is_told_stands_on_the_timeline_of_a_customer_who_is_known_from_then_on(store: Store) -> None:
    answer = post(store, "/events", CART | {"key": "c1", "about": {"items": [1, {"sku": "x"}]}})
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert_recorded(CustomerTracked, topic="cart.abandoned", key="c1", about={"items": [1, {"sku": "x"}]})
    assert Customer.objects.of(store).get().email == "ana@example.com"


@pytest.mark.parametrize(
    ("first", "second", "headers"),
    [
        (CART | {"key": "c1"}, CART | {"key": "c1", "about": {"total": 9}}, {}),
        (CART, CART | {"about": {"total": 9}}, {"Idempotency-Key": "k"}),
        (CART, CART, {}),
    ],
    ids=["its own key", "the caller's header", "the same content"],
)
def test_told_twice_is_once(store: Store, first: Any, second: Any, headers: dict[str, str]) -> None:
    assert post(store, "/events", first, **headers).status_code == 202
    assert post(store, "/events", second, **headers).status_code == 200
    assert_recorded(CustomerTracked, times=1)


def test_keys_of_different_topics_are_never_taken_for_one(store: Store) -> None:
    assert post(store, "/events", CART | {"topic": "a b", "key": "c"}).status_code == 202
    assert post(store, "/events", CART | {"topic": "a", "key": "b c"}).status_code == 202
    assert Entry.objects.filter(name="customer.tracked").count() == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "truncated"),
        (DEEP, "nested too deeply"),
        (CART | {"topic": ""}, "`topic` has 1 to 64"),
        (CART | {"customer": {}}, "Name the customer"),
        (CART | {"customer": {"email": ["x"]}}, "Expected `str`"),
        (CART | {"nonsense": 1}, "unknown field"),
        (CART | {"key": "k" * 61}, "at most 60"),
        (CART | {"about": {"text": "x" * 10_001}}, "at most 10,000"),
        (CART | {"about": {"text": ["a\x00b"]}}, "NUL"),
        (CART | {"about": {"a\x00": 1}}, "NUL"),
        (CART | {"topic": "a\x00b"}, "NUL"),
        (CART | {"occurred_at": "2026-03-03T10:00:00"}, "needs a time zone"),
        (CART | {"occurred_at": "9999-12-31T23:59:59Z"}, "not in the future"),
        (CART | {"occurred_at": "0001-01-01T00:00:00+14:00"}, "not before 1990"),
        (CART | {"topic": "journey:rescue"}, "does not begin with journey:"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(store: Store, body: Any, says: str) -> None:
    answer = post(store, "/events", body)
    assert answer.status_code == 422, answer.content
    assert says in answer.json()["reason"]
    assert not Inbound.objects.exists()


def test_who_is_nobody_is_kept_with_the_reason(store: Store) -> None:
    post(store, "/events", CART | {"customer": {"external_id": "7"}})
    assert Inbound.objects.get().reason.startswith("bad_customer")


def test_a_journey_is_entered_by_name_each_time_it_is_called(store: Store) -> None:
    called(store)
    assert post(store, "/journeys/rescue/trigger", {"customer": ANA, "key": "1"}).status_code == 202
    assert post(store, "/journeys/rescue/trigger", {"customer": ANA, "key": "1"}).status_code == 200
    assert post(store, "/journeys/rescue/trigger", {"customer": ANA, "key": "2"}).status_code == 202
    assert Run.objects.filter(state="done").count() == 2
    assert Customer.objects.get().traits["tags"] == ["x"]


def test_a_journey_that_takes_nobody_says_so(store: Store) -> None:
    called(store, "off", live=False)
    called(store, "gone", archived_at=NOW)
    other = Journey.objects.create(store=store, key="other", name="Other", live=True, created_at=NOW)
    steps = [{"id": "tag", "kind": "tag", "tag": "x"}]
    publishing.publish(other, {"trigger": {"event": "order.placed"}, "steps": steps}, now=NOW)
    for key, status in (("off", 409), ("gone", 404), ("other", 409), ("nowhere", 404)):
        assert post(store, f"/journeys/{key}/trigger", {"customer": ANA}).status_code == status
    assert not Run.objects.exists()


def test_another_stores_key_reaches_nothing_of_ours(store: Store) -> None:
    order, theirs = make_order(store, email="ana@example.com"), make_store("outlet")
    called(store)
    assert post(theirs, "/journeys/rescue/trigger", {"customer": ANA}).status_code == 404
    post(theirs, "/events", CART | {"order": order.number})
    told = Entry.objects.get(name="customer.tracked")
    assert (told.store_id, told.order_id) == (theirs.pk, None)
    assert told.customer_id != order.customer_id
    assert post(store, "/events", CART, scope="orders:read").status_code == 403


def test_an_order_of_somebody_else_is_not_taken_for_the_customers(store: Store) -> None:
    order = make_order(store, email="john@example.com")
    post(store, "/events", CART | {"order": order.number})
    assert Entry.objects.get(name="customer.tracked").order_id is None


def test_one_call_that_cannot_be_taken_holds_up_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take = telling._take

    def poisoned(shop: Store, told: telling.Told, key: str, now: datetime) -> Any:
        if told.key == "c3":
            raise KeyError("c3")
        return take(shop, told, key, now)

    monkeypatch.setattr(telling, "_take", poisoned)
    for number in range(5):
        told = telling.Told(topic="cart.abandoned", customer=telling.Who(email="ana@example.com"), key=f"c{number}")
        telling.keep(store, told, given="", now=NOW)
    telling.drain(NOW, 500)
    assert Entry.objects.filter(name="customer.tracked").count() == 4
    telling.drain(NOW + timedelta(minutes=1), 500)
    assert Inbound.objects.get(state="waiting").reason == "KeyError: 'c3'"
