"""Taking orders in: a batch at a time, as often as they come, in any order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.fulfilments import Shipping, take_fulfilments
from thereafter.commerce.actions.lines import put_lines, put_tenders
from thereafter.commerce.actions.people import Mention, People
from thereafter.commerce.actions.products import Catalogue
from thereafter.commerce.actions.refunds import add_refunds, take_refunds
from thereafter.commerce.actions.taking import Became, Taken, order_key, refusal, wait_turn, waves
from thereafter.commerce.documents import OrderDoc
from thereafter.commerce.models import Order
from thereafter.commerce.rules.orders import Amounts, amounts_of, check_order, status_of, version_of
from thereafter.commerce.rules.text import clean, clean_address, clean_note
from thereafter.events.base import Event
from thereafter.events.orders import OrderCancelled, OrderChanged, OrderPlaced
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.log import record
from thereafter.timeline.rows import insert

__all__ = ["take_fulfilments", "take_orders", "take_refunds"]

_TOLD = [
    "customer", "number", "status", "placed_at", "changed_at", "cancelled_at", "promised_on", "currency",
    "subtotal_minor", "discount_minor", "shipping_minor", "fees_minor", "tax_minor", "taxes_included", "total_minor",
    "discount_codes", "shipping_address", "channel", "note",
]  # fmt: skip


@dataclass(slots=True)
class Draft:
    """One document on its way to rows."""

    index: int
    doc: OrderDoc
    amounts: Amounts
    became: Became
    order: Order
    was_cancelled: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def is_rewritten(self) -> bool:
        return self.became != Became.SAME


@transaction.atomic
def take_orders(store: Store, documents: Sequence[OrderDoc], *, source: str, now: datetime) -> list[Taken]:
    """Takes up to 1,000 orders in a constant number of queries; one answer per document, in their sequence.

    An order is known by its source and external_id, a version by `changed_at` (or the latest time in it). The same
    version again changes nothing but adds fulfilments, refunds and a cancellation that are new; an older one changes
    nothing at all.
    """
    wait_turn(store)
    answers: dict[int, Taken] = {}
    for wave in waves([(doc.external_id, doc) for doc in documents]):
        answers |= _take_wave(store, wave, source=source, now=now)
    return [answers[index] for index in range(len(documents))]


def _take_wave(store: Store, wave: Sequence[tuple[int, OrderDoc]], *, source: str, now: datetime) -> dict[int, Taken]:
    answers: dict[int, Taken] = {}
    sound: list[tuple[int, OrderDoc]] = []
    for index, doc in wave:
        problems = check_order(doc, now, store.country)
        if problems:
            answers[index] = refusal(doc.external_id, problems)
        else:
            sound.append((index, doc))
    of_wave = Order.objects.of(store).filter(source=source, external_id__in=[doc.external_id for _, doc in sound])
    known = {order.external_id: order for order in of_wave} if sound else {}
    drafts = []
    for index, doc in sound:
        draft = _draft(store, index, doc, known.get(doc.external_id), source)
        if draft:
            drafts.append(draft)
        else:
            order_id = known[doc.external_id].pk
            answers[index] = Taken(doc.external_id, Became.SAME, order_id=order_id)
    _write(store, drafts, source=source, now=now)
    for draft in drafts:
        answers[draft.index] = Taken(draft.doc.external_id, draft.became, order_id=draft.order.pk)
    return answers


def _draft(store: Store, index: int, doc: OrderDoc, known: Order | None, source: str) -> Draft | None:
    """None when the document has nothing to tell us: it is older than what we have."""
    if known is None:
        order = Order(store_id=store.pk, source=source, external_id=doc.external_id)
        return Draft(index, doc, amounts_of(doc), Became.NEW, order)
    version = version_of(doc)
    if version < known.changed_at:
        return None
    became = Became.CHANGED if version > known.changed_at else Became.SAME
    return Draft(index, doc, amounts_of(doc), became, known, was_cancelled=known.is_cancelled)


def _write(store: Store, drafts: Sequence[Draft], *, source: str, now: datetime) -> None:
    if not drafts:
        return
    rewritten = [draft for draft in drafts if draft.is_rewritten]
    _write_orders(store, rewritten, source=source, now=now)
    _cancel(store, drafts)
    _write_what_followed(store, drafts)
    record(*(event for draft in drafts for event in draft.events))
    new = [order_key(source, draft.doc.external_id) for draft in drafts if draft.became == Became.NEW]
    if new:
        inbox.wake(store, new, now)


def _write_orders(store: Store, drafts: Sequence[Draft], *, source: str, now: datetime) -> None:
    if not drafts:
        return
    people = People(store, source, now)
    people.resolve([_mention(draft.doc) for draft in drafts])
    catalogue = Catalogue(store, source, (line for draft in drafts for line in draft.doc.lines))
    for index, (draft, customer) in enumerate(zip(drafts, people.customers, strict=True)):
        draft.order.customer = customer
        draft.events += people.events.get(index, [])
        _fill(draft)
    insert(draft.order for draft in drafts if draft.became == Became.NEW)
    changed = [draft.order for draft in drafts if draft.became == Became.CHANGED]
    Order.objects.bulk_update(changed, _TOLD)
    given = [(draft.order, draft.doc, draft.amounts) for draft in drafts]
    known = {order.pk for order in changed}
    put_lines(store, given, catalogue, known=known)
    put_tenders(given, known=known)
    for draft in drafts:
        draft.events.append(_placed(draft) if draft.became == Became.NEW else _changed(draft))


def _mention(doc: OrderDoc) -> Mention:
    person, address = doc.customer, doc.shipping_address
    if not person.name and address.name:
        person.name = address.name
    return Mention(person, doc.placed_at, address.country, told_by=f"order {clean(doc.number, 40)}")


def _fill(draft: Draft) -> None:
    doc, amounts, order = draft.doc, draft.amounts, draft.order
    status = status_of(doc)
    # What was handed over stays handed over, even when this version of the order does not say so.
    stays_fulfilled = status == Order.Status.OPEN and order.status == Order.Status.FULFILLED
    order.status = order.status if stays_fulfilled else status
    order.number = clean(doc.number, 40) or doc.external_id[:40]
    order.placed_at, order.changed_at, order.promised_on = doc.placed_at, version_of(doc), doc.promised_on
    order.cancelled_at = (doc.cancelled_at or order.changed_at) if status == Order.Status.CANCELLED else None
    order.currency, order.taxes_included = doc.currency, doc.taxes_included
    order.total_minor, order.subtotal_minor = amounts.total, amounts.subtotal
    order.discount_minor, order.shipping_minor = amounts.discount, amounts.shipping
    order.fees_minor, order.tax_minor = amounts.fees, amounts.tax
    order.discount_codes = [code for each in doc.discount_codes[:50] if (code := clean(each, 80))]
    order.shipping_address = clean_address(doc.shipping_address)
    order.channel, order.note = clean(doc.channel, 40), clean_note(doc.note)


def _cancel(store: Store, drafts: Sequence[Draft]) -> None:
    """Tells of orders that are cancelled now; one whose version we had already gets its row changed here."""
    late = []
    for draft in drafts:
        if status_of(draft.doc) != Order.Status.CANCELLED or draft.was_cancelled:
            continue
        if not draft.is_rewritten:
            draft.order.status = Order.Status.CANCELLED
            draft.order.cancelled_at = draft.doc.cancelled_at or draft.order.changed_at
            late.append(draft.order)
        draft.events.append(_cancelled(draft))
    Order.objects.bulk_update(late, ["status", "cancelled_at"])


def _write_what_followed(store: Store, drafts: Iterable[Draft]) -> None:
    drafts = list(drafts)
    shipping = Shipping(store, [(draft.order, shipped) for draft in drafts for shipped in draft.doc.fulfilments])
    refunds, _ = add_refunds(store, [(draft.order, refund) for draft in drafts for refund in draft.doc.refunds])
    followed: dict[int, list[Event]] = defaultdict(list)
    for order, event in (*shipping.events, *refunds):
        followed[order.pk].append(event)
    for draft in drafts:
        draft.events += sorted(followed[draft.order.pk], key=lambda event: event.occurred_at)


def _placed(draft: Draft) -> OrderPlaced:
    order = draft.order
    return OrderPlaced(
        store_id=order.store_id,
        customer_id=order.customer_id,
        order_id=order.pk,
        occurred_at=order.placed_at,
        number=order.number,
        total_minor=order.total_minor,
        currency=order.currency,
        items=sum(line.quantity for line in draft.doc.lines),
        source=order.source,
    )


def _changed(draft: Draft) -> OrderChanged:
    order = draft.order
    return OrderChanged(
        store_id=order.store_id,
        customer_id=order.customer_id,
        order_id=order.pk,
        occurred_at=order.changed_at,
        number=order.number,
        total_minor=order.total_minor,
        currency=order.currency,
    )


def _cancelled(draft: Draft) -> OrderCancelled:
    order = draft.order
    return OrderCancelled(
        store_id=order.store_id,
        customer_id=order.customer_id,
        order_id=order.pk,
        occurred_at=order.cancelled_at or order.changed_at,
        number=order.number,
        reason=clean(draft.doc.cancel_reason, 200),
    )
