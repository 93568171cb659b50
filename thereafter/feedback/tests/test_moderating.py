"""Hiding and publishing: a reason, a second person for few stars, and an author who hears of it and may object."""

from datetime import timedelta

import pytest

from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.reviews import AppealDecided, AppealMade, ReviewHidden, ReviewReplied, ReviewUpdateAsked
from thereafter.feedback.actions import appeals, mending, moderating, replying, reviews
from thereafter.feedback.actions.reviews import Draft
from thereafter.feedback.models import Decision, FollowUp, Rating, Review, ReviewVersion
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.kit import clock
from thereafter.messaging import library, linting
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = WRITTEN + timedelta(days=1)
State = Review.State


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def anna(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def ben(store: Store) -> Staff:
    return make_staff(store, role="marketer", email="ben@stride.example")


def state(review: Review) -> str:
    return Review.objects.get(pk=review.pk).state


@pytest.mark.parametrize("rating", [1, 2, 3])
@pytest.mark.parametrize("is_published", [False, True])
def test_few_stars_are_hidden_by_two_people(
    store: Store, anna: Staff, ben: Staff, rating: int, is_published: bool
) -> None:
    review = make_review(store, rating, is_published=is_published)
    before = state(review)
    decision = moderating.hide(review, reason="abuse", note="", by=anna, now=NOW)
    assert (decision.state, state(review)) == ("proposed", before)
    with pytest.raises(CannotDecide, match="second person"):
        moderating.confirm(decision, by=anna, now=NOW)
    assert state(review) == before
    moderating.confirm(decision, by=ben, now=NOW)
    assert state(review) == State.HIDDEN
    assert_recorded(ReviewHidden, review_id=review.pk, reason="abuse", decision_id=decision.pk)


@pytest.mark.parametrize("rating", [4, 5])
def test_many_stars_are_hidden_by_one(store: Store, anna: Staff, rating: int) -> None:
    review = make_review(store, rating, is_published=True)
    assert Rating.objects.get().count == 1
    moderating.hide(review, reason="spam", note="", by=anna, now=NOW)
    assert state(review) == State.HIDDEN
    assert Rating.objects.get().count == 0


@pytest.mark.parametrize("reason", ["", "bad_for_us", "low_stars", "imported_hidden"])
def test_hiding_names_a_reason_of_the_list(store: Store, anna: Staff, reason: str) -> None:
    review = make_review(store, 5)
    with pytest.raises(CannotDecide):
        moderating.hide(review, reason=reason, note="It hurts us.", by=anna, now=NOW)
    assert state(review) == State.PENDING


def test_calling_somebody_a_fake_takes_evidence(store: Store, anna: Staff) -> None:
    review = make_review(store, 5)
    with pytest.raises(CannotDecide, match="write down"):
        moderating.hide(review, reason="fake", note=" ", by=anna, now=NOW)
    moderating.hide(review, reason="fake", note="Same words under forty products.", by=anna, now=NOW)
    assert state(review) == State.HIDDEN


def test_a_second_person_may_say_no_and_nothing_is_hidden(store: Store, anna: Staff, ben: Staff) -> None:
    review = make_review(store, 1, is_published=True)
    decision = moderating.hide(review, reason="off_topic", note="", by=anna, now=NOW)
    moderating.refuse(decision, by=ben, now=NOW, note="It is about the shoe.")
    assert state(review) == State.PUBLISHED
    with pytest.raises(CannotDecide, match="already"):
        moderating.confirm(decision, by=ben, now=NOW)
    assert Message.objects.filter(template="review_hidden").count() == 0


def test_what_the_author_changed_since_is_not_hidden_for_what_it_said(store: Store, anna: Staff, ben: Staff) -> None:
    review = make_review(store, 1, "Call the idiot on 0170 1234567.")
    decision = moderating.hide(review, reason="personal_data", note="", by=anna, now=NOW)
    reviews.change(review, Draft(rating=1, body="Nobody answers the phone."), now=NOW + timedelta(hours=1))
    with pytest.raises(CannotDecide, match="changed"):
        moderating.confirm(decision, by=ben, now=NOW + timedelta(hours=2))


def test_two_cannot_propose_the_same(store: Store, anna: Staff, ben: Staff) -> None:
    review = make_review(store, 2)
    moderating.hide(review, reason="spam", note="", by=anna, now=NOW)
    with pytest.raises(CannotDecide, match="already"):
        moderating.hide(review, reason="abuse", note="", by=ben, now=NOW)


def test_publishing_in_bulk_takes_any_stars_and_leaves_what_waits_for_a_second_look(store: Store, anna: Staff) -> None:
    given = [make_review(store, stars, email=f"{stars}@example.com") for stars in range(1, 6)]
    moderating.hide(given[0], reason="abuse", note="", by=anna, now=NOW)
    assert moderating.approve(store, [one.pk for one in given], by=anna, now=NOW) == 4
    assert [state(one) for one in given] == ["pending", *["published"] * 4]
    assert Decision.objects.filter(what="publish", by=anna).count() == 4


def test_the_author_is_told_and_an_objection_is_decided_by_somebody_else(store: Store, anna: Staff, ben: Staff) -> None:
    review = make_review(store, 5, is_published=True)
    decision = moderating.hide(review, reason="off_topic", note="", by=anna, now=NOW)
    assert Message.objects.filter(template="review_hidden", customer=review.customer).count() == 1
    made = appeals.appeal(decision, "It is about the shoe.", now=NOW)
    assert appeals.appeal(decision, "Once more.", now=NOW).text == made.text
    with pytest.raises(CannotDecide, match="colleague"):
        appeals.decide(made, upheld=True, answer="Fine.", by=anna, now=NOW)
    appeals.decide(made, upheld=True, answer="You are right.", by=ben, now=NOW)
    assert state(review) == State.PUBLISHED
    assert_recorded(AppealMade, review_id=review.pk)
    assert_recorded(AppealDecided, review_id=review.pk, upheld=True, answer="You are right.")
    assert Message.objects.filter(template="review_appeal_decided").count() == 1


def test_who_agreed_to_hiding_decides_no_appeal_where_a_third_person_is_there(
    store: Store, anna: Staff, ben: Staff
) -> None:
    review = make_review(store, 1)
    decision = moderating.confirm(moderating.hide(review, reason="abuse", note="", by=anna, now=NOW), by=ben, now=NOW)
    made = appeals.appeal(decision, "I was polite.", now=NOW)
    assert appeals.may_judge(decision, ben)
    eve = make_staff(store, role="support", email="eve@stride.example")
    assert (appeals.may_judge(decision, ben), appeals.may_judge(decision, eve)) == (False, True)
    appeals.decide(made, upheld=False, answer="It insults our driver by name.", by=eve, now=NOW)
    assert state(review) == State.HIDDEN


def test_what_is_about_delivery_is_followed_up(store: Store, anna: Staff) -> None:
    review = make_review(store, 5, "The parcel came late, the shoe is great.")
    moderating.hide(review, reason="not_about_product", note="", by=anna, now=NOW)
    assert FollowUp.objects.get().review == review


def test_what_an_author_changed_after_it_was_hidden_is_looked_at_anew(store: Store, anna: Staff) -> None:
    review = make_review(store, 5, "Call 0170 1234567.", is_published=True)
    decision = moderating.hide(review, reason="personal_data", note="", by=anna, now=NOW)
    reviews.change(review, Draft(rating=5, body="They fit."), now=NOW + timedelta(hours=1))
    assert state(review) == State.PENDING
    with pytest.raises(CannotDecide, match="not hidden"):
        appeals.appeal(decision, "I have changed it.", now=NOW + timedelta(hours=2))
    moderating.approve(store, [review.pk], by=anna, now=NOW + timedelta(hours=3))
    decision.refresh_from_db()
    assert (state(review), decision.state) == (State.PUBLISHED, "lifted")


def test_a_photo_of_few_stars_is_hidden_by_two_as_well(store: Store, anna: Staff, ben: Staff) -> None:
    review = make_review(store, 2)
    photo = review.photos.create(store=store, fingerprint="x", content=b"", thumbnail=b"", added_at=NOW)
    decision = moderating.hide_photo(photo, reason="personal_data", note="", by=anna, now=NOW)
    photo.refresh_from_db()
    assert not photo.is_hidden
    moderating.confirm(decision, by=ben, now=NOW)
    photo.refresh_from_db()
    assert (photo.is_hidden, state(review)) == (True, State.PENDING)
    moderating.lift(decision, by=anna, note="", now=NOW)
    photo.refresh_from_db()
    assert not photo.is_hidden


def test_an_answer_stands_once_and_the_author_hears_of_the_first(store: Store, anna: Staff) -> None:
    review = make_review(store, 2, is_published=True)
    replying.reply(review, "We are sorry.", by=anna, now=NOW)
    replying.reply(review, "We are sorry, John.", by=anna, now=NOW)
    assert Message.objects.filter(template="review_reply").count() == 1
    assert_recorded(ReviewReplied, review_id=review.pk, public=True)
    replying.remove_reply(review, now=NOW)
    assert Review.objects.get(pk=review.pk).reply == ""


def test_no_answer_asks_for_stars_or_pays_for_them(store: Store, anna: Staff) -> None:
    review = make_review(store, 2, is_published=True)
    for words in ("Please give us five stars.", "A 10% coupon for a 5-star review!"):
        with pytest.raises(CannotDecide, match="stars"):
            replying.reply(review, words, by=anna, now=NOW)
        with pytest.raises(CannotDecide, match="stars"):
            replying.write_privately(review, words, by=anna, now=NOW)


def test_an_author_is_asked_to_look_again_once_and_only_after_something_was_done(store: Store, anna: Staff) -> None:
    review = make_review(store, 5, is_published=True)
    with pytest.raises(CannotDecide, match="Do something first"):
        replying.ask_update(review, done="We sent new laces.", by=anna, now=NOW)
    replying.write_privately(review, "New laces are on their way.", by=anna, now=NOW)
    replying.ask_update(review, done="We sent new laces.", by=anna, now=NOW)
    assert_recorded(ReviewUpdateAsked, review_id=review.pk)
    with pytest.raises(CannotDecide, match="once"):
        replying.ask_update(review, done="Again.", by=anna, now=NOW)


def test_typing_errors_are_mended_and_the_author_may_take_it_back(store: Store, anna: Staff) -> None:
    review = make_review(store, 2, "Teh sole came of after a week.", is_published=True)
    version = mending.mend_typo(review, title="", body="The sole came off after a week.", by=anna, now=NOW)
    kept = ReviewVersion.objects.get()
    assert (kept.body, kept.rating, kept.changed_by, kept.staff) == (review.body, 2, "shop", anna)
    assert Message.objects.filter(template="review_mended").count() == 1
    assert mending.take_back(version, now=NOW)
    assert Review.objects.get(pk=review.pk).body == "Teh sole came of after a week."
    assert not mending.take_back(version, now=NOW)


@pytest.mark.parametrize("body", ["The sole stayed on for a week.", "The sole came off after a year.", ""])
def test_what_a_review_says_is_not_mended(store: Store, anna: Staff, body: str) -> None:
    review = make_review(store, 2, "The sole came off after a week.")
    with pytest.raises(CannotDecide, match="author"):
        mending.mend_typo(review, title="", body=body, by=anna, now=NOW)


def test_stars_cannot_be_mended_at_all(store: Store, anna: Staff) -> None:
    order = make_order(store)
    review = make_review(store, 1, "Teh worst.", order=order)
    mending.mend_typo(review, title="", body="The worst.", by=anna, now=NOW)
    assert Review.objects.get(pk=review.pk).rating == 1


LETTERS = (
    "review_hidden",
    "review_appeal_decided",
    "review_mended",
    "review_reply",
    "review_private",
    "review_update",
)


@pytest.mark.parametrize("key", LETTERS)
def test_every_letter_to_an_author_speaks_all_languages_and_asks_for_no_stars(store: Store, key: str) -> None:
    assert set(library.languages(key)) == {"en", "de", "fr", "es", "pt"}
    assert linting.may_publish(linting.findings(store, key, library.document(key), NOW))


@pytest.mark.parametrize(("locale", "why"), [("en", "personal details"), ("de-DE", "persönliche Angaben")])
def test_the_letter_says_why_in_the_author_s_language_and_where_to_object(
    store: Store, anna: Staff, locale: str, why: str
) -> None:
    review = make_review(store, 5, "Call 0170 1234567.")
    Customer.objects.update(locale=locale)
    with clock.at(NOW):
        decision = moderating.hide(review, reason="personal_data", note="Secret.", by=anna, now=NOW)
        run_until_idle()
    message = Message.objects.get(template="review_hidden")
    assert message.state == "sent", message.reason
    html = render_again(message).html
    assert why in html
    assert "/feedback/reviews/hidden/" in html
    assert "Secret." not in html
    decision.refresh_from_db()
    assert why in decision.told


def test_the_letter_about_a_photo_does_not_say_that_the_review_is_hidden(store: Store, anna: Staff) -> None:
    review = make_review(store, 5)
    photo = review.photos.create(store=store, fingerprint="x", content=b"", thumbnail=b"", added_at=NOW)
    with clock.at(NOW):
        moderating.hide_photo(photo, reason="personal_data", note="", by=anna, now=NOW)
        run_until_idle()
    html = render_again(Message.objects.get(template="review_hidden")).html
    assert "A photo of your review is not shown" in html
    assert "Your review is not shown" not in html


def test_all_letters_go_out_with_what_they_are_about(store: Store, anna: Staff, ben: Staff) -> None:
    review = make_review(store, 4, "Teh sole is fine.", is_published=True)
    with clock.at(NOW):
        replying.reply(review, "Thank you for that.", by=anna, now=NOW)
        replying.write_privately(review, "New laces are on their way.", by=anna, now=NOW)
        replying.ask_update(review, done="We sent new laces.", by=anna, now=NOW)
        mending.mend_typo(review, title="", body="The sole is fine.", by=anna, now=NOW)
        decision = moderating.hide(review, reason="spam", note="", by=anna, now=NOW)
        appeals.decide(appeals.appeal(decision, "No.", now=NOW), upheld=False, answer="It links.", by=ben, now=NOW)
        run_until_idle()
        told = {one.template: one for one in Message.objects.filter(template__in=LETTERS)}
        assert {one.state for one in told.values()} <= {"sent", "queued"}, {k: v.reason for k, v in told.items()}
        assert set(told) == set(LETTERS)
        sent = {key: render_again(one).html for key, one in told.items() if one.state == "sent"}
    says = {
        "review_reply": "Thank you for that.",
        "review_private": "New laces are on their way.",
        "review_update": "We sent new laces.",
        "review_mended": "/feedback/reviews/mended/",
        "review_appeal_decided": "It links.",
    }
    assert {key: words in sent[key] for key, words in says.items() if key in sent} == dict.fromkeys(
        [key for key in says if key in sent], True
    )
    assert {"review_hidden", "review_private", "review_mended", "review_appeal_decided"} <= set(sent)
