"""How a shop asks for reviews: its settings, and what categories and products have of their own."""

from collections.abc import Iterable

from thereafter.commerce.models import Product
from thereafter.feedback.models import ReviewRule, ReviewSettings
from thereafter.feedback.rules import reviews as rules

# What may be given for a review, the same for any.
POINTS, COUPON = "points", "coupon"


def settings_of(store_id: int) -> ReviewSettings:
    """The shop's own, or the usual ones, which are not kept."""
    return ReviewSettings.objects.of(store_id).first() or ReviewSettings(store_id=store_id)


def rules_of(settings: ReviewSettings, products: Iterable[Product]) -> dict[int, rules.Rule]:
    """What holds for each product, in one query."""
    wanted = {product.pk: product for product in products}
    kept = list(ReviewRule.objects.of(settings.store_id))
    by_category = {one.category: _rule(one) for one in kept if one.category}
    by_product = {one.product_id: _rule(one) for one in kept if one.product_id}
    return {
        pk: rules.settled(settings.wait_days, by_category.get(product.category), by_product.get(pk))
        for pk, product in wanted.items()
    }


def _rule(kept: ReviewRule) -> rules.Rule:
    return rules.Rule(kept.asks, kept.wait_days, kept.attributes)


def promise(settings: ReviewSettings, language: str) -> str:
    """What the shop says that a review brings, in the reader's language; "" when it gives nothing."""
    incentive = settings.incentive
    if incentive.get("kind") not in (POINTS, COUPON):
        return ""
    return rules.in_language(incentive.get("says") or {}, language)[:150]
