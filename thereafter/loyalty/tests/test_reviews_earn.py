"""Points for reviews: the same for any stars, once for each, and only for what was bought here."""

from typing import Any

import pytest
from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.events.reviews import ReviewWritten
from thereafter.kit import clock
from thereafter.loyalty.models import Entry
from thereafter.loyalty.tests.givings import has, moment, person, publish
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

NOW = moment("2026-03-20 12:00")
WAYS: dict[str, Any] = {"review_text": {"points": 50}, "review_photo": {"points": 100}}
pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    made = make_store(time_zone="UTC")
    publish(made, rate="0", actions=WAYS)
    return made


@pytest.fixture
def ann(store: Store) -> Customer:
    return person(store)


def written(customer: Customer, review: int, **told: Any) -> ReviewWritten:
    usual: dict[str, Any] = {"rating": 3, "product_id": 1, "verified": True}
    ids: dict[str, Any] = {"store_id": customer.store_id, "customer_id": customer.pk, "occurred_at": NOW}
    return ReviewWritten(**ids, review_id=review, **(usual | told))


def tell(*events: ReviewWritten) -> None:
    with clock.at(NOW):
        with transaction.atomic():
            record(*events)
        run_until_idle()


@pytest.mark.parametrize("rating", [1, 2, 3, 4, 5])
def test_one_star_brings_what_five_bring(ann: Customer, rating: int) -> None:
    tell(written(ann, 7, rating=rating))
    assert has(ann) == 50
    assert Entry.objects.get(source="review:7").points == 50


def test_a_photo_brings_its_own_points_in_place_of_those_for_words(ann: Customer) -> None:
    tell(written(ann, 7, photos=2, has_words=True))
    assert has(ann) == 100


def test_a_review_brings_points_once(ann: Customer) -> None:
    tell(written(ann, 7), written(ann, 7, photos=1))
    tell(written(ann, 8))
    assert has(ann) == 100


def test_what_was_not_bought_here_or_was_brought_along_brings_nothing(ann: Customer) -> None:
    tell(written(ann, 7, verified=False), written(ann, 8, collected="imported"))
    assert not Entry.objects.exists()
