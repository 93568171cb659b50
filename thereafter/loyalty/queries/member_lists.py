"""Members as the console lists, finds and exports them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from thereafter.loyalty.models import Account, Member
from thereafter.loyalty.rules.programme import MAIN
from thereafter.stores.models import Store, StoreQuerySet

SORTS = {
    "points": (F("available").desc(), F("pk").desc()),
    "new": (F("joined_at").desc(), F("pk").desc()),
    "old": (F("joined_at").asc(), F("pk").asc()),
    "name": (F("customer__name").asc(), F("pk").asc()),
}
STANDINGS = ("doubt", "debt", "left", "held_out")


@dataclass(frozen=True)
class Asked:
    """What somebody looks for. `tier` is a key, "-" for none; `days` since they joined; `least` points."""

    q: str = ""
    tier: str = ""
    least: int = 0
    days: int = 0
    standing: str = ""
    sort: str = "points"

    def __bool__(self) -> bool:
        return bool(self.q or self.tier or self.least or self.days or self.standing)


def listed(store: Store, asked: Asked, now: datetime) -> StoreQuerySet[Member]:
    """Members with their people, and with `available`, `pending`, `debt` and `doubt` of their account.

    Who left is only among them when they are asked for.
    """
    left = asked.standing == "left"
    rows: StoreQuerySet[Any] = Member.objects.of(store).filter(left_at__isnull=not left, customer__merged_into=None)
    if asked.q:
        rows = rows.filter(_is_called(asked.q))
    if asked.tier:
        rows = rows.filter(tier="" if asked.tier == "-" else asked.tier)
    if asked.days:
        rows = rows.filter(joined_at__gte=now - timedelta(days=asked.days))
    rows = _with_account(store, rows)
    if asked.least:
        rows = rows.filter(available__gte=asked.least)
    rows = _standing(store, rows, asked.standing)
    return rows.select_related("customer").order_by(*SORTS.get(asked.sort, SORTS["points"]))


def _is_called(q: str) -> Q:
    code = q.replace(" ", "").replace("-", "")
    return (
        Q(customer__name__icontains=q)
        | Q(customer__email__icontains=q.lower())
        | Q(referral_code__iexact=code)
        | Q(card_code__iexact=code)
    )


def _with_account(store: Store, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
    account = Account.objects.of(store).filter(customer=OuterRef("customer"), kind=MAIN)
    figures = {name: Coalesce(Subquery(account.values(name)), 0) for name in ("available", "pending", "debt")}
    annotated: StoreQuerySet[Any] = rows.annotate(**figures)
    return annotated


def _standing(store: Store, rows: StoreQuerySet[Any], standing: str) -> StoreQuerySet[Any]:
    if standing == "debt":
        return rows.filter(debt__gt=0)
    if standing == "held_out":
        return rows.filter(is_held_out=True)
    if standing == "doubt":
        return rows.filter(customer__in=doubted(store).order_by().values("customer"))
    return rows


def doubted(store: Store) -> StoreQuerySet[Account]:
    """Accounts whose figures do not agree, to be looked at first."""
    return Account.objects.of(store).exclude(doubt="").select_related("customer").order_by("pk")


def counts(store: Store) -> dict[str, int]:
    """Members here and held out, and those who left."""
    rows = Member.objects.of(store).aggregate(
        here=Count("pk", filter=Q(left_at=None)), left=Count("pk", filter=Q(left_at__isnull=False))
    )
    return {"here": rows["here"], "left": rows["left"]}
