"""What inviting brought a shop, and what it cost."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery, Sum

from thereafter.commerce.models import Coupon, Order
from thereafter.kit.money import exponent
from thereafter.loyalty.models import Entry, Referral
from thereafter.loyalty.queries.numbers import money_offers
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.queries.referrals import BROUGHT
from thereafter.loyalty.rules import liability
from thereafter.stores.models import Store, StoreQuerySet

State = Referral.State


@dataclass(frozen=True)
class Numbers:
    """Of invitations accepted in a time, what has come of them by now. Money in minor units of the store's currency;
    `cost_minor` is what the points are worth and what the friends' codes took off, None where no point has a value."""

    claimed: int
    bought: int
    orders: int
    revenue_minor: int
    points: int
    friend_points: int
    codes_used: int
    off_minor: int
    cost_minor: int | None
    refused: dict[str, int]

    @property
    def conversion(self) -> float | None:
        return self.bought / self.claimed if self.claimed else None


def numbers(store: Store, *, since: datetime, until: datetime, now: datetime) -> Numbers:
    rows = Referral.objects.of(store).filter(claimed_at__gte=since, claimed_at__lt=until)
    bought = rows.filter(state__in=BROUGHT)
    points, friend_points = _points(store, rows)
    orders, revenue = _revenue(store, bought)
    used, off = _codes(store, rows)
    worth = _worth(store, points + friend_points, now)
    return Numbers(
        claimed=rows.exclude(state=State.REFUSED).count(),
        bought=bought.count(),
        orders=orders,
        revenue_minor=revenue,
        points=points,
        friend_points=friend_points,
        codes_used=used,
        off_minor=off,
        cost_minor=None if worth is None else worth + off,
        refused=_refused(rows),
    )


def _points(store: Store, rows: StoreQuerySet[Referral]) -> tuple[int, int]:
    """What the members and the friends got and did not lose again; by the names under which it was booked."""
    wanted = {str(pk) for pk in rows.values_list("pk", flat=True)}
    people = Q(account__customer__in=rows.values("advocate__customer_id"))
    people |= Q(account__customer__in=rows.values("friend_id"))
    booked = Entry.objects.of(store).filter(people, source__startswith="referral:")
    sums = {True: 0, False: 0}
    for source, points in booked.values_list("source", "points"):
        _, pk, what = source.split(":")[:3]
        if pk in wanted:
            sums[what == "friend"] += points
    return max(0, sums[False]), max(0, sums[True])


def _revenue(store: Store, rows: StoreQuerySet[Referral]) -> tuple[int, int]:
    """What friends bought since they accepted, after refunds: how many orders and how much, in the store's currency."""
    accepted = rows.filter(friend=OuterRef("customer")).order_by("claimed_at").values("claimed_at")[:1]
    bought = Order.objects.of(store).filter(
        customer__in=rows.values("friend_id"), cancelled_at=None, currency=store.currency
    )
    since = bought.annotate(since=Subquery(accepted)).filter(placed_at__gte=F("since"))
    sums = since.aggregate(paid=Sum("total_minor"), back=Sum("refunded_minor"))
    return since.count(), max(0, (sums["paid"] or 0) - (sums["back"] or 0))


def _codes(store: Store, rows: StoreQuerySet[Referral]) -> tuple[int, int]:
    """How many friends used their code, and what was off those orders."""
    used = Coupon.objects.of(store).filter(pk__in=rows.values("friend_coupon_id"), redeemed_at__isnull=False)
    off = used.filter(Q(order__currency=store.currency)).aggregate(off=Sum("order__discount_minor"))["off"]
    return used.count(), int(off or 0)


def _worth(store: Store, points: int, now: datetime) -> int | None:
    said = programme_now(store.pk).programme.point_value
    value = liability.point_value(said, money_offers(store, now), exponent=exponent(store.currency))
    return None if value is None else round(points * value)


def _refused(rows: StoreQuerySet[Referral]) -> dict[str, int]:
    """How many were refused or held for which reason, the most frequent first."""
    found: dict[str, int] = defaultdict(int)
    for doubts, by in rows.filter(state__in=(State.REFUSED, State.HELD)).values_list("doubts", "decided_by"):
        found["by_hand" if by or not doubts else doubts[0]["reason"]] += 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))
