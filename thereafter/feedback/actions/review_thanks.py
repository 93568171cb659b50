"""What buyers get for a review: the same for one star and for five, when it is written and not when it is shown."""

from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions import coupons
from thereafter.commerce.models import CouponPool
from thereafter.feedback.models import Review, ReviewSettings, ReviewThanks
from thereafter.feedback.queries.review_rules import COUPON, promise


@transaction.atomic
def give(review: Review, settings: ReviewSettings, *, now: datetime) -> ReviewThanks | None:
    """Notes on the review what its author was promised, and gives it; points are given by who hears of the review.

    One code for an order, however many of its products are reviewed. Who did not buy here is promised nothing.
    """
    what = promise(settings, review.language)
    if not what or not review.is_verified or review.customer_id is None:
        return None
    Review.objects.of(review.store_id).filter(pk=review.pk).update(is_incentivised=True, incentive=what)
    review.is_incentivised, review.incentive = True, what
    code = _code(review, settings, now) if settings.incentive["kind"] == COUPON else ""
    if settings.incentive["kind"] == COUPON and not code:
        return None
    thanks, _ = ReviewThanks.objects.of(review.store_id).get_or_create(
        review=review, defaults={"store_id": review.store_id, "what": what, "coupon_code": code, "given_at": now}
    )
    return thanks


def _code(review: Review, settings: ReviewSettings, now: datetime) -> str:
    """ "" when the list of codes is used up, or this person had as many as they may."""
    pools = CouponPool.objects.of(review.store_id).filter(archived_at=None)
    pool = pools.filter(key=settings.incentive.get("pool", "")).first()
    if pool is None:
        return ""
    source = f"review:order:{review.order_id}"
    coupon = coupons.issue(pool, review.customer_id or 0, source=source, now=now, order_id=review.order_id)
    return coupon.code if coupon else ""
