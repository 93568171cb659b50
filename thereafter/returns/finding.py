"""Where withdrawing and returning can be found: until when, for which order, under which address.

The link to withdraw stands for as long as the law gives: from the order on until the end of the period, which begins
only when everything has arrived, and one day longer for the clocks of other places.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from thereafter.commerce.models import Order
from thereafter.returns import links, order_snapshots, store_policies
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.legal.legal_days import DAY
from thereafter.returns.rules.legal.withdrawals import Withdrawal, refund_due
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.floors import floor, purchase
from thereafter.returns.rules.policy.offers import Offers, Option
from thereafter.returns.rules.policy.snapshots import Asked, Line, Snapshot
from thereafter.returns.rules.reasons import reason
from thereafter.stores.models import Store

# Shops that sit there sell to consumers who may withdraw.
_REGIMES = ("EU", "EEA", "GB")


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be done with an order today. `withdraw_until` None: everything has yet to arrive. `until`: the last day
    by the shop's own policy, None when that is not known yet; `days` after which it ends then. `cost_minor` of the way
    back, None where that is not known."""

    withdraws: bool
    withdraw_until: date | None
    returns: bool
    until: date | None
    days: int
    cost_minor: int | None


def withdrawal_link(order: Order, today: date) -> str:
    """The address under which this order is withdrawn from today; "" when the law gives no such right any more."""
    return links.withdraw_page(order.store, order) if standing(order, today).withdraws else ""


def standing(order: Order, today: date) -> Standing:
    return standings([order], today)[order.pk]


def standings(orders: Collection[Order], today: date) -> dict[int, Standing]:
    """Of many orders at once, by their ids; they carry their store."""
    stores = {order.store_id: order.store for order in orders}
    policies = {pk: store_policies.current(store)[1] for pk, store in stores.items()}
    found = {}
    for order in orders:
        found[order.pk] = order
    snapshots = order_snapshots.snapshots_of(orders)
    told = {}
    for pk, snapshot in snapshots.items():
        policy = policies[found[pk].store_id]
        offers = decide(policy, snapshot, law.current(), today)
        told[pk] = _standing(snapshot, offers, policy.window.days, today)
    return told


def _standing(snapshot: Snapshot, offers: Offers, days: int, today: date) -> Standing:
    rights = [right for line in snapshot.lines if line.left and (right := right_of(snapshot, line, today))]
    open_ones = [right for right in rights if is_open(right, today)]
    ends = [right.until for right in open_ones]
    allowed = [line for line in offers.lines if line.allowed]
    lasts = [line.until for line in allowed]
    # Of what can come back for the policy's own sake; the law's right is told beside it.
    return Standing(
        withdraws=bool(open_ones),
        withdraw_until=max((end for end in ends if end), default=None) if all(ends) else None,
        returns=bool(allowed),
        until=max((last for last in lasts if last), default=None) if all(lasts) else None,
        days=days,
        cost_minor=_cost(offers),
    )


def right_of(snapshot: Snapshot, line: Line, today: date) -> Withdrawal | None:
    """The right to withdraw from one item; None where there is none for who bought it."""
    return floor(snapshot, law.current(), line, Asked(line=line.id), reason(""), today).withdrawal


def is_open(right: Withdrawal, today: date) -> bool:
    return right.right or (right.status == "over" and right.until is not None and today <= right.until + DAY)


def _cost(offers: Offers) -> int | None:
    """What the cheapest way back costs when money is wanted; None where that hangs on the items."""
    options = [option for line in offers.lines if (option := line.option("refund"))]
    costs = [cost for option in options if (cost := _postage(option)) is not None]
    return max(costs) if costs and len(costs) == len(options) else None


def _postage(option: Option) -> int | None:
    fees = [fee for fee in option.fees if fee.purpose == "postage"]
    if any(fee.kind != "flat_per_return" for fee in fees):
        return None
    return sum(fee.minor for fee in fees if not fee.methods)


def pay_by(order: Order, told_on: date) -> date | None:
    """The last day on which the law of the order lets the money be paid back, for goods that are fetched or shown to be
    on their way; None where it knows no such right."""
    snapshot = order_snapshots.snapshot(order)
    if not snapshot.lines:
        return None
    line = snapshot.lines[0]
    due = refund_due(purchase(snapshot, line, Asked(line=line.id)), told_on, collected_by_shop=True)
    return due.by if due else None


def shows_withdrawal(store: Store) -> bool:
    """Whether the shop sits where every shop has to show the way to withdraw on all its pages."""
    known, country = law.current(), law.iso(store.country)
    return any(country == group or country in known.groups.get(group, ()) for group in _REGIMES)
