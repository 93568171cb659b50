"""Giving coupons out, taking them when they are used, reminding of those that end."""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from thereafter.commerce.models import Coupon, CouponPool, Order
from thereafter.commerce.rules import coupons as rules
from thereafter.events.coupons import CouponExpiresSoon, CouponIssued, CouponRedeemed
from thereafter.kit import clock
from thereafter.timeline.log import record
from thereafter.timeline.rows import insert

Push = Coupon.Push
_MAY_BE_THERE = (Push.WAITING, Push.DONE, Push.FAILED)


class AlreadyRedeemed(Exception):
    """The code was used on another order; `coupon` says which."""

    def __init__(self, coupon: Coupon) -> None:
        super().__init__(f"This code was used already on {coupon.redeemed_for or 'another order'}.")
        self.coupon = coupon


@dataclass(frozen=True, slots=True)
class Wanted:
    """A code for somebody. `source` says what for: the same again gets the same code."""

    customer_id: int
    source: str
    order_id: int | None = None


def issue(
    pool: CouponPool, customer_id: int, *, source: str, now: datetime, order_id: int | None = None
) -> Coupon | None:
    """A code for one customer; None when they had as many as they may, or the list of codes is used up."""
    return issue_many(pool, [Wanted(customer_id, source, order_id)], now=now).get(source)


@transaction.atomic
def issue_many(pool: CouponPool, wanted: Sequence[Wanted], *, now: datetime) -> dict[str, Coupon]:
    """Codes for many in a constant number of queries, by source. Who may not have one is not in the answer."""
    given = _given(pool, [one.source for one in wanted])
    if all(one.source in given for one in wanted):
        return given
    # Whoever else gives codes of this pool waits: limits, lists and sources then hold without a second look.
    pool = CouponPool.objects.of(pool.store_id).select_for_update(no_key=True).get(pk=pool.pk)
    given = _given(pool, [one.source for one in wanted])
    missing = {one.source: one for one in wanted if one.source not in given}
    if pool.archived_at is not None or not missing:
        return given
    allowed = _within_limit(pool, list(missing.values()))
    made = _from_list(pool, allowed, now) if pool.delivery == CouponPool.Delivery.LIST else _made(pool, allowed, now)
    record(*(_issued(pool, coupon, missing[coupon.source], now) for coupon in made))
    return given | {coupon.source: coupon for coupon in made}


def _given(pool: CouponPool, sources: Sequence[str]) -> dict[str, Coupon]:
    found = Coupon.objects.of(pool.store_id).filter(pool=pool, source__in=sources)
    return {coupon.source: coupon for coupon in found}


def _within_limit(pool: CouponPool, wanted: Sequence[Wanted]) -> list[Wanted]:
    if pool.per_customer is None:
        return list(wanted)
    people = {one.customer_id for one in wanted}
    held = Coupon.objects.of(pool.store_id).filter(pool=pool, customer__in=people).order_by()
    had = Counter(dict(held.values_list("customer").annotate(Count("id"))))
    allowed = []
    for one in wanted:
        if had[one.customer_id] < pool.per_customer:
            had[one.customer_id] += 1
            allowed.append(one)
    return allowed


def _made(pool: CouponPool, wanted: Sequence[Wanted], now: datetime) -> list[Coupon]:
    codes = _new_codes(pool, len(wanted))
    expires_at = rules.expiry(now, pool.valid_days, clock.zone(pool.store.time_zone))
    return insert(
        Coupon(
            store_id=pool.store_id,
            pool=pool,
            code=code,
            customer_id=one.customer_id,
            source=one.source,
            created_at=now,
            issued_at=now,
            expires_at=expires_at,
            push_state=Push.WAITING if pool.is_pushed else Push.NONE,
            push_due_at=now if pool.is_pushed else None,
        )
        for one, code in zip(wanted, codes, strict=True)
    )


def _new_codes(pool: CouponPool, count: int) -> list[str]:
    """Codes that nobody has; two that are alike are rarer than one in a hundred million, and made again."""
    codes: set[str] = set()
    while len(codes) < count:
        codes |= {rules.make_code(pool.prefix, secrets.choice) for _ in range(count - len(codes))}
        codes -= set(Coupon.objects.of(pool.store_id).filter(code__in=codes).values_list("code", flat=True))
    return list(codes)


def _from_list(pool: CouponPool, wanted: Sequence[Wanted], now: datetime) -> list[Coupon]:
    free = Coupon.objects.of(pool.store_id).filter(pool=pool, issued_at=None, withdrawn_at=None).order_by("id")
    taken = list(free[: len(wanted)])
    expires_at = rules.expiry(now, pool.valid_days, clock.zone(pool.store.time_zone))
    for coupon, one in zip(taken, wanted, strict=False):
        coupon.pool, coupon.customer_id, coupon.source = pool, one.customer_id, one.source
        coupon.issued_at, coupon.expires_at = now, coupon.expires_at or expires_at
    Coupon.objects.bulk_update(taken, ["customer", "source", "issued_at", "expires_at"], batch_size=200)
    return taken


def _issued(pool: CouponPool, coupon: Coupon, wanted: Wanted, now: datetime) -> CouponIssued:
    return CouponIssued(
        store_id=pool.store_id,
        customer_id=wanted.customer_id,
        order_id=wanted.order_id,
        occurred_at=now,
        coupon_id=coupon.pk,
        pool=pool.name,
        code=coupon.code,
    )


@transaction.atomic
def redeem(coupon: Coupon, *, used_for: str, order: Order | None, now: datetime) -> bool:
    """The code is used up. False when it was already, for the same; raises `AlreadyRedeemed` when for another order.

    `used_for` is what the caller calls the order; the database decides who comes first.
    """
    open_one = Coupon.objects.of(coupon.store_id).filter(pk=coupon.pk, redeemed_at=None)
    won = open_one.update(redeemed_at=now, redeemed_for=used_for[:80], order=order)
    if not won:
        held = Coupon.objects.of(coupon.store_id).get(pk=coupon.pk)
        if held.redeemed_for == used_for[:80] or (order is not None and held.order_id == order.pk):
            return False
        raise AlreadyRedeemed(held)
    coupon.redeemed_at, coupon.redeemed_for, coupon.order = now, used_for[:80], order
    record(*filter(None, [_redeemed(coupon, order, now)]))
    return True


@transaction.atomic
def redeem_on_orders(store_id: int, order_ids: Iterable[int]) -> int:
    """Finds our codes among those that the shop names on its orders; returns how many were used up by it."""
    orders = Order.objects.of(store_id).filter(pk__in=list(order_ids)).exclude(discount_codes=[])
    named: dict[str, Order] = {}
    for order in orders.order_by("-placed_at", "-id"):
        named |= {rules.normal_code(str(code)): order for code in order.discount_codes}
    if not named:
        return 0
    rows = Coupon.objects.of(store_id).filter(code__in=named).select_related("pool").order_by("id")
    return sum(_redeem_on(coupon, named[coupon.code]) for coupon in rows.select_for_update(of=("self",)))


def _redeem_on(coupon: Coupon, order: Order) -> bool:
    """What the shop let through counts, even if our terms say otherwise; told by the API before, it gets its order."""
    rows = Coupon.objects.of(coupon.store_id).filter(pk=coupon.pk)
    if coupon.redeemed_at is not None:
        rows.filter(order=None, redeemed_for__in=(order.number, order.external_id)).update(order=order)
        return False
    return redeem(coupon, used_for=order.number, order=order, now=order.placed_at)


def _redeemed(coupon: Coupon, order: Order | None, now: datetime) -> CouponRedeemed | None:
    """On the timeline of who ordered, else of whom it was given to; nobody's timeline when we know neither."""
    customer_id = order.customer_id if order else coupon.customer_id
    if customer_id is None:
        return None
    return CouponRedeemed(
        store_id=coupon.store_id,
        customer_id=customer_id,
        order_id=order.pk if order else None,
        occurred_at=now,
        coupon_id=coupon.pk,
        pool=coupon.pool.name,
        code=coupon.code,
    )


@transaction.atomic
def remind(now: datetime, limit: int = 1000) -> int:
    """Tells of codes that end within the days their pool says and were not used; each once."""
    reminded = 0
    for pool in CouponPool.objects.filter(remind_days__isnull=False, archived_at=None).select_related("store"):
        reminded += _remind(pool, now, limit)
    return reminded


def _remind(pool: CouponPool, now: datetime, limit: int) -> int:
    until = now + timedelta(days=pool.remind_days or 0)
    ending = Coupon.objects.of(pool.store_id).filter(
        Q(expires_at__gt=now, expires_at__lte=until),
        pool=pool,
        redeemed_at=None,
        reminded_at=None,
        withdrawn_at=None,
        issued_at__isnull=False,
        customer__isnull=False,
    )
    coupons = list(ending.order_by("expires_at", "id").select_for_update(of=("self",))[:limit])
    Coupon.objects.of(pool.store_id).filter(pk__in=[coupon.pk for coupon in coupons]).update(reminded_at=now)
    record(*(_expires(pool, coupon, now) for coupon in coupons))
    return len(coupons)


def _expires(pool: CouponPool, coupon: Coupon, now: datetime) -> CouponExpiresSoon:
    left = (coupon.expires_at - now).days if coupon.expires_at else 0
    return CouponExpiresSoon(
        store_id=pool.store_id,
        customer_id=coupon.customer_id or 0,
        occurred_at=now,
        coupon_id=coupon.pk,
        pool=pool.name,
        code=coupon.code,
        days=left,
    )


@transaction.atomic
def withdraw(coupon: Coupon, *, now: datetime) -> bool:
    """The code is good for nothing any more; one that was used stays used. The shop system that has it is told."""
    rows = Coupon.objects.of(coupon.store_id).filter(pk=coupon.pk, redeemed_at=None, withdrawn_at=None)
    won = bool(rows.update(withdrawn_at=now))
    if won:
        # What the shop works on (`asked`) has to be there first, and is taken off then.
        there = Coupon.objects.of(coupon.store_id).filter(pk=coupon.pk, push_state__in=_MAY_BE_THERE)
        there.update(push_state=Push.WAITING, push_due_at=now, push_tries=0, push_error="", push_ref="")
    return won


@transaction.atomic
def move_to(keep_id: int, merged_id: int, store_id: int) -> None:
    """The coupons of a customer who turned out to be another one."""
    Coupon.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
