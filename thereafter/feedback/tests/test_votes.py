"""What visitors say of reviews: counted once for each, and never a reason to hide anything."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from thereafter.feedback.actions import widgets
from thereafter.feedback.actions.voting import vote
from thereafter.feedback.marks import mark, row_of
from thereafter.feedback.models import ProductAnswer, ProductQuestion, Report, Review, Vote
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.feedback.tests.shown import OTHER, SHOP, make_shoe, make_shop, reviewed
from thereafter.kit import clock
from thereafter.kit.tokens import BadToken
from thereafter.stores.models import Store

pytestmark = pytest.mark.django_db
LATER = WRITTEN + timedelta(days=1)
VOTES, REPORT = "/s/stride/feedback/votes/", "/s/stride/feedback/report/"


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_shop()


def posted(review: Review, helpful: str = "1", *, address: str = "203.0.113.9", **headers: str) -> Any:
    name = mark("review", review.store_id, review.pk)
    browser = Client(enforce_csrf_checks=True, headers=headers or {"accept": "application/json", "origin": SHOP})
    with clock.at(LATER):
        return browser.post(VOTES, {"review": name, "helpful": helpful}, REMOTE_ADDR=address)


def test_a_visitor_votes_once_and_the_last_word_counts(store: Store) -> None:
    (review,) = reviewed(store, 2)
    assert posted(review).json() == {"helpful": 1, "unhelpful": 0}
    assert posted(review).json() == {"helpful": 1, "unhelpful": 0}
    assert posted(review, "0").json() == {"helpful": 0, "unhelpful": 1}
    assert posted(review, address="198.51.100.7").json() == {"helpful": 1, "unhelpful": 1}
    assert Vote.objects.of(store).count() == 2


def test_a_new_address_of_the_same_network_is_no_new_visitor(store: Store) -> None:
    (review,) = reviewed(store, 4)
    posted(review)
    assert posted(review, address="203.0.113.77").json() == {"helpful": 1, "unhelpful": 0}


def test_nothing_kept_tells_who_voted(store: Store) -> None:
    (review,) = reviewed(store, 4)
    answer = posted(review)
    kept = Vote.objects.of(store).get()
    assert "203.0.113" not in kept.voter
    assert len(kept.voter) == 64
    assert not answer.cookies


def test_the_script_may_vote_from_the_shops_page_only(store: Store) -> None:
    (review,) = reviewed(store, 4)
    assert posted(review)["Access-Control-Allow-Origin"] == SHOP
    assert posted(review, origin=OTHER).status_code == 403
    widgets.change(store, {"sites": [OTHER]}, by=None, now=LATER)
    assert posted(review, origin=OTHER, accept="application/json").status_code == 200


def test_without_a_script_a_vote_leads_to_our_page(store: Store) -> None:
    (review,) = reviewed(store, 4)
    answer = posted(review, accept="text/html")
    assert answer.status_code == 302
    assert "/feedback/products/shoe/reviews" in answer["Location"]


def test_what_is_not_shown_cannot_be_voted_on(store: Store) -> None:
    waiting = make_review(store, 1, product=make_shoe(store))
    assert posted(waiting).status_code == 404
    assert not Vote.objects.of(store).exists()


def test_nobody_can_make_up_the_name_of_a_review(store: Store) -> None:
    (review,) = reviewed(store, 4)
    name = mark("review", store.pk, review.pk)
    assert row_of("review", store.pk, name) == review.pk
    for kind, shop, word in (("answer", store.pk, name), ("review", store.pk + 1, name), ("review", store.pk, "1-aa")):
        with pytest.raises(BadToken):
            row_of(kind, shop, word)


def test_many_votes_from_one_address_end(store: Store) -> None:
    (review,) = reviewed(store, 4)
    answers = [posted(review, str(at % 2)).status_code for at in range(61)]
    assert answers[-1] == 429
    assert set(answers[:60]) == {200}


def test_answers_can_be_voted_on_too(store: Store) -> None:
    shoe = make_shoe(store)
    question = ProductQuestion.objects.create(store=store, product=shoe, text="Dry?", state="published", asked_at=LATER)
    given = ProductAnswer.objects.create(
        store=store, question=question, by="shop", text="Yes.", state="published", answered_at=LATER, changed_at=LATER
    )
    with clock.at(LATER):
        html = Client().get("/s/stride/feedback/widgets/questions", {"product": "shoe"}).content.decode()
        name = mark("answer", store.pk, given.pk)
        assert name in html
        Client().post(VOTES, {"answer": name, "helpful": "1"})
    given.refresh_from_db()
    assert given.helpful == 1


def test_a_report_is_taken_once_and_hides_nothing(store: Store) -> None:
    (review,) = reviewed(store, 1)
    name = mark("review", store.pk, review.pk)
    with clock.at(LATER):
        assert Client().get(REPORT, {"review": name}).status_code == 200
        for _turn in range(2):
            answer = Client().post(f"{REPORT}?review={name}", {"reason": "fake", "text": "A copy."})
            assert answer.status_code == 302
        assert Client().post(f"{REPORT}?review={name}", {"reason": "bad for us"}).status_code == 422
    review.refresh_from_db()
    assert review.state == "published"
    assert Report.objects.of(store).get().reason == "fake"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_votes_at_once_are_all_counted_and_one_visitor_is_one(store: Store) -> None:
    (review,) = reviewed(store, 4)

    def press(number: int) -> None:
        try:
            vote(review, voter=f"v{number % 10}", is_helpful=number % 20 < 10, now=LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(press, range(40)))
    review.refresh_from_db()
    kept = Vote.objects.of(store)
    assert (review.helpful, review.unhelpful) == (
        kept.filter(is_helpful=True).count(),
        kept.filter(is_helpful=False).count(),
    )
    assert review.helpful + review.unhelpful == 10
