"""What both sides get for an invitation, and taking it back. Every function here runs in its caller's transaction."""

from collections.abc import Collection
from datetime import datetime

from thereafter.commerce.actions import coupons
from thereafter.commerce.models import Coupon, Order
from thereafter.commerce.queries import coupon_pools
from thereafter.events.loyalty import ReferralClaimed
from thereafter.loyalty.actions import members, points
from thereafter.loyalty.models import Entry, Member, Referral
from thereafter.loyalty.rules.programme import ReferralTerms
from thereafter.timeline.log import record

FRIEND, JOINED = "friend", "joined"


def source(referral: Referral, what: str | int) -> str:
    """The name under which points of an invitation are booked: "friend", "joined", or the order that earned them."""
    return f"referral:{referral.pk}:{what}"


def welcome(referral: Referral, terms: ReferralTerms, *, now: datetime) -> None:
    """The friend's code and points, and the news that the invitation counts; the same again gives nothing twice."""
    if referral.friend_id is None:
        return
    coupon = _coupon(referral, terms, now)
    if coupon is not None:
        Referral.objects.of(referral.store_id).filter(pk=referral.pk).update(friend_coupon=coupon)
        referral.friend_coupon = coupon
    if terms.friend_points:
        joined = members.ensure(referral.store_id, [referral.friend_id], source=Member.Source.REFERRAL, now=now)
        if not joined[referral.friend_id].is_held_out:
            points.award_many(referral.store_id, [_for_friend(referral, terms, now)], now=now)
    record(
        ReferralClaimed(
            store_id=referral.store_id,
            customer_id=referral.friend_id,
            occurred_at=now,
            referral_id=referral.pk,
            advocate_id=referral.advocate_id,
        )
    )


def _coupon(referral: Referral, terms: ReferralTerms, now: datetime) -> Coupon | None:
    """None where the shop gives none, or its list of codes has run out: the invitation counts all the same."""
    pool = coupon_pools(referral.store_id).filter(key=terms.friend_pool).first() if terms.friend_pool else None
    if pool is None or referral.friend_id is None:
        return None
    return coupons.issue(pool, referral.friend_id, source=f"referral:{referral.pk}", now=now)


def _for_friend(referral: Referral, terms: ReferralTerms, now: datetime) -> points.Award:
    return points.Award(
        customer_id=referral.friend_id or 0,
        points=terms.friend_points,
        source=source(referral, FRIEND),
        reason="friend",
        at=now,
        snapshot={"referral": referral.pk},
    )


def booked(store_id: int, sources: Collection[str]) -> dict[str, Entry]:
    """Awards of invitations by their source."""
    rows = Entry.objects.of(store_id).filter(source__in=sources)
    return {entry.source: entry for entry in rows}


def taken_back(store_id: int, sources: Collection[str]) -> set[str]:
    """Which of these awards were taken back already."""
    names = {_undone(one): one for one in sources}
    rows = Entry.objects.of(store_id).filter(source__in=names)
    return {names[name] for name in rows.values_list("source", flat=True)}


def take_back(store_id: int, name: str, *, reason: str, at: datetime, now: datetime) -> None:
    points.revoke(store_id, name, name=_undone(name), reason=reason, at=at, now=now)


def _undone(name: str) -> str:
    return f"{name}:undone"


def take_all_back(referral: Referral, *, now: datetime) -> None:
    """The invitation does not count: neither side keeps points of it, and a code that nobody used is void."""
    store_id = referral.store_id
    orders = Order.objects.of(store_id).filter(customer=referral.friend_id, placed_at__gte=referral.claimed_at)
    names = [source(referral, what) for what in (FRIEND, JOINED)]
    names += [source(referral, pk) for pk in orders.values_list("pk", flat=True)]
    standing = set(booked(store_id, names)) - taken_back(store_id, names)
    for name in sorted(standing):
        take_back(store_id, name, reason="referral_refused", at=now, now=now)
    if referral.friend_coupon is not None:
        coupons.withdraw(referral.friend_coupon, now=now)
