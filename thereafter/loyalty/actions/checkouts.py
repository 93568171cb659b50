"""Points at a checkout or a counter: they pay by the shop's reward for money off in steps, and what is held for an
order follows that order.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.kit.money import Money
from thereafter.loyalty.actions import redemptions, reward_orders
from thereafter.loyalty.actions.redemptions import Done, Refused
from thereafter.loyalty.models import Member, Redemption, Reward
from thereafter.loyalty.queries import standings
from thereafter.loyalty.queries.rewards import terms_of
from thereafter.loyalty.rules import rewards as rules

State = Redemption.State


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


def follow(store_id: int, order_ids: Collection[int], *, now: datetime) -> None:
    """Orders take what was held under their name, or give it back when they were cancelled first. What was taken for
    them before they came belongs to them from now on. Told twice, the second time finds nothing."""
    orders = Order.objects.of(store_id).filter(pk__in=order_ids).order_by("pk")
    by_name = {name: order for order in orders for name in names_of(order)}
    rows = Redemption.objects.of(store_id).filter(
        order_ref__in=by_name, order=None, state__in=(State.HELD, State.TAKEN)
    )
    for one in rows.select_related("account").order_by("pk") if by_name else ():
        _follow(one, by_name[one.order_ref], now)


def names_of(order: Order) -> set[str]:
    """What a checkout may call the order: its number with and without #, or the shop's own id."""
    bare = order.number.removeprefix("#")
    return {order.external_id, bare, f"#{bare}"} - {"", "#"}


def _follow(one: Redemption, order: Order, now: datetime) -> None:
    if one.state == State.TAKEN:
        _belong(one, order, now)
    elif order.is_cancelled:
        redemptions.release(one.store_id, one.key, now=now)
    else:
        _capture(one, order, now)


def _belong(one: Redemption, order: Order, now: datetime) -> None:
    """A receipt of a till may be called like somebody else's order, so that the member has to be the same."""
    if one.account.customer_id != order.customer_id:
        return
    Redemption.objects.of(one.store_id).filter(pk=one.pk, order=None).update(order=order)
    # It may have come back before we knew whose points were in it.
    reward_orders.follow_refunds(one.store_id, [order.pk], now=now)


def _capture(held: Redemption, order: Order, now: datetime) -> None:
    try:
        with transaction.atomic():
            redemptions.capture(held.store_id, held.key, now=now, order_ref=held.order_ref, order=order)
    except Refused:
        # It lapsed between the two looks: the order simply has no points in it.
        return
