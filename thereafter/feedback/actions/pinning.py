"""Putting one review of a product first; it says so, and the others keep their order."""

from datetime import datetime

from django.db import transaction

from thereafter.feedback.actions import ratings
from thereafter.feedback.models import Review
from thereafter.feedback.rules.moderation import CannotDecide


@transaction.atomic
def pin(review: Review, *, now: datetime) -> None:
    """One for each product: the one that stood first before goes back to its place. Raises `CannotDecide`."""
    of_product = Review.objects.of(review.store_id).filter(product=review.product_id)
    if not of_product.filter(pk=review.pk, state=Review.State.PUBLISHED).update(pinned_at=now):
        raise CannotDecide("Only what is published can stand first.")
    of_product.exclude(pk=review.pk).exclude(pinned_at=None).update(pinned_at=None)
    ratings.recount(review.store_id, [review.product_id], now=now)


@transaction.atomic
def unpin(review: Review, *, now: datetime) -> None:
    Review.objects.of(review.store_id).filter(pk=review.pk).update(pinned_at=None)
    ratings.recount(review.store_id, [review.product_id], now=now)
