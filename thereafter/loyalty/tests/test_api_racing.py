"""Callers of the API at once, on connections of their own, on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from thereafter.config.scratch import Scratch, empty_database_for_threads
from thereafter.kit import clock
from thereafter.loyalty.models import Redemption
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.tests.test_racing import NOW, at_once, left, member
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def threads() -> Iterator[Scratch]:
    with clock.at(NOW), empty_database_for_threads() as scratch:
        yield scratch


def key_of(store: Store) -> str:
    return make_api_key(store, name="Shop", scopes=["loyalty:use"], now=NOW)[1]


def ask(token: str, key: str, points: int = 100) -> Any:
    client = Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key})
    body = {"member": {"email": "m1@example.com"}, "points": points}
    return client.post("/api/v1/loyalty/reserve", body, content_type="application/json")


def test_twenty_checkouts_at_once_hold_what_there_is(threads: Scratch) -> None:
    store = make_store()
    customer, token = member(store, 1, 500), key_of(store)
    answers = at_once(threads.joined, 20, lambda number: str(ask(token, f"k{number}").status_code))
    assert answers == {"200": 5, "409": 15}
    assert left(customer) == 0
    assert doubted() == {}


def test_one_call_sent_twenty_times_at_once_is_one(threads: Scratch) -> None:
    store = make_store()
    customer, token = member(store, 1, 500), key_of(store)
    answers = at_once(threads.joined, 20, lambda _: str(ask(token, "same").json()["repeat"]))
    assert answers == {"False": 1, "True": 19}
    assert left(customer) == 400
    assert Redemption.objects.count() == 1
