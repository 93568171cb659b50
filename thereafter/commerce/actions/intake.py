"""Documents on their way into the shop: kept as a batch, then taken, so that a bad one is refused alone."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError, transaction

from thereafter.commerce.actions.fulfilments import take_fulfilments
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.actions.products import take_products
from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.actions.taking import Taken, refusal
from thereafter.commerce.connectors import own
from thereafter.commerce.connectors.reading import Document, Unreadable
from thereafter.commerce.documents import CustomerDoc, FulfilmentDoc, OrderDoc, ProductDoc, RefundOfOrder
from thereafter.commerce.rules.orders import check_fulfilment, check_order
from thereafter.commerce.rules.products import check_product
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received

log = logging.getLogger(__name__)
# The inbox's rooms that are ours: single calls, and rows that hold up to 1,000 documents each (taken few at a time).
ROOM, BATCHES = "commerce", "commerce.batches"
MOST = 1000
# In this sequence, so that what is spoken of later is there.
_TAKERS: dict[type[Document], Callable[..., list[Taken]]] = {
    ProductDoc: take_products,
    CustomerDoc: take_customers,
    OrderDoc: take_orders,
    FulfilmentDoc: take_fulfilments,
    RefundOfOrder: take_refunds,
}
# The document's own fault; anything else (a lost connection, a deadlock) is tried again by who calls.
_THEIR_FAULT = (DataError, IntegrityError, ValueError, TypeError, ArithmeticError)


@transaction.atomic
def take_documents(store: Store, documents: Sequence[Document], *, source: str, now: datetime) -> list[Taken]:
    """Takes documents of any kinds and number; one answer for each, in their sequence."""
    answers: dict[int, Taken] = {}
    for kind, taker in _TAKERS.items():
        of_kind = [(index, doc) for index, doc in enumerate(documents) if type(doc) is kind]
        for start in range(0, len(of_kind), MOST):
            part = of_kind[start : start + MOST]
            taken = _take(taker, store, [doc for _, doc in part], source=source, now=now)
            answers |= {index: answer for (index, _), answer in zip(part, taken, strict=True)}
    return [answers[index] for index in range(len(documents))]


def _take(taker: Callable[..., list[Taken]], store: Store, documents: list[Any], **told: Any) -> list[Taken]:
    """If the database refuses the lot, halves it until the one that is to blame stands alone."""
    try:
        with transaction.atomic():
            return taker(store, documents, **told)
    except _THEIR_FAULT as error:
        if len(documents) == 1:
            log.warning("a document could not be taken", exc_info=error)
            return [refusal("", [f"cannot_be_kept: {type(error).__name__}: {error}"[:200]])]
    middle = len(documents) // 2
    return _take(taker, store, documents[:middle], **told) + _take(taker, store, documents[middle:], **told)


class Kept(NamedTuple):
    """A batch in the inbox: the reason by row for what was refused, and whether we had this batch already."""

    refused: dict[int, str]
    accepted: int
    is_duplicate: bool


@transaction.atomic
def keep_batch(store: Store, topic: str, rows: Sequence[bytes], *, source: str, key: str, now: datetime) -> Kept:
    """Keeps the sound rows as one call and each other row in the dead-letter list. Idempotent by `key`."""
    reasons = {at: reason for at, row in enumerate(rows) if (reason := problem_with(store, topic, row, now))}
    sound = [row for at, row in enumerate(rows) if at not in reasons]
    new = True
    if sound:
        body = b"[" + b",".join(sound) + b"]"
        new = bool(inbox.put([Received(store.pk, BATCHES, source, topic, key, body.decode())], now))
    refuse_rows(store, topic, [(rows[at], reason) for at, reason in reasons.items()], source=source, now=now)
    return Kept(reasons, len(sound), is_duplicate=not new)


def refuse_rows(store: Store, topic: str, rows: Sequence[tuple[bytes, str]], *, source: str, now: datetime) -> None:
    """Each row once in the dead-letter list, from where a person can mend and replay it."""
    inbox.refuse(
        [
            (Received(store.pk, ROOM, source, topic, f"refused:{content_key(topic, row)}", _as_text(row)), reason)
            for row, reason in rows
        ],
        now,
    )


def problem_with(store: Store, topic: str, row: bytes, now: datetime) -> str:
    """Why a document in JSON cannot be taken, or ""."""
    try:
        # The reader does not look into what it does not know, but all of the row is kept as text.
        row.decode()
        document = own.read_one(topic, row)
    except UnicodeDecodeError as wrong:
        return f"bad_json: not UTF-8: {wrong}"[:300]
    except Unreadable as wrong:
        return str(wrong)
    match document:
        case OrderDoc():
            problems = check_order(document, now, store.country)
        case FulfilmentDoc():
            problems = check_fulfilment(document, now)
        case ProductDoc():
            problems = check_product(document, now)
        case _:
            problems = []
    return "; ".join(problems[:3])


def content_key(topic: str, content: bytes) -> str:
    return hashlib.sha256(topic.encode() + b"\n" + content).hexdigest()


def _as_text(row: bytes) -> str:
    return row.decode(errors="backslashreplace").replace("\x00", "\\x00")
