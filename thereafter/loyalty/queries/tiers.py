"""What members have towards their tiers, and which one they had at a moment."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Sum

from thereafter.commerce.models import Order
from thereafter.loyalty.models import Account, Entry, Member, OrderEarning, TierChange
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.rules import tiers
from thereafter.loyalty.rules.programme import MAIN

HAND = TierChange.Why.HAND


def tiers_at(store_id: int, members: Mapping[int, Member], orders: Collection[Order]) -> dict[int, str]:
    """By order, the tier its buyer had when it was placed."""
    late = [order for order in orders if _came_late(members[order.customer_id], order)]
    found = {order.pk: members[order.customer_id].tier for order in orders}
    for order in late:
        changes = TierChange.objects.of(store_id).filter(member=members[order.customer_id], at__lt=order.placed_at)
        before = changes.order_by("-at", "-id").values_list("to_tier", flat=True).first()
        found[order.pk] = before or ""
    return found


def _came_late(member: Member, order: Order) -> bool:
    return member.tier_since is not None and order.placed_at < member.tier_since


def metrics(store_id: int, customer_ids: Collection[int], version: Version, at: datetime) -> dict[int, int]:
    """By customer, what counts towards tiers in the window that ends at `at`: hundredths of money, or points.

    Orders count at their own time with what was kept of them; spent or expired points count all the same.
    """
    start = tiers.window_start(version.programme.tier, at, version.zone)
    accounts = dict(
        Account.objects.of(store_id).filter(customer__in=customer_ids, kind=MAIN).values_list("pk", "customer_id")
    )
    orders = OrderEarning.objects.of(store_id).filter(account__in=accounts, at__lte=at)
    orders = orders.filter(at__gte=start) if start else orders
    by_spend = version.programme.tier.metric == "spend"
    rows = orders.values("account_id").annotate(sum=Sum("kept_minor" if by_spend else "due"))
    found = dict.fromkeys(customer_ids, 0) | {accounts[row["account_id"]]: row["sum"] for row in rows}
    if not by_spend:
        deeds = Entry.objects.of(store_id).filter(account__in=accounts, qualifies=True, at__lte=at)
        deeds = deeds.filter(at__gte=start) if start else deeds
        for row in deeds.values("account_id").annotate(sum=Sum("points")):
            found[accounts[row["account_id"]]] += row["sum"]
    return found
