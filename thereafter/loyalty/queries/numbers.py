"""What points did in a store, period by period, and what is out: from the postings, so that it adds up.

A line counts in the period in which it was *booked*: a month that is over never changes, even when an order of that
month is told late.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from thereafter.loyalty.models import Account, Allocation, Entry, Lot, Member, Posting, Redemption, Reward, TierChange
from thereafter.loyalty.queries.imports import REASON as IMPORTED
from thereafter.loyalty.rules.liability import OLD_DAYS, Fates, Offer
from thereafter.loyalty.rules.programme import MAIN
from thereafter.stores.models import Store

Ledger, Kind = Posting.Ledger, Entry.Kind
# Points that a member has in some way; `debt` is below zero while they owe.
OUT = (Ledger.AVAILABLE, Ledger.PENDING, Ledger.RESERVED)
ACTIVE_DAYS = 90


@dataclass(frozen=True)
class Period:
    """A day or month of the books. `opening` + the movements = `closing`: what is out, less what members owe."""

    starts: datetime
    ends: datetime
    opening: int = 0
    earned: int = 0
    imported: int = 0
    redeemed: int = 0
    reversed: int = 0
    expired: int = 0
    adjusted: int = 0
    # Of what was earned before: what became usable. It moves nothing in or out.
    activated: int = 0
    # What is out at the end, gross, and what members owe besides.
    outstanding: int = 0
    owed: int = 0

    @property
    def closing(self) -> int:
        return self.outstanding - self.owed

    @property
    def moved(self) -> int:
        return self.earned + self.imported + self.redeemed + self.reversed + self.expired + self.adjusted


def accounting(store: Store, bounds: Sequence[datetime], *, kind: str = "") -> list[Period]:
    """The periods between the bounds (one more than periods, rising), in one query over the postings.

    `kind` is a kind of points; "" is all of them, which is right (and faster) where there is only one.
    """
    rows = (
        (Posting.objects.of(store).filter(account__kind=kind) if kind else Posting.objects.of(store))
        .filter(entry__booked_at__lt=bounds[-1])
        .annotate(period=_period("entry__booked_at", bounds, 0), why=_why())
        .values_list("period", "why", "ledger")
        .annotate(sum=Sum("amount"))
        .order_by()
    )
    sums: dict[int, Counter[tuple[str, str]]] = {place: Counter() for place in range(-1, len(bounds) - 1)}
    for place, why, ledger, amount in rows:
        sums[place][why, ledger] += amount
    return _roll(bounds, sums)


def _period(field: str, bounds: Sequence[datetime], first: int) -> Combinable:
    """Which period a moment is in, -1 for before; by halving, so that a year of days takes nine comparisons."""
    if len(bounds) == 1:
        return Case(
            When(**{f"{field}__lt": bounds[0], "then": Value(first - 1)}),
            default=Value(first),
            output_field=IntegerField(),
        )
    middle = len(bounds) // 2
    earlier, later = _period(field, bounds[:middle], first), _period(field, bounds[middle:], first + middle)
    return Case(When(**{f"{field}__lt": bounds[middle], "then": earlier}), default=later, output_field=IntegerField())


def _why() -> Case:
    """What a line is to the books, where its sides alone do not say."""
    return Case(
        When(entry__kind=Kind.ADJUST, then=Value("adjusted")),
        When(entry__kind=Kind.ACTIVATE, then=Value("activated")),
        When(entry__reason=IMPORTED, then=Value("imported")),
        default=Value(""),
    )


def _roll(bounds: Sequence[datetime], sums: dict[int, Counter[tuple[str, str]]]) -> list[Period]:
    out, debt = _out(sums[-1])
    periods = []
    for place, (starts, ends) in enumerate(pairwise(bounds)):
        opening = out - debt
        more, owed = _out(sums[place])
        out, debt = out + more, debt + owed
        periods.append(Period(starts, ends, opening=opening, outstanding=out, owed=debt, **_movements(sums[place])))
    return periods


def _out(sums: Counter[tuple[str, str]]) -> tuple[int, int]:
    """(points out, points owed) by these postings."""
    out = sum(amount for (_, ledger), amount in sums.items() if ledger in OUT)
    return out, -sum(amount for (_, ledger), amount in sums.items() if ledger == Ledger.DEBT)


def _movements(sums: Counter[tuple[str, str]]) -> dict[str, int]:
    """Each movement as what it does to what is out, by the other side of its lines."""
    sides = (Ledger.ISSUED, Ledger.REDEEMED, Ledger.REVERSED, Ledger.EXPIRED)
    plain = {side: -sums["", side] for side in sides}
    return {
        "earned": plain[Ledger.ISSUED],
        "imported": -sum(sums["imported", side] for side in sides),
        "redeemed": plain[Ledger.REDEEMED],
        "reversed": plain[Ledger.REVERSED],
        "expired": plain[Ledger.EXPIRED],
        "adjusted": -sum(sums["adjusted", side] for side in sides),
        "activated": sums["activated", Ledger.AVAILABLE],
    }


def kinds(store: Store) -> list[str]:
    """The kinds of points that anybody has, the usual one first."""
    rows = Account.objects.of(store).exclude(kind=MAIN).order_by().values_list("kind", flat=True).distinct()
    return [MAIN, *sorted(rows)]


def fates(store: Store, now: datetime, *, kind: str = "") -> Fates:
    """What became of lots that are old enough to know: those that ended, and endless ones after `OLD_DAYS`.

    Points taken back were never the member's to use and count on neither side.
    """
    lots_of = Lot.objects.of(store).filter(account__kind=kind) if kind else Lot.objects.of(store)
    old = lots_of.filter(Q(expires_at__lte=now) | Q(expires_at=None, active_from__lte=now - timedelta(days=OLD_DAYS)))
    lots = old.order_by().values("account").annotate(given=Sum("original"), left=Sum("remaining"))
    gone = _gone(store, old)
    found = [
        (given - back, left + expired)
        for account, given, left in lots.values_list("account", "given", "left")
        for back, expired in (gone.get(account, (0, 0)),)
        if given > back
    ]
    return Fates(
        members=len(found),
        given=sum(given for given, _ in found),
        unused=sum(unused for _, unused in found),
        given_squares=sum(given * given for given, _ in found),
        unused_squares=sum(unused * unused for _, unused in found),
        products=sum(given * unused for given, unused in found),
    )


def _gone(store: Store, old: Any) -> dict[int, tuple[int, int]]:
    """By account, of these lots: points that were taken back, and points that ran out."""
    parts = Allocation.objects.of(store).filter(lot__in=old).order_by().values("lot__account")
    rows = parts.annotate(
        back=Coalesce(Sum("points", filter=Q(entry__kind=Kind.CLAWBACK)), 0),
        expired=Coalesce(Sum("points", filter=Q(entry__kind=Kind.EXPIRE)), 0),
    )
    return {row["lot__account"]: (row["back"], row["expired"]) for row in rows}


def money_offers(store: Store, now: datetime) -> list[Offer]:
    """What points buy in the shop's own money now."""
    kinds = (Reward.Kind.AMOUNT, Reward.Kind.CREDIT)
    rows = Reward.objects.of(store).filter(kind__in=kinds, currency=store.currency, archived_at=None, is_shown=True)
    return [Offer(reward.cost, reward.value) for reward in rows if reward.is_offered(now)]


@dataclass(frozen=True)
class Taken:
    """What a reward was taken for in some time; `cost_minor` None where nobody said what it costs."""

    name: str
    kind: str
    times: int
    points: int
    cost_minor: int | None
    # Of those times, how many say nothing of their cost.
    unknown: int


def rewards_taken(store: Store, since: datetime) -> list[Taken]:
    """By reward, the most points first; what was given back or restored does not count."""
    taken = Redemption.objects.of(store).filter(state=Redemption.State.TAKEN, made_at__gte=since)
    # SQLite reads a null in a document as the word, which would count as nought.
    cost = Case(
        When(
            ~Q(said__cost_minor=None) & Q(said__has_key="cost_minor"),
            then=Cast(KT("said__cost_minor"), BigIntegerField()),
        ),
        default=None,
        output_field=BigIntegerField(),
    )
    rows = (
        taken.annotate(said_cost=cost)
        .values("reward", "reward__name", "reward__kind")
        .annotate(
            times=Count("pk"),
            spent=Sum(F("points") - F("restored")),
            cost=Sum("said_cost"),
            known=Count("said_cost"),
        )
        .order_by("-spent")
    )
    return [
        Taken(
            name=row["reward__name"] or "Paid at the checkout",
            kind=row["reward__kind"] or "",
            times=row["times"],
            points=row["spent"] or 0,
            cost_minor=row["cost"],
            unknown=row["times"] - row["known"],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class People:
    """Who takes part: all, those held out for comparison, and those who earned or spent lately."""

    members: int
    held_out: int
    active: int
    by_tier: dict[str, int]

    @property
    def active_share(self) -> float | None:
        return self.active / self.members if self.members else None


def people(store: Store, now: datetime) -> People:
    """Active is who earned by something they did, or spent, in the last `ACTIVE_DAYS` days."""
    here = Member.objects.of(store).filter(left_at=None)
    tiers = here.filter(is_held_out=False).order_by().values_list("tier").annotate(count=Count("pk"))
    by_tier = dict(tiers.values_list("tier", "count"))
    moved = Entry.objects.of(store).filter(
        kind__in=[Kind.EARN, Kind.REDEEM, Kind.CAPTURE], at__gte=now - timedelta(days=ACTIVE_DAYS), at__lte=now
    )
    # A present, a tier's welcome or an import is nothing they did.
    theirs = moved.exclude(reason__in=[IMPORTED, "birthday", "anniversary", "tier", "backfill", "gift", "journey"])
    active = theirs.aggregate(count=Count("account__customer", distinct=True))["count"]
    members = sum(by_tier.values())
    return People(members, here.filter(is_held_out=True).count(), min(active, members), by_tier)


def tier_moves(store: Store, since: datetime) -> list[tuple[str, str, int]]:
    """(from, to, how many) since then, without those who kept what they had; keys of tiers, "" for none."""
    rows = TierChange.objects.of(store).filter(at__gte=since).exclude(from_tier=F("to_tier"))
    counted = rows.values_list("from_tier", "to_tier").annotate(count=Count("pk")).order_by("-count", "to_tier")
    return [(was, became, count) for was, became, count in counted]
