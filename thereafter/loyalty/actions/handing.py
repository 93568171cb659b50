"""Giving members what they took: codes, store credit, gifts, seats, donations; and taking it back.

Each function runs in its caller's transaction, or is one; nothing here goes over the network.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.actions import coupon_pushing, coupons
from thereafter.commerce.models import Coupon
from thereafter.events.loyalty import RewardHandedOver, RewardTaken
from thereafter.loyalty.actions.reward_pools import pool_for
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries.rewards import last_address, terms_of
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

State, Handing = Redemption.State, Redemption.Handing


class NothingLeft(Exception):
    """The shop's list of codes is used up; whoever called gives the points back by undoing all of it."""

    def __init__(self) -> None:
        super().__init__("This reward is used up for now. Please choose another one, or try again later.")


class NotPossible(ValueError):
    """What was asked does not fit any more; the text says why."""


def begin(redemption: Redemption, reward: Reward, now: datetime) -> None:
    """Hands over what was taken, or puts it on the list of who does, and tells `reward.taken`. `redemption` is saved
    already; its `said`, `coupon`, `handing` and `address` are written here. Raises `NothingLeft`."""
    value = rules.worth(terms_of(reward), redemption.points)
    redemption.said = {**redemption.said, **_promise(reward, value)}
    if reward.kind in rules.COUPONS:
        # What was held for a checkout has lowered its price already: a code would give the same twice.
        redemption.coupon = _issue(redemption, reward, value, now) if redemption.held_until is None else None
    elif reward.kind == rules.SEAT:
        redemption.handing, redemption.handed_at = Handing.DONE, now
    else:
        redemption.handing = Handing.WAITING
    if reward.kind == rules.GIFT and not redemption.address:
        redemption.address = last_address(redemption.store_id, redemption.account.customer_id)
    redemption.save(update_fields=["said", "coupon", "handing", "handed_at", "address"])
    record(_taken(redemption, reward, value, now))
    if redemption.handing == Handing.DONE:
        record(_handed(redemption, now))


def _promise(reward: Reward, value: int) -> dict[str, Any]:
    """What holds from now on, whatever becomes of the reward."""
    cost = reward.cost_minor
    if cost is None and reward.kind in rules.MONEY:
        cost = value
    return {
        "kind": reward.kind,
        "name": reward.name,
        "words": reward.words,
        "value": value,
        "currency": reward.currency,
        "cost_minor": cost,
        "refund_when_expired": bool(reward.details.get("refund_when_expired")),
    }


def _issue(redemption: Redemption, reward: Reward, value: int, now: datetime) -> Coupon:
    pool = pool_for(reward, value, now=now)
    coupon = coupons.issue(pool, redemption.account.customer_id, source=_source(redemption), now=now) if pool else None
    if coupon is None:
        raise NothingLeft
    return coupon


def _source(redemption: Redemption) -> str:
    return f"reward:{redemption.pk}"


def _taken(redemption: Redemption, reward: Reward, value: int, now: datetime) -> RewardTaken:
    return RewardTaken(
        **_of(redemption, now),
        redemption_id=redemption.pk,
        reward_id=reward.pk,
        kind=reward.kind,
        reward=reward.name,
        points=redemption.points,
        value_minor=value if reward.kind in rules.MONEY else 0,
        currency=reward.currency,
        products=tuple(reward.products),
        code=redemption.coupon.code if redemption.coupon else "",
    )


def _of(redemption: Redemption, now: datetime) -> dict[str, Any]:
    return {
        "store_id": redemption.store_id,
        "customer_id": redemption.account.customer_id,
        "occurred_at": now,
        "actor": redemption.actor,
    }


def _handed(redemption: Redemption, now: datetime, actor: str = "") -> RewardHandedOver:
    return RewardHandedOver(
        **_of(redemption, now) | {"actor": actor or redemption.actor},
        redemption_id=redemption.pk,
        kind=str(redemption.said.get("kind", "")),
        reward=str(redemption.said.get("name", "")),
        note=redemption.note,
    )


def undo(redemption: Redemption, now: datetime) -> str:
    """Takes back what was handed over, in the transaction that gives the points back: "" when that is done, else the
    sentence why it cannot be. The caller moves the points, the stock and the state, and tells `reward.cancelled`."""
    kind = str(redemption.said.get("kind", ""))
    if redemption.coupon_id:
        why_not = _withdraw(redemption.coupon_id, redemption.store_id, now)
    else:
        why_not = _too_late(redemption, kind, now)
    if not why_not:
        redemption.handing = Handing.NONE
        redemption.save(update_fields=["handing"])
    return why_not


def _withdraw(coupon_id: int, store_id: int, now: datetime) -> str:
    coupon = Coupon.objects.of(store_id).select_related("pool", "order").get(pk=coupon_id)
    if coupons.withdraw(coupon, now=now) or coupon.withdrawn_at is not None:
        return ""
    coupon.refresh_from_db()
    order = coupon.order.number if coupon.order else coupon.redeemed_for
    return f"Its code was used already on order {order}." if order else "Its code was used already."


def _too_late(redemption: Redemption, kind: str, now: datetime) -> str:
    if kind == rules.SEAT and redemption.reward and rules.is_over(redemption.reward.details, now):
        return "The event has begun already."
    if redemption.handing != Handing.DONE:
        return ""
    if kind == rules.CREDIT and redemption.said.get("credit_used"):
        return "The store credit was used already."
    sentences = {rules.GIFT: "The gift was sent already.", rules.DONATION: "The donation was paid out already."}
    return sentences.get(kind, "")


@transaction.atomic
def set_address(redemption: Redemption, address: Mapping[str, Any], *, now: datetime) -> None:
    """Where a gift goes; may be changed until it is sent. Raises `NotPossible`."""
    del now  # every action takes it; an address has no time of its own
    wanted = rules.clean_address(address)
    if rules.missing_in(wanted):
        raise NotPossible("Give a name, a street with its number, a town and a country.")
    rows = Redemption.objects.of(redemption.store_id).filter(pk=redemption.pk, state=State.TAKEN)
    if not rows.filter(handing=Handing.WAITING).update(address=wanted):
        raise NotPossible("It is on its way already, so the address stays as it is.")
    redemption.address = wanted


@transaction.atomic
def hand_over(store: Store, redemption_ids: Collection[int], *, by: Staff, now: datetime, note: str = "") -> int:
    """Gifts were sent, donations paid out: `note` is what the member reads, such as carrier and number. Returns how
    many; what is cancelled or done already is left out, so is a gift without an address."""
    rows = Redemption.objects.of(store).filter(pk__in=list(redemption_ids), state=State.TAKEN, handing=Handing.WAITING)
    waiting = rows.select_related("account").order_by("pk").select_for_update(of=("self",))
    ready = [one for one in waiting if one.said.get("kind") in rules.BY_HAND and not _lacks_address(one)]
    for one in ready:
        one.handing, one.handed_at, one.note = Handing.DONE, now, (note or one.note)[:300]
    Redemption.objects.bulk_update(ready, ["handing", "handed_at", "note"], batch_size=200)
    record(*(_handed(one, now, f"staff:{by.pk}") for one in ready))
    if ready:
        audit(store, by=by, verb="loyalty.hand_over", now=now, subject=f"{len(ready)} rewards", detail={"note": note})
    return len(ready)


def _lacks_address(redemption: Redemption) -> bool:
    return redemption.said.get("kind") == rules.GIFT and bool(rules.missing_in(redemption.address))


@transaction.atomic
def try_again(redemption: Redemption, *, by: Staff, now: datetime) -> int:
    """A code that the shop system refused is told to it once more; so are the others of its pool that failed."""
    coupon = redemption.coupon
    if coupon is None or coupon.push_state != Coupon.Push.FAILED:
        raise NotPossible("There is nothing to try again: the shop has not refused its code.")
    count = coupon_pushing.push_again(coupon.pool, now=now)
    audit(coupon.pool.store, by=by, verb="loyalty.push_again", now=now, subject=coupon.pool.name)
    return count


@transaction.atomic
def credit_arrived(store_id: int, redemption_id: int, *, now: datetime) -> None:
    """The store credit of a reward was given. Told again, it changes nothing."""
    rows = Redemption.objects.of(store_id).filter(pk=redemption_id, state=State.TAKEN, handing=Handing.WAITING)
    redemption = rows.select_related("account").select_for_update(of=("self",)).first()
    if redemption is None or redemption.said.get("kind") != rules.CREDIT:
        return
    redemption.handing, redemption.handed_at = Handing.DONE, now
    redemption.save(update_fields=["handing", "handed_at"])
    record(_handed(redemption, now))


@transaction.atomic
def credit_used(store_id: int, redemption_id: int) -> None:
    """Some of a reward's store credit was spent: it cannot be cancelled any more. Where that was just done, it shows
    up among what went wrong."""
    redemption = Redemption.objects.of(store_id).filter(pk=redemption_id).select_for_update().first()
    if redemption is None or redemption.said.get("credit_used"):
        return
    redemption.said = {**redemption.said, "credit_used": True}
    if redemption.state == State.CANCELLED:
        redemption.handing = Handing.FAILED
        redemption.note = "Some of the store credit was spent before it could be taken back; the points are back."
    redemption.save(update_fields=["said", "handing", "note"])
