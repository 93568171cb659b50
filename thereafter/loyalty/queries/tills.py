"""What was done at the till with a member a moment ago."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from thereafter.kit.money import Money
from thereafter.loyalty.models import Entry, Member, Redemption
from thereafter.loyalty.queries.rewards import redemptions
from thereafter.loyalty.queries.standings import paid_by


@dataclass(frozen=True)
class Move:
    """`points` below zero were spent. `off` is what to take off the bill, `code` a coupon code to use."""

    kind: str
    pk: int
    at: datetime
    points: int
    title: str
    off: Money | None = None
    code: str = ""
    is_undone: bool = False


def moves(member: Member, since: datetime, prefixes: tuple[str, ...]) -> list[Move]:
    """The newest first; two queries."""
    return sorted([*_spent(member, since), *_given(member, since, prefixes)], key=lambda one: one.at, reverse=True)


def _spent(member: Member, since: datetime) -> list[Move]:
    rows = redemptions(member.store_id).filter(
        account__customer=member.customer_id, made_at__gt=since, key__startswith="till:"
    )
    return [
        Move(
            kind="redemption",
            pk=one.pk,
            at=one.made_at,
            points=-one.points,
            title=str(one.said.get("name", "")) or "Paid with points",
            off=None if one.coupon_id else paid_by(one),
            code=one.coupon.code if one.coupon else "",
            is_undone=one.state != Redemption.State.TAKEN,
        )
        for one in rows
    ]


def _given(member: Member, since: datetime, prefixes: tuple[str, ...]) -> list[Move]:
    rows = Entry.objects.of(member.store_id).filter(
        account__customer=member.customer_id, kind=Entry.Kind.EARN, at__gt=since
    )
    mine = list(rows.filter(_begins(prefixes)))
    undone = Entry.objects.of(member.store_id).filter(source__in=[f"undo:{one.source}" for one in mine])
    gone = set(undone.values_list("source", flat=True))
    return [
        Move(
            kind="award",
            pk=one.pk,
            at=one.at,
            points=one.points,
            title=f"Receipt {one.snapshot['receipt']}" if "receipt" in one.snapshot else one.reason,
            is_undone=f"undo:{one.source}" in gone,
        )
        for one in mine
    ]


def _begins(prefixes: tuple[str, ...]) -> Q:
    wanted = Q()
    for prefix in prefixes:
        wanted |= Q(source__startswith=prefix)
    return wanted
