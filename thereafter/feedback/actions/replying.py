"""Answers of the shop: in public, to the author alone, and the one question whether the review still holds."""

from datetime import datetime

from django.db import IntegrityError, transaction

from thereafter.events.reviews import ReviewReplied, ReviewUpdateAsked
from thereafter.feedback.actions import author_news, ratings
from thereafter.feedback.models import FollowUp, Review, ReviewLetter
from thereafter.feedback.rules import moderation as rules
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.kit.wording import asks_for_stars
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

LONGEST = 3000
Kind = ReviewLetter.Kind


@transaction.atomic
def reply(review: Review, text: str, *, by: Staff, now: datetime) -> None:
    """Stands under the review for everybody; a second one replaces the first. Raises `CannotDecide`."""
    words = _said(text)
    known = Review.objects.of(review.store_id).select_for_update(of=("self",)).get(pk=review.pk)
    if known.state not in (Review.State.PUBLISHED, Review.State.PENDING):
        raise CannotDecide("This review is not shown, so an answer would not be either. Write to the author instead.")
    if known.reply == words:
        return
    is_first = not known.reply
    Review.objects.of(review.store_id).filter(pk=review.pk).update(reply=words, replied_at=now, replied_by=by)
    if known.state == Review.State.PUBLISHED:
        ratings.recount(review.store_id, [review.product_id], now=now)
    if is_first:
        _record_reply(known, words, by, now, public=True)
        author_news.tell(known, author_news.REPLY, key=f"{known.pk}", now=now)


@transaction.atomic
def remove_reply(review: Review, *, now: datetime) -> None:
    gone = Review.objects.of(review.store_id).filter(pk=review.pk).exclude(reply="")
    if gone.update(reply="", replied_at=None, replied_by=None):
        ratings.recount(review.store_id, [review.product_id], now=now)


@transaction.atomic
def write_privately(review: Review, text: str, *, by: Staff, now: datetime) -> ReviewLetter:
    """A message to the author, on their timeline and nowhere in public. Raises `CannotDecide`."""
    words = _said(text)
    if review.customer_id is None:
        raise CannotDecide("We do not know the customer who wrote this, so nobody can be written to.")
    letter = ReviewLetter.objects.create(
        store_id=review.store_id, review=review, kind=Kind.PRIVATE, text=words, by=by, at=now
    )
    author_news.tell(review, author_news.PRIVATE, key=str(letter.pk), now=now, letter_id=letter.pk)
    _record_reply(review, words, by, now, public=False)
    return letter


@transaction.atomic
def ask_update(review: Review, *, done: str, by: Staff, now: datetime) -> ReviewLetter:
    """Asks the author whether the review still says what they think; once, and after something was done (`done` says
    what). The words are ours and the same for all stars. Raises `CannotDecide`."""
    known = Review.objects.of(review.store_id).select_for_update(of=("self",)).get(pk=review.pk)
    problem = why_no_update(known)
    if problem:
        raise CannotDecide(problem)
    words = _said(done)
    letter = _letter(known, words, by, now)
    Review.objects.of(review.store_id).filter(pk=review.pk).update(update_asked_at=now)
    author_news.tell(known, author_news.UPDATE, key=str(known.pk), now=now, letter_id=letter.pk)
    ids = author_news.event_ids(known, known.customer_id or 0, now, by.pk)
    record(ReviewUpdateAsked(**ids, product_id=known.product_id))  # type: ignore[arg-type]  # the fields of every event
    return letter


def why_no_update(review: Review) -> str:
    """What keeps the author from being asked; "" when nothing does."""
    if review.customer_id is None:
        return "We do not know the customer who wrote this, so nobody can be asked."
    return rules.why_no_update(
        is_asked=review.update_asked_at is not None,
        is_public_or_pending=review.state in (Review.State.PUBLISHED, Review.State.PENDING),
        was_helped=was_helped(review),
    )


def was_helped(review: Review) -> bool:
    """Whether somebody did something since it was written: answered it, wrote to the author, or settled it."""
    written = ReviewLetter.objects.of(review.store_id).filter(review=review, kind=Kind.PRIVATE)
    settled = FollowUp.objects.of(review.store_id).filter(
        customer=review.customer_id, state=FollowUp.State.RESOLVED, closed_at__gte=review.written_at
    )
    return bool(review.reply) or written.exists() or settled.exists()


def _letter(review: Review, words: str, by: Staff, now: datetime) -> ReviewLetter:
    try:
        with transaction.atomic():
            return ReviewLetter.objects.create(
                store_id=review.store_id, review=review, kind=Kind.UPDATE, text=words, by=by, at=now
            )
    except IntegrityError:
        raise CannotDecide("The author was asked once already. Nobody is asked twice.") from None


def _said(text: str) -> str:
    """What is sent to an author or stands in public never asks for stars, and promises nothing for them."""
    words = text.strip()[:LONGEST]
    if not words:
        raise CannotDecide("Write a few words first.")
    asked = asks_for_stars(words)
    if asked:
        raise CannotDecide(str(asked[0]))
    return words


def _record_reply(review: Review, words: str, by: Staff, now: datetime, *, public: bool) -> None:
    if review.customer_id is None:
        return
    ids = author_news.event_ids(review, review.customer_id, now, by.pk)
    about = {"product_id": review.product_id, "public": public, "text": words}
    record(ReviewReplied(**ids, **about))  # type: ignore[arg-type]  # the fields of every event of a review
