"""Figures and rows of coupons for the console."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from thereafter.commerce.models import Coupon, CouponPool, Order, Product
from thereafter.kit.money import Money
from thereafter.stores.models import Store, StoreQuerySet

Push = Coupon.Push


def pools(store: Store, *, archived: bool) -> StoreQuerySet[CouponPool]:
    return CouponPool.objects.of(store).filter(archived_at__isnull=not archived).order_by("-created_at", "-pk")


def figures(store: Store, wanted: Iterable[CouponPool]) -> dict[int, dict[str, int]]:
    """By pool id: codes given, used, still free in the list, waiting for the shop, refused by it."""
    rows = Coupon.objects.of(store).filter(pool__in=list(wanted)).order_by().values("pool_id")
    counted = rows.annotate(
        given=Count("pk", filter=Q(issued_at__isnull=False)),
        used=Count("pk", filter=Q(redeemed_at__isnull=False)),
        free=Count("pk", filter=Q(issued_at=None, withdrawn_at=None)),
        waiting=Count("pk", filter=Q(push_state__in=[Push.WAITING, Push.ASKED])),
        failed=Count("pk", filter=Q(push_state=Push.FAILED)),
    )
    return {row["pool_id"]: row for row in counted}


def revenue(store: Store, pool: CouponPool) -> list[Money]:
    """What was ordered with codes of a pool, after refunds, cancelled orders left out; one sum per currency."""
    used = Coupon.objects.of(store).filter(pool=pool, order__isnull=False).values("order")
    orders = Order.objects.of(store).filter(pk__in=used).exclude(status=Order.Status.CANCELLED).order_by()
    rows = orders.values("currency").annotate(sum=Sum("total_minor") - Sum("refunded_minor"))
    return sorted((Money(row["sum"], row["currency"]) for row in rows), key=lambda sum_: -sum_.minor)


def taken_off(store: Store, pool: CouponPool) -> list[Money]:
    """What the orders with codes of a pool were discounted by, as the shop stored it."""
    used = Coupon.objects.of(store).filter(pool=pool, order__isnull=False).values("order")
    rows = Order.objects.of(store).filter(pk__in=used).order_by().values("currency").annotate(sum=Sum("discount_minor"))
    return [Money(row["sum"], row["currency"]) for row in rows if row["sum"]]


def coupons(store: Store, pool: CouponPool, *, q: str = "", state: str = "", now: datetime) -> StoreQuerySet[Coupon]:
    """The codes of a pool, the newest given first."""
    found = Coupon.objects.of(store).filter(pool=pool).select_related("customer", "order")
    over = Q(expires_at__lte=now)
    only = {
        "open": Q(issued_at__isnull=False, redeemed_at=None) & ~over,
        "used": Q(redeemed_at__isnull=False),
        "expired": Q(redeemed_at=None, issued_at__isnull=False) & over,
        "free": Q(issued_at=None),
        "failed": Q(push_state=Push.FAILED),
    }
    if state in only:
        found = found.filter(only[state])
    if q:
        found = found.filter(
            Q(code__icontains=q) | Q(customer__name__icontains=q) | Q(customer__email__icontains=q.lower())
        )
    return found.order_by("-issued_at", "-id")


def product_titles(store: Store, external_ids: Iterable[str]) -> list[str]:
    """Names of products by the shop's ids; one that we do not know is called by its id."""
    wanted = list(external_ids)
    rows = Product.objects.of(store).filter(external_id__in=wanted).values_list("external_id", "title")
    titles = dict(rows)
    return [titles.get(one, one) for one in wanted]


def product_choices(store: Store, kept: Iterable[str], most: int = 400) -> list[tuple[str, str]]:
    """Products to choose from, by title, with those that were chosen before."""
    rows = Product.objects.of(store).filter(is_active=True).order_by("title", "pk")
    found: dict[str, Any] = dict(rows.values_list("external_id", "title")[:most])
    for external_id, title in zip(kept, product_titles(store, kept), strict=True):
        found.setdefault(external_id, title)
    return list(found.items())
