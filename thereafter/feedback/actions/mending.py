"""Typing errors that the shop mends: never stars, never meaning; the author is told and may take it back."""

from datetime import datetime

from django.db import transaction

from thereafter.feedback.actions import author_news, ratings, reviews
from thereafter.feedback.models import Review, ReviewVersion
from thereafter.feedback.rules import moderation as rules
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.stores.models import Staff


@transaction.atomic
def mend_typo(review: Review, *, title: str, body: str, by: Staff, now: datetime) -> ReviewVersion:
    """Keeps what stood before. Raises `CannotDecide` when more than typing errors would change, or the author is
    unknown and could not take it back."""
    known = Review.objects.of(review.store_id).select_for_update(of=("self",)).get(pk=review.pk)
    title, body = " ".join(title.split()), body.strip()
    if known.customer_id is None:
        raise CannotDecide(
            "The author is not a customer we know, so nobody could be told. Leave the words as they are."
        )
    if known.state == Review.State.WITHDRAWN:
        raise CannotDecide("The author took this review back.")
    if (title, body) == (known.title, known.body):
        raise CannotDecide("Nothing was changed.")
    if not (rules.is_mending(known.title, title) and rules.is_mending(known.body, body)):
        raise CannotDecide(
            "This changes more than typing errors. What a review says is the author's; hide it if there is a reason to."
        )
    kept = _put(known, title, body, "shop", by, now)
    author_news.tell(known, author_news.MENDED, key=str(kept.pk), now=now, version_id=kept.pk)
    return kept


@transaction.atomic
def take_back(version: ReviewVersion, *, now: datetime) -> bool:
    """The author wants their own words again; False when they changed the review since, or took it back already."""
    known = Review.objects.of(version.store_id).select_for_update(of=("self",)).get(pk=version.review_id)
    if version.changed_by != "shop" or not stands(version, known):
        return False
    _put(known, version.title, version.body, "author", None, now)
    return True


def stands(version: ReviewVersion, review: Review) -> bool:
    """Whether what the shop mended is what the review says now."""
    return review.version == version.number + 1 and review.state != Review.State.WITHDRAWN


def _put(review: Review, title: str, body: str, changed_by: str, by: Staff | None, now: datetime) -> ReviewVersion:
    kept = reviews.keep_version(review, now=now, staff=by, changed_by=changed_by)
    Review.objects.of(review.store_id).filter(pk=review.pk).update(
        title=title, body=body, version=review.version + 1, changed_at=now
    )
    if review.state == Review.State.PUBLISHED:
        ratings.recount(review.store_id, [review.product_id], now=now)
    return kept
