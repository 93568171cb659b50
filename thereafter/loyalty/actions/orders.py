"""What an order earns and loses: looked up anew each time under the account's lock, so that it does not matter in which
order the shop's news of it are handled.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from thereafter.commerce.models import Order
from thereafter.loyalty import queries, rules
from thereafter.loyalty.actions import ledger
from thereafter.loyalty.models import Entry, Lot
from thereafter.loyalty.rules import Back


@dataclass(frozen=True, slots=True)
class News:
    """Something happened to an order at a time. Money that went back has its name: "refund:7" as the shop told it,
    "grant:3" of a return here; a cancellation or a new order has none."""

    order_id: int
    at: datetime
    refund: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is needed to settle some orders; `earned` and `taken` grow while they are settled."""

    orders: dict[int, Order]
    spent: dict[int, rules.Spent]
    refunds: dict[int, list[Back]]
    earned: dict[int, Entry]
    taken: dict[int, int]


@transaction.atomic
def settle(store_id: int, news: Sequence[News], *, now: datetime) -> None:
    """Orders earn once, by the rule of their day, unless they were cancelled; what was undone is taken back.

    An order that is cancelled before its points are booked never earns any.
    """
    order_ids = {one.order_id for one in news}
    buyers = Order.objects.of(store_id).filter(pk__in=order_ids).values_list("customer_id", flat=True)
    sheet = ledger.open_sheet(store_id, buyers, now=now)
    facts = _look_up(store_id, order_ids, {one.order_id for one in news if one.refund})
    for order in facts.orders.values():
        if order.pk not in facts.earned and not order.is_cancelled:
            _earn(sheet, order, facts)
    _take_back(sheet, news, facts)
    ledger.write(sheet)


def _look_up(store_id: int, order_ids: set[int], refunded: set[int]) -> Facts:
    orders = {order.pk: order for order in Order.objects.of(store_id).filter(pk__in=order_ids)}
    entries = Entry.objects.of(store_id).filter(order_id__in=order_ids)
    earned = entries.filter(source__in=[_source(order_id) for order_id in order_ids]).select_related("account")
    taken = entries.filter(kind=Entry.Kind.CLAWBACK).values("order_id").annotate(taken=-Sum("points"))
    return Facts(
        orders=orders,
        spent=queries.spent_on(orders.values()),
        refunds=queries.money_back(store_id, refunded) if refunded else defaultdict(list),
        earned={entry.order_id: entry for entry in earned if entry.order_id},
        taken=defaultdict(int, {row["order_id"]: row["taken"] for row in taken}),
    )


def _source(order_id: int) -> str:
    return f"order:{order_id}"


def _earn(sheet: ledger.Sheet, order: Order, facts: Facts) -> None:
    spent = facts.spent.get(order.pk)
    snapshot = rules.decision(spent, rules.PROGRAMME) if spent else {"points": 0}
    if not snapshot["points"]:
        return
    entry = Entry(
        store_id=sheet.store_id,
        account=sheet.accounts[order.customer_id],
        kind=Entry.Kind.EARN,
        points=snapshot["points"],
        at=order.placed_at,
        booked_at=sheet.now,
        source=_source(order.pk),
        reason="order",
        order_id=order.pk,
        snapshot=snapshot,
    )
    ledger.credit(sheet, entry)
    facts.earned[order.pk] = entry


def _take_back(sheet: ledger.Sheet, news: Sequence[News], facts: Facts) -> None:
    undone = [one for one in news if one.order_id in facts.earned and _undoes(one, facts)]
    if not undone:
        return
    lots = ledger.lots_left(sheet, {facts.earned[one.order_id].account_id for one in undone})
    undone.sort(key=lambda one: _turn(one, facts))
    last = {one.order_id: one for one in undone}
    for one in undone:
        earned = facts.earned[one.order_id]
        due = _still_due(one, facts, is_last=one is last[one.order_id])
        points = earned.points - facts.taken[one.order_id] - due
        if points > 0:
            facts.taken[one.order_id] += points
            fresh = [lot for lot in sheet.lots if lot.entry.account_id == earned.account_id]
            entry = _clawback(sheet, earned, one, points)
            ledger.debit(sheet, entry, _own_first(earned, fresh + lots[earned.account_id]))


def _undoes(one: News, facts: Facts) -> bool:
    return bool(one.refund) or facts.orders[one.order_id].is_cancelled


def _turn(one: News, facts: Facts) -> int:
    """Where it stands among all that went back for its order; before all of it for what is none of that."""
    names = [back.name for back in facts.refunds[one.order_id]]
    return names.index(one.refund) if one.refund in names else -1


def _still_due(one: News, facts: Facts, *, is_last: bool) -> int:
    """Refunds that are handled together count up to each, so that each takes its own part; the last takes what is
    left of all that is known, in whatever order we heard of it."""
    if facts.orders[one.order_id].is_cancelled:
        return 0
    known = facts.refunds[one.order_id]
    until = known if is_last else known[: _turn(one, facts) + 1]
    return rules.points_still_due(facts.earned[one.order_id].snapshot, sum(back.amount_minor for back in until))


def _own_first(earned: Entry, lots: list[Lot]) -> list[Lot]:
    """The order's own lot pays before the others: what it gave and nobody used simply goes."""
    return sorted(lots, key=lambda lot: not (lot.entry_id == earned.pk if lot.pk else lot.entry is earned))


def _clawback(sheet: ledger.Sheet, earned: Entry, one: News, points: int) -> Entry:
    return Entry(
        store_id=sheet.store_id,
        account=sheet.accounts[earned.account.customer_id],
        kind=Entry.Kind.CLAWBACK,
        points=-points,
        at=one.at,
        booked_at=sheet.now,
        source=one.refund or f"cancel:{one.order_id}",
        reason="refund" if one.refund else "cancellation",
        order_id=one.order_id,
        reverses=earned,
    )
