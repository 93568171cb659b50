"""How a shop asks for reviews, what differs by product, and which products share theirs."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Product
from thereafter.feedback.actions import ratings
from thereafter.feedback.models import GroupedProduct, ReviewGroup, ReviewRule, ReviewSettings
from thereafter.feedback.rules import review_groups as rules
from thereafter.feedback.rules.review_groups import Grouped, UnlikeProducts
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

__all__ = ["UnlikeProducts", "add_to_group", "keep_rule", "keep_settings", "make_group", "remove_rule", "split"]


@transaction.atomic
def keep_settings(store: Store, changes: Mapping[str, Any], *, by: Staff | None, now: datetime) -> ReviewSettings:
    """What a review is worth and when it is asked; none of it can be made to depend on stars."""
    kept, _ = ReviewSettings.objects.of(store).get_or_create(store=store)
    told = {name: value for name, value in changes.items() if getattr(kept, name) != value}
    if not told:
        return kept
    for name, value in told.items():
        setattr(kept, name, value)
    kept.changed_at = now
    kept.save()
    audit(store, by=by, verb="feedback.review_settings", now=now, subject="reviews", detail=told)
    return kept


@transaction.atomic
def keep_rule(store: Store, rule: ReviewRule, *, by: Staff | None, now: datetime) -> ReviewRule:
    """Keeps what differs for a category or a product; one that has a rule already gets this one."""
    mine = ReviewRule.objects.of(store).exclude(pk=rule.pk)
    same = mine.filter(product=rule.product) if rule.product_id else mine.filter(category=rule.category)
    known = same.first()
    if known:
        known.asks, known.wait_days, known.attributes = rule.asks, rule.wait_days, rule.attributes
        rule = known
    rule.store = store
    rule.save()
    detail = {"asks": rule.asks, "wait_days": rule.wait_days, "attributes": len(rule.attributes)}
    audit(store, by=by, verb="feedback.review_rule", now=now, subject=str(rule), detail=detail)
    return rule


@transaction.atomic
def remove_rule(rule: ReviewRule, *, by: Staff | None, now: datetime) -> None:
    audit(rule.store, by=by, verb="feedback.review_rule", now=now, subject=str(rule), detail={"removed": True})
    rule.delete()


@transaction.atomic
def make_group(
    store: Store, name: str, product_ids: Collection[int], *, by: Staff | None, now: datetime
) -> ReviewGroup:
    """Products that are variants of one thing show their reviews together. Raises `UnlikeProducts`."""
    products = _free(store, product_ids)
    rules.check([_compared(one) for one in products])
    group = ReviewGroup.objects.create(store=store, name=name.strip()[:150] or products[0].title[:150], made_at=now)
    _put_in(group, products)
    _told(group, by, now)
    return group


@transaction.atomic
def add_to_group(group: ReviewGroup, product_ids: Collection[int], *, by: Staff | None, now: datetime) -> None:
    """More variants of the same thing. Raises `UnlikeProducts`."""
    there = list(Product.objects.of(group.store_id).filter(pk__in=group.members.values("product")).order_by("pk"))
    products = _free(group.store, product_ids)
    rules.check([_compared(one) for one in (*there, *products)])
    _put_in(group, products)
    _told(group, by, now)


@transaction.atomic
def split(group: ReviewGroup, *, by: Staff | None, now: datetime) -> None:
    """Each product shows its own reviews again."""
    product_ids = list(group.members.values_list("product", flat=True))
    audit(group.store, by=by, verb="feedback.review_group", now=now, subject=group.name, detail={"split": True})
    store_id = group.store_id
    group.delete()
    ratings.recount(store_id, product_ids, now=now)


def _free(store: Store, product_ids: Collection[int]) -> list[Product]:
    """Those that are in no group yet, in the order of their age."""
    products = list(Product.objects.of(store).filter(pk__in=product_ids).order_by("pk"))
    taken = GroupedProduct.objects.of(store).filter(product__in=products).select_related("product", "group").first()
    if taken:
        raise UnlikeProducts(f"“{taken.product}” is in the group “{taken.group}” already. Split that one first.")
    return products


def _compared(product: Product) -> Grouped:
    return Grouped(product.title, product.category)


def _put_in(group: ReviewGroup, products: Collection[Product]) -> None:
    GroupedProduct.objects.bulk_create(
        GroupedProduct(store_id=group.store_id, group=group, product=one) for one in products
    )


def _told(group: ReviewGroup, by: Staff | None, now: datetime) -> None:
    product_ids = list(group.members.values_list("product", flat=True))
    audit(
        group.store, by=by, verb="feedback.review_group", now=now, subject=group.name, detail={"products": product_ids}
    )
    ratings.recount(group.store_id, product_ids, now=now)
