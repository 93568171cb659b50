"""What becomes of spent points when the order on which they were used comes back, or a code is never used."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.commerce.models import Coupon, Order
from thereafter.loyalty.actions import redemptions
from thereafter.loyalty.models import Account, Redemption, Reward
from thereafter.loyalty.queries.ledger import money_back
from thereafter.loyalty.rules.refunds import Back, points_of_refund
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

State, Handing = Redemption.State, Redemption.Handing
# An order that used a code on its last day may reach us later.
PATIENCE = timedelta(days=2)


@transaction.atomic
def code_used(store_id: int, orders: Mapping[int, int | None], *, now: datetime) -> None:
    """Codes of rewards were used, by coupon id the order that did, where we have it. One that was cancelled before
    shows up among what went wrong: the shop let it through, and its points are back already."""
    rows = Redemption.objects.of(store_id).filter(coupon_id__in=orders)
    if not rows:
        return
    _hold(store_id, rows)
    for one in rows.all():
        mine = Redemption.objects.of(store_id).filter(pk=one.pk)
        order_id = orders[one.coupon_id or 0]
        if one.state == State.CANCELLED:
            said = "The code was used at the checkout after the points had been given back."
            mine.filter(handing=Handing.NONE).update(order_id=order_id, handing=Handing.FAILED, note=said)
        else:
            mine.filter(order=None).update(order_id=order_id)
    # It may have come back before we heard that it was used.
    follow_refunds(store_id, [order_id for order_id in orders.values() if order_id], now=now)


def _hold(store_id: int, spent: Iterable[Redemption]) -> None:
    """Locks their accounts, in the order in which everybody does: what is read from now on stays true."""
    accounts = Account.objects.of(store_id).filter(pk__in={one.account_id for one in spent})
    list(accounts.select_for_update().order_by("pk").values_list("pk"))


@transaction.atomic
def follow_refunds(store_id: int, order_ids: Collection[int], *, now: datetime) -> int:
    """Points that were spent on orders go back to their lots as the money of these orders went back; returns how many
    points. Told again it moves nothing: what is due is the share of all that was refunded, less what is back."""
    spent = _spent_on(store_id, order_ids)
    if not spent:
        return 0
    _hold(store_id, spent)
    spent = _spent_on(store_id, order_ids)
    orders = Order.objects.of(store_id).in_bulk({_order_of(one) for one in spent})
    back = money_back(store_id, list(orders))
    return sum(_restore(one, orders[_order_of(one)], back[_order_of(one)], now) for one in spent)


def _spent_on(store_id: int, order_ids: Collection[int]) -> list[Redemption]:
    """By the order, and by the code that the order used: the order of a code may have reached us after the code's
    use. Two looks, each by its index."""
    rows = Redemption.objects.of(store_id).filter(state=State.TAKEN).select_related("coupon")
    codes = list(Coupon.objects.of(store_id).filter(order__in=order_ids).values_list("pk", flat=True))
    found = {one.pk: one for one in rows.filter(order__in=order_ids)}
    if codes:
        found |= {one.pk: one for one in rows.filter(coupon__in=codes)}
    return list(found.values())


def _order_of(one: Redemption) -> int:
    return one.order_id or (one.coupon.order_id if one.coupon else None) or 0


def _restore(one: Redemption, order: Order, back: Sequence[Back], now: datetime) -> int:
    due = one.points
    if not order.is_cancelled:
        refunded = sum(each.amount_minor for each in back)
        _, due = points_of_refund(0, one.points, refunded_minor=refunded, total_minor=order.total_minor)
    missing = due - one.restored
    if missing <= 0:
        return 0
    at = max([each.at for each in back], default=order.cancelled_at or now)
    redemptions.restore_part(one, missing, source=f"redemption:{one.pk}:back:{due}", at=at, now=now)
    return missing


@transaction.atomic
def cancel(redemption: Redemption, *, why: str, by: Staff, now: datetime) -> None:
    """By hand: what was handed over is taken back and the points go to their lots. Raises `redemptions.Refused`."""
    redemptions.cancel(redemption.store_id, redemption.key, now=now, actor=f"staff:{by.pk}")
    Redemption.objects.of(redemption.store_id).filter(pk=redemption.pk).update(note=why[:300])
    store = Store.objects.get(pk=redemption.store_id)
    said = {"reward": str(redemption.said.get("name", "")), "points": redemption.points, "why": why}
    audit(store, by=by, verb="loyalty.cancel_reward", now=now, subject=str(redemption.account.customer), detail=said)


def give_back_expired(now: datetime, limit: int = 500) -> int:
    """Codes that ended unused give their points back, where the reward promised that when it was taken."""
    promising = Reward.objects.filter(details__has_key="refund_when_expired")
    if not promising.exists():
        return 0
    ended = Redemption.objects.filter(
        reward__in=promising,
        state=State.TAKEN,
        said__refund_when_expired=True,
        coupon__expires_at__lte=now - PATIENCE,
        coupon__redeemed_at=None,
        coupon__withdrawn_at=None,
    )
    return sum(_give_back(one, now) for one in ended.order_by("pk")[:limit])


def _give_back(one: Redemption, now: datetime) -> bool:
    try:
        redemptions.cancel(one.store_id, one.key, now=now)
    except redemptions.Refused:
        # It was used while we looked.
        return False
    return True
