"""The kept numbers of a product's reviews are what counting gives, whatever happened in between."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.tests.makers import make_product
from thereafter.feedback.actions import ratings, reviews
from thereafter.feedback.models import GroupedProduct, Rating, Review, ReviewGroup
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.feedback.tests.shown import make_shoe, make_shop, reviewed
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
LATER = WRITTEN + timedelta(days=1)


@pytest.fixture
def store() -> Store:
    return make_shop()


def group(store: Store, *external_ids: str) -> ReviewGroup:
    made = ReviewGroup.objects.create(store=store, name="Runners", made_at=WRITTEN)
    for one in external_ids:
        GroupedProduct.objects.create(store=store, group=made, product=make_product(store, one))
    return made


def test_only_published_reviews_count(store: Store) -> None:
    reviewed(store, 5, 5, 2)
    make_review(store, 1, product=make_shoe(store))
    rating = Rating.objects.of(store).get()
    assert rating.counts == {5: 2, 4: 0, 3: 0, 2: 1, 1: 0}
    assert rating.mean == 4
    assert rating.changed_at == WRITTEN + timedelta(hours=2)


def test_a_review_that_is_taken_back_counts_no_more(store: Store) -> None:
    first, _ = reviewed(store, 5, 1)
    reviews.withdraw(first, now=LATER)
    assert Rating.objects.of(store).get().counts == {5: 0, 4: 0, 3: 0, 2: 0, 1: 1}


def test_each_change_that_shows_makes_a_new_generation(store: Store) -> None:
    first, _ = reviewed(store, 5, 4)
    before = Rating.objects.of(store).get().generation
    reviews.withdraw(first, now=LATER)
    assert Rating.objects.of(store).get().generation == before + 1


def test_products_of_a_group_share_their_numbers(store: Store) -> None:
    group(store, "shoe", "red")
    reviewed(store, 5, 3, product=make_product(store))
    assert [one.counts[3] for one in Rating.objects.of(store)] == [1, 1]
    assert {one.count for one in Rating.objects.of(store)} == {2}


def test_a_product_that_leaves_its_group_takes_its_own_along(store: Store) -> None:
    made = group(store, "shoe", "red")
    shoe, red = make_product(store), make_product(store, "red")
    reviewed(store, 5, product=shoe)
    GroupedProduct.objects.of(store).filter(group=made, product=red).delete()
    ratings.recount(store.pk, [shoe.pk, red.pk], now=LATER)
    assert {one.product_id: one.count for one in Rating.objects.of(store)} == {shoe.pk: 1, red.pk: 0}


def test_reviews_of_another_shop_are_never_counted(store: Store) -> None:
    reviewed(store, 5)
    other = make_store("other")
    ratings.recount(other.pk, [make_shoe(store).pk], now=LATER)
    assert Rating.objects.of(store).get().count == 1


def test_many_products_are_counted_in_a_constant_number_of_queries(store: Store) -> None:
    products = [make_product(store, f"p{at}").pk for at in range(30)]
    with CaptureQueriesContext(connection) as few:
        ratings.recount(store.pk, products[:2], now=WRITTEN)
    with CaptureQueriesContext(connection) as many:
        ratings.recount(store.pk, products, now=WRITTEN)
    assert len(many) == len(few)


def test_what_was_changed_behind_our_back_is_found_and_mended_at_night(store: Store) -> None:
    reviewed(store, 5, 4)
    assert ratings.prove(LATER) == 0
    Review.objects.of(store).filter(rating=5).update(rating=1)
    assert ratings.wrong(store.pk) == [make_shoe(store).pk]
    assert ratings.prove(LATER) == 1
    assert Rating.objects.of(store).get().counts == {5: 0, 4: 1, 3: 0, 2: 0, 1: 1}
    assert ratings.prove(LATER) == 0
