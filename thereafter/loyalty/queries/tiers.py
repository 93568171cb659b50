"""What members have towards their tiers, and which one they had at a moment."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
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
    changes = _changes(store_id, {members[order.customer_id].pk for order in late}) if late else {}
    for order in late:
        before = [to for at, to in changes.get(members[order.customer_id].pk, ()) if at < order.placed_at]
        found[order.pk] = before[-1] if before else ""
    return found


def _changes(store_id: int, member_ids: Collection[int]) -> dict[int, list[tuple[datetime, str]]]:
    """By member, when they came to which tier, the oldest first."""
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    rows = TierChange.objects.of(store_id).filter(member__in=member_ids).order_by("at", "id")
    for member_id, at, to in rows.values_list("member_id", "at", "to_tier"):
        found[member_id].append((at, to))
    return found


def _came_late(member: Member, order: Order) -> bool:
    return member.tier_since is not None and order.placed_at < member.tier_since


def metrics_each(store_id: int, moments: Mapping[int, datetime], version: Version) -> dict[int, int]:
    """`metrics` of many customers who each have a moment of their own, in as many queries as for one."""
    standing, zone = version.programme.tier, version.zone
    starts = {pk: tiers.window_start(standing, at, zone) for pk, at in moments.items()}
    accounts = Account.objects.of(store_id).filter(customer__in=moments, kind=MAIN)
    owners = dict(accounts.values_list("pk", "customer_id"))
    by_spend = standing.metric == "spend"
    found = dict.fromkeys(moments, 0)
    for row in _counting(store_id, owners, starts, max(moments.values(), default=None), by_spend=by_spend):
        account_id, at, amount = row
        customer_id = owners[account_id]
        start = starts[customer_id]
        if at <= moments[customer_id] and (start is None or at >= start):
            found[customer_id] += amount
    return found


def _counting(
    store_id: int,
    owners: Mapping[int, int],
    starts: Mapping[int, datetime | None],
    until: datetime | None,
    *,
    by_spend: bool,
) -> Iterator[tuple[int, datetime, int]]:
    """Account, moment and amount of what may count."""
    first = min((start for start in starts.values() if start), default=None)
    window = {"at__lte": until} | ({"at__gte": first} if first else {})
    orders = OrderEarning.objects.of(store_id).filter(account__in=owners, **window)
    yield from orders.values_list("account_id", "at", "kept_minor" if by_spend else "due")
    if not by_spend:
        deeds = Entry.objects.of(store_id).filter(account__in=owners, qualifies=True, **window)
        yield from deeds.values_list("account_id", "at", "points")


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
