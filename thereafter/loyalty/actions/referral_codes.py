"""A friend's code that somebody else used: the invitation becomes the buyer's, if nothing speaks against it."""

from collections.abc import Iterable
from datetime import datetime

from thereafter.commerce.models import Order
from thereafter.commerce.rules.coupons import normal_code
from thereafter.loyalty.actions import sheets
from thereafter.loyalty.models import Referral
from thereafter.loyalty.queries import referrals as queries
from thereafter.loyalty.queries.programmes import programme_at
from thereafter.loyalty.rules import referrals as rules

State = Referral.State


def attribute(store_id: int, orders: Iterable[Order], *, now: datetime) -> set[int]:
    """Looks for friends' codes on these orders; returns whose invitations have to be settled besides the buyers'.

    People buy under another address than the one they gave for the code, and codes are passed on within a family.
    """
    by_code = {normal_code(str(code)): order for order in orders for code in order.discount_codes}
    if not by_code:
        return set()
    rows = Referral.objects.of(store_id).filter(friend_coupon__code__in=by_code, state=State.CLAIMED)
    advocates = set(rows.values_list("advocate__customer_id", flat=True))
    if not advocates:
        return set()
    # Accounts come before invitations everywhere.
    sheets.hold(store_id, advocates, now=now)
    locked = rows.select_for_update(of=("self",)).select_related("friend_coupon", "advocate", "friend").order_by("pk")
    moved = set()
    for referral in locked:
        order = by_code[referral.friend_coupon.code] if referral.friend_coupon else None
        if order is not None and order.customer_id != referral.friend_id:
            moved.add(order.customer_id)
            _pass_on(referral, order, now)
    return moved


def _pass_on(referral: Referral, order: Order, now: datetime) -> None:
    against = rules.heaviest(_doubts(referral, order))
    rows = Referral.objects.of(referral.store_id).filter(pk=referral.pk)
    if against is None:
        text = f"The code was used by {order.customer}, who ordered under another address than {referral.friend_email}."
        rows.update(friend=order.customer_id, doubts=_with(referral, rules.Doubt("code_passed_on", text)))
    elif against.reason == "self_referral":
        rows.update(state=State.REFUSED, doubts=_with(referral, against))
    else:
        text = f"The code was used by {order.customer}, which does not count: {against.text}"
        rows.update(doubts=_with(referral, rules.Doubt("code_passed_on", text)))


def _with(referral: Referral, doubt: rules.Doubt) -> list[dict[str, str]]:
    return [doubt.as_json(), *(one for one in referral.doubts if one["text"] != doubt.text)]


def _doubts(referral: Referral, order: Order) -> list[rules.Doubt]:
    """The buyer is judged like a friend who accepts in the moment of the order."""
    store_id, buyer_id = referral.store_id, order.customer_id
    version = programme_at(store_id, referral.claimed_at)
    if version.programme.referral is None:
        return []
    sides = queries.sides(store_id, [referral.advocate.customer_id, buyer_id])
    bought = queries.first_bought(store_id, [buyer_id]).get(buyer_id)
    others = Referral.objects.of(store_id).filter(friend=buyer_id, state__in=queries.LIVE).exclude(pk=referral.pk)
    invited = others.values_list("claimed_at", flat=True).first()
    around = rules.Circumstances(
        bought_on=bought.astimezone(version.zone).date() if bought and bought < order.placed_at else None,
        invited_on=invited.astimezone(version.zone).date() if invited else None,
    )
    return rules.judge(sides[referral.advocate.customer_id], sides[buyer_id], version.programme.referral, around)
