"""Money the shop gave back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.taking import Became, Taken, order_key, refusal, wait_turn
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order, Refund
from thereafter.commerce.rules.orders import LONGEST_ID, id_problems, minor, refund_problems, time_problems
from thereafter.commerce.rules.text import clean
from thereafter.events.orders import OrderRefunded
from thereafter.stores.models import Store
from thereafter.timeline.log import record


@transaction.atomic
def take_refunds(store: Store, documents: Sequence[RefundOfOrder], *, source: str, now: datetime) -> list[Taken]:
    """Takes refunds that came by themselves; one before its order is `kept` and says what it waits for."""
    wait_turn(store)
    ids = {doc.order for doc in documents}
    orders = {order.external_id: order for order in Order.objects.of(store).filter(source=source, external_id__in=ids)}
    answers = [_judge(doc, orders.get(doc.order), source, now) for doc in documents]
    sound = [index for index, answer in enumerate(answers) if answer.became == Became.NEW]
    events, are_new = add_refunds(store, [(orders[documents[at].order], documents[at].refund) for at in sound])
    record(*(event for _, event in events))
    for index, is_new in zip(sound, are_new, strict=True):
        if not is_new:
            answers[index] = answers[index]._replace(became=Became.SAME)
    return answers


def _judge(doc: RefundOfOrder, order: Order | None, source: str, now: datetime) -> Taken:
    problems = [*id_problems(doc.order, "the order"), *time_problems("refunded at", doc.refund.at, now)]
    problems += refund_problems(doc.refund, order.currency if order else "EUR")
    if problems:
        return refusal(doc.refund.external_id, problems)
    if order is None:
        key = order_key(source, doc.order)
        return Taken(doc.refund.external_id, Became.KEPT, reason=f"waits for the order {doc.order}", waits_for=key)
    return Taken(doc.refund.external_id, Became.NEW, order_id=order.pk)


def add_refunds(
    store: Store, refunds: Sequence[tuple[Order, RefundDoc]]
) -> tuple[list[tuple[Order, OrderRefunded]], list[bool]]:
    """Keeps the refunds we do not have yet; returns their events, and for each given one whether it was new."""
    if not refunds:
        return [], []
    of_orders = Refund.objects.of(store).filter(order_id__in={order.pk for order, _ in refunds})
    known = set(of_orders.values_list("order_id", "external_id"))
    rows: list[tuple[Order, Refund]] = []
    are_new = []
    for order, doc in refunds:
        key = (order.pk, doc.external_id)
        are_new.append(key not in known)
        if key not in known:
            known.add(key)
            rows.append((order, _row(order, doc)))
    Refund.objects.bulk_create([row for _, row in rows])
    _add_up(rows)
    return [(order, _event(order, row)) for order, row in rows], are_new


def _row(order: Order, doc: RefundDoc) -> Refund:
    lines = [
        {
            "line": clean(line.line, LONGEST_ID),
            "quantity": line.quantity,
            "amount_minor": minor(line.amount, order.currency),
        }
        for line in doc.lines
    ]
    return Refund(
        store_id=order.store_id,
        order=order,
        external_id=doc.external_id,
        amount_minor=minor(doc.amount, order.currency),
        reason=clean(doc.reason, 200),
        at=doc.at,
        lines=lines,
    )


def _add_up(rows: Sequence[tuple[Order, Refund]]) -> None:
    touched: dict[int, Order] = {}
    added: dict[int, int] = defaultdict(int)
    for order, row in rows:
        touched[order.pk] = order
        added[order.pk] += row.amount_minor
    for order_id, order in touched.items():
        order.refunded_minor += added[order_id]
    Order.objects.bulk_update(touched.values(), ["refunded_minor"])


def _event(order: Order, row: Refund) -> OrderRefunded:
    return OrderRefunded(
        store_id=order.store_id,
        customer_id=order.customer_id,
        order_id=order.pk,
        occurred_at=row.at,
        number=order.number,
        refund_id=row.pk,
        amount_minor=row.amount_minor,
        currency=order.currency,
    )
