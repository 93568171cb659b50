"""What the shop handed over, in one parcel or several."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.taking import Became, Taken, order_key, refusal, wait_turn
from thereafter.commerce.documents import FulfilmentDoc, Shipped
from thereafter.commerce.models import Fulfilment, FulfilmentLine, Order, OrderLine
from thereafter.commerce.rules.orders import check_fulfilment
from thereafter.commerce.rules.text import clean
from thereafter.events.orders import FulfilmentChanged, OrderFulfilled
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.timeline.rows import insert

CANCELLED = "cancelled"
_TOLD = ("status", "carrier", "tracking_number", "tracking_url")
Told = OrderFulfilled | FulfilmentChanged


@transaction.atomic
def take_fulfilments(store: Store, documents: Sequence[FulfilmentDoc], *, source: str, now: datetime) -> list[Taken]:
    """Takes fulfilments that came by themselves; one before its order is `kept` and says what it waits for."""
    wait_turn(store)
    ids = {doc.order for doc in documents}
    orders = {order.external_id: order for order in Order.objects.of(store).filter(source=source, external_id__in=ids)}
    answers = [_judge(doc, orders.get(doc.order), source, now) for doc in documents]
    sound = [index for index, answer in enumerate(answers) if answer.became == Became.NEW]
    added = Shipping(store, [(orders[documents[at].order], documents[at].fulfilment) for at in sound])
    record(*(event for _, event in added.events))
    for index, became in zip(sound, added.became, strict=True):
        answers[index] = answers[index]._replace(became=became)
    return answers


def _judge(doc: FulfilmentDoc, order: Order | None, source: str, now: datetime) -> Taken:
    problems = check_fulfilment(doc, now)
    name = doc.fulfilment.external_id
    if problems:
        return refusal(name, problems)
    if order is None:
        key = order_key(source, doc.order)
        return Taken(name, Became.KEPT, reason=f"waits for the order {doc.order}", waits_for=key)
    return Taken(name, Became.NEW, order_id=order.pk)


class Shipping:
    """Fulfilments of many orders, written at once; `events` and what `became` of each given one tell of it."""

    def __init__(self, store: Store, given: Sequence[tuple[Order, Shipped]]) -> None:
        self.store = store
        self.events: list[tuple[Order, Told]] = []
        self.became: list[Became] = []
        if given:
            self._load({order.pk for order, _ in given})
            self._new: list[tuple[Order, Fulfilment, Shipped]] = []
            self._changed: dict[int, tuple[Order, Fulfilment]] = {}
            self.became = [self._place(order, shipped) for order, shipped in given]
            self._save()
            self._close_complete({order.pk: order for order, _ in given}.values())
            self._tell()

    def _load(self, order_ids: set[int]) -> None:
        known = Fulfilment.objects.of(self.store).filter(order_id__in=order_ids)
        self._known = {(fulfilment.order_id, fulfilment.external_id): fulfilment for fulfilment in known}
        self._lines: dict[int, list[OrderLine]] = defaultdict(list)
        for line in OrderLine.objects.of(self.store).filter(order_id__in=order_ids).order_by("id"):
            self._lines[line.order_id].append(line)
        self._shipped: Counter[int] = Counter()
        for row in FulfilmentLine.objects.of(self.store).filter(fulfilment__in=known.exclude(status=CANCELLED)):
            self._shipped[row.line_id] += row.quantity

    def _place(self, order: Order, shipped: Shipped) -> Became:
        told = _told(shipped)
        held = self._known.get((order.pk, shipped.external_id))
        if held is None:
            fulfilment = Fulfilment(
                store_id=self.store.pk,
                order_id=order.pk,
                external_id=shipped.external_id,
                shipped_at=shipped.shipped_at,
                **told,
            )
            self._known[order.pk, shipped.external_id] = fulfilment
            self._new.append((order, fulfilment, shipped))
            return Became.NEW
        # A later message that knows less takes nothing away.
        news = {name: value for name, value in told.items() if value and value != getattr(held, name)}
        for name, value in news.items():
            setattr(held, name, value)
        if news and held.pk:
            self._changed[held.pk] = (order, held)
        return Became.CHANGED if news else Became.SAME

    def _save(self) -> None:
        insert(fulfilment for _, fulfilment, _ in self._new)
        Fulfilment.objects.bulk_update([fulfilment for _, fulfilment in self._changed.values()], _TOLD)
        rows = []
        for order, fulfilment, shipped in self._new:
            for line, quantity in self._contents(order, shipped):
                rows.append(_line(fulfilment, line, quantity))
                if fulfilment.status != CANCELLED:
                    self._shipped[line.pk] += quantity
        insert(rows)

    def _contents(self, order: Order, shipped: Shipped) -> Iterable[tuple[OrderLine, int]]:
        """The named lines, or all that was not shipped yet; ids that are not on the order are left out."""
        for line in self._lines[order.pk]:
            left = max(line.quantity - self._shipped[line.pk], 0)
            quantity = shipped.lines.get(line.external_id, 0) if shipped.lines else left
            if quantity:
                yield line, quantity

    def _close_complete(self, orders: Iterable[Order]) -> None:
        complete = [
            order
            for order in orders
            if order.status == Order.Status.OPEN
            and all(self._shipped[line.pk] >= line.quantity for line in self._lines[order.pk])
        ]
        for order in complete:
            order.status = Order.Status.FULFILLED
        ids = [order.pk for order in complete]
        if ids:
            Order.objects.of(self.store).filter(pk__in=ids).update(status=Order.Status.FULFILLED)

    def _tell(self) -> None:
        for order, fulfilment, _ in self._new:
            if fulfilment.status != CANCELLED:
                self.events.append((order, _fulfilled(order, fulfilment)))
        self.events += [(order, _changed(order, fulfilment)) for order, fulfilment in self._changed.values()]


def _told(shipped: Shipped) -> dict[str, str]:
    return {
        "status": clean(shipped.status, 20) or "shipped",
        "carrier": clean(shipped.carrier, 60),
        "tracking_number": clean(shipped.tracking_number, 80),
        "tracking_url": clean(shipped.tracking_url, 500),
    }


def _line(fulfilment: Fulfilment, line: OrderLine, quantity: int) -> FulfilmentLine:
    return FulfilmentLine(store_id=fulfilment.store_id, fulfilment_id=fulfilment.pk, line_id=line.pk, quantity=quantity)


def _fulfilled(order: Order, fulfilment: Fulfilment) -> OrderFulfilled:
    return OrderFulfilled(
        store_id=order.store_id,
        customer_id=order.customer_id,
        order_id=order.pk,
        occurred_at=fulfilment.shipped_at,
        number=order.number,
        fulfilment_id=fulfilment.pk,
        carrier=fulfilment.carrier,
        tracking_number=fulfilment.tracking_number,
    )


def _changed(order: Order, fulfilment: Fulfilment) -> FulfilmentChanged:
    return FulfilmentChanged(
        store_id=order.store_id,
        customer_id=order.customer_id,
        order_id=order.pk,
        occurred_at=fulfilment.shipped_at,
        number=order.number,
        fulfilment_id=fulfilment.pk,
        status=fulfilment.status,
        carrier=fulfilment.carrier,
        tracking_number=fulfilment.tracking_number,
    )
