"""Points at a checkout or a counter: they pay by the shop's reward for money off in steps, and what is held for an
order follows that order.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions import coupons
from thereafter.commerce.models import Order
from thereafter.kit.money import Money
from thereafter.loyalty.actions import redemptions
from thereafter.loyalty.actions.redemptions import Done, Refused
from thereafter.loyalty.models import Member, Redemption, Reward
from thereafter.loyalty.queries import standings
from thereafter.loyalty.queries.rewards import terms_of
from thereafter.loyalty.rules import rewards as rules


@dataclass(frozen=True, kw_only=True)
class Spending:
    """What a member wants for their points: a reward, or without one so many points off the price."""

    member: Member
    key: str
    points: int | None = None
    reward: Reward | None = None
    order_ref: str = ""
    actor: str = ""


@transaction.atomic
def hold(wanted: Spending, *, minutes: int, now: datetime) -> Done:
    """Sets the points aside until the order is paid; raises `Refused`."""
    paying = _paying(wanted, now)
    done = redemptions.reserve(
        wanted.member.customer,
        points=wanted.points,
        key=wanted.key,
        minutes=minutes,
        now=now,
        reward=wanted.reward,
        order_ref=wanted.order_ref,
        actor=wanted.actor,
    )
    _say_worth(done, paying)
    return done


@transaction.atomic
def spend(wanted: Spending, *, now: datetime) -> Done:
    """Spends them at once; raises `Refused`."""
    paying = _paying(wanted, now)
    done = redemptions.redeem(
        wanted.member.customer,
        points=wanted.points,
        key=wanted.key,
        now=now,
        reward=wanted.reward,
        order_ref=wanted.order_ref,
        actor=wanted.actor,
    )
    _say_worth(done, paying)
    return done


def _paying(wanted: Spending, now: datetime) -> Money | None:
    """What the points take off, where they are not for a reward; None where the shop has its own rate."""
    if wanted.reward is not None or wanted.points is None:
        return None
    reward = standings.paying_reward(wanted.member.store_id, wanted.member.tier, now)
    if reward is None:
        return None
    terms = terms_of(reward)
    if not rules.is_fit(terms, wanted.points):
        most = f", at most {reward.most_points}" if reward.most_points else ""
        raise Refused("not_offered", f"Points pay here in steps of {reward.cost}{most}.")
    return Money(rules.worth(terms, wanted.points), reward.currency)


def _say_worth(done: Done, worth: Money | None) -> None:
    """Kept with the redemption: a later change of the reward changes nothing."""
    if worth is None or done.is_repeat:
        return
    said = {"kind": standings.CHECKOUT, "name": "", "value": worth.minor, "currency": worth.currency}
    done.redemption.said = {**said, "cost_minor": worth.minor}
    done.redemption.save(update_fields=["said"])


@transaction.atomic
def take_held(store_id: int, key: str, *, now: datetime, order_ref: str = "", order: Order | None = None) -> Redemption:
    """The order is paid; raises `Refused`. The price was lowered already, so a code of the reward counts as used."""
    done = redemptions.capture(store_id, key, now=now, order_ref=order_ref, order=order)
    if done.redemption.coupon is not None and not done.is_repeat:
        used_for = order_ref or done.redemption.order_ref or "checkout"
        coupons.redeem(done.redemption.coupon, used_for=used_for, order=order, now=now)
    return done.redemption


def capture_for(store_id: int, order_ids: Collection[int], *, now: datetime) -> int:
    """Orders that name what is held for them take it; told twice, the second time finds nothing held."""
    held = [pair for pair in _held(store_id, order_ids) if not pair[1].is_cancelled]
    return sum(_capture(store_id, one, order, now) for one, order in held)


def release_for(store_id: int, order_ids: Collection[int], *, now: datetime) -> int:
    """Orders that were cancelled before what was held for them was taken give it back."""
    held = [one for one, order in _held(store_id, order_ids) if order.is_cancelled]
    for one in held:
        redemptions.release(store_id, one.key, now=now)
    return len(held)


def _held(store_id: int, order_ids: Collection[int]) -> list[tuple[Redemption, Order]]:
    """What is held for these orders; one cheap query where nothing is held at all, as in most shops at most times."""
    rows = Redemption.objects.of(store_id).filter(state=Redemption.State.HELD).exclude(order_ref="")
    waiting = list(rows.order_by("pk"))
    if not waiting:
        return []
    orders = Order.objects.of(store_id).filter(pk__in=order_ids).order_by("pk")
    by_name = {name: order for order in orders for name in names_of(order)}
    return [(one, by_name[one.order_ref]) for one in waiting if one.order_ref in by_name]


def names_of(order: Order) -> set[str]:
    """What a checkout may call the order: its number with and without #, or the shop's own id."""
    bare = order.number.removeprefix("#")
    return {order.external_id, bare, f"#{bare}"} - {"", "#"}


def _capture(store_id: int, held: Redemption, order: Order, now: datetime) -> int:
    try:
        with transaction.atomic():
            take_held(store_id, held.key, now=now, order_ref=held.order_ref, order=order)
    except Refused:
        # It lapsed or was released between the two looks: the order simply has no points in it.
        return 0
    return 1
