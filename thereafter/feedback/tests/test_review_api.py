"""Reviews that the shop's own systems send, and reading those that are here."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.models import Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_product
from thereafter.events.reviews import ReviewWritten
from thereafter.feedback.actions import review_intake
from thereafter.feedback.models import Review, ReviewSettings
from thereafter.kit import clock
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import OPENED, make_store
from thereafter.timeline import inbox
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
LATER = PLACED + timedelta(days=40)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def shoe(store: Store) -> Product:
    return make_product(store)


def review(name: str = "r1", **fields: Any) -> dict[str, Any]:
    return {
        "external_id": name,
        "product": "shoe",
        "rating": 4,
        "body": "Order a size up.",
        "author": "John Runner",
        "email": "john@example.com",
        "written_at": "2026-03-20T10:00:00Z",
        **fields,
    }


def headers(store: Store, *scopes: str) -> dict[str, str]:
    _, token = make_api_key(store, name="test", scopes=scopes, now=OPENED)
    return {"Authorization": f"Bearer {token}"}


def post(store: Store, *sent: Any) -> Any:
    with clock.at(LATER):
        response = Client().post(
            "/api/v1/reviews",
            json.dumps({"reviews": list(sent)}),
            content_type="application/json",
            headers=headers(store, "feedback:write"),
        )
        run_until_idle()
    return response


def refusals(store: Store) -> list[str]:
    return [row.reason.split(":")[0] for row in inbox.refused(store)]


def test_a_review_is_taken_and_verified_by_the_order_here(store: Store, shoe: Product) -> None:
    order = make_order(store)
    answer = post(store, review())
    assert (answer.status_code, answer.json()) == (202, {"received": 1, "duplicate": False})
    kept = Review.objects.get()
    assert (kept.is_verified, kept.order_id, kept.collected) == (True, order.pk, "api")
    assert (kept.state, kept.shown_name, kept.email) == (Review.State.PENDING, "John R.", "")
    assert_recorded(ReviewWritten, collected="api", verified=True)


def test_nobody_can_say_that_they_bought_it(store: Store, shoe: Product) -> None:
    post(store, review(is_verified=True, verified="buyer"))
    kept = Review.objects.get()
    assert (kept.is_verified, kept.customer) == (False, None)
    assert_recorded(ReviewWritten, times=0)


def test_the_same_review_counts_once(store: Store, shoe: Product) -> None:
    post(store, review())
    post(store, review(), review("r2"))
    assert sorted(Review.objects.values_list("external_id", flat=True)) == ["r1", "r2"]


def test_two_reviews_of_one_purchase_are_verified_once(store: Store, shoe: Product) -> None:
    make_order(store)
    post(store, review(), review("r2"))
    post(store, review("r3"))
    assert sorted(Review.objects.values_list("is_verified", flat=True)) == [False, False, True]


def test_what_is_wrong_is_refused_with_its_reason_and_the_others_go_in(store: Store, shoe: Product) -> None:
    bad = [
        review("a", rating=6),
        review("b", product="nothing"),
        review("c", written_at="2026-03-20T10:00:00"),
        review("d", written_at="2036-03-20T10:00:00Z"),
        review("e", email="no address"),
        review("", rating=3),
        "text",
    ]
    post(store, review(), *bad)
    assert Review.objects.count() == 1
    assert sorted(refusals(store)) == [
        "bad_email",
        "bad_review",
        "in_the_future",
        "no_id",
        "no_time_zone",
        "not_a_review",
        "unknown_product",
    ]


def test_what_was_refused_goes_in_once_its_product_is_there(store: Store) -> None:
    post(store, review())
    (row,) = inbox.refused(store)
    make_product(store)
    with clock.at(LATER):
        assert inbox.replay(store, row.pk, LATER)
        run_until_idle()
    assert Review.objects.count() == 1


def test_a_body_that_is_none_is_told_at_once(store: Store) -> None:
    assert post(store).status_code == 422


@pytest.mark.parametrize("checks_first", [True, False])
def test_all_stars_go_the_same_way(store: Store, shoe: Product, checks_first: bool) -> None:
    ReviewSettings.objects.create(store=store, checks_first=checks_first)
    post(store, *(review(f"r{rating}", rating=rating, email="") for rating in range(1, 6)))
    assert len(set(Review.objects.values_list("state", flat=True))) == 1


def test_reviews_are_read_without_addresses(store: Store, shoe: Product) -> None:
    post(store, *(review(f"r{number}", email=f"p{number}@example.com") for number in range(120)))
    key = headers(store, "feedback:read")
    page = Client().get("/api/v1/reviews", headers=key)
    assert "@example.com" not in page.content.decode()
    first = page.json()
    rest = Client().get(f"/api/v1/reviews?after={first['next']}&product=shoe", headers=key).json()
    assert (len(first["reviews"]), len(rest["reviews"]), rest["next"]) == (100, 20, 0)
    assert first["reviews"][0]["author"] == "John R."
    assert Client().get("/api/v1/reviews", headers=headers(store, "orders:read")).status_code in {401, 403}


def test_many_reviews_take_a_fixed_number_of_queries(
    store: Store, shoe: Product, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        make_order(store, email=f"p{number}@example.com")
    body = json.dumps({"reviews": [review(f"r{number}", email=f"p{number}@example.com") for number in range(40)]})
    with clock.at(LATER):
        inbox.put([inbox.Received(store.pk, "reviews", "api", "reviews", "k", body)], LATER)
    with django_assert_max_num_queries(60), clock.at(LATER):
        inbox.drain("reviews", lambda rows: review_intake.take_calls(rows, now=LATER), LATER, limit=20)
    assert Review.objects.filter(is_verified=True).count() == 40
