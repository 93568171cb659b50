"""Taking documents of every kind into the shop, so that a bad one is refused alone."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction

from thereafter.commerce.actions.fulfilments import take_fulfilments
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.actions.products import take_products
from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.actions.taking import Taken, refusal
from thereafter.commerce.connectors.reading import Document
from thereafter.commerce.documents import CustomerDoc, FulfilmentDoc, OrderDoc, ProductDoc, RefundOfOrder
from thereafter.stores.models import Store

log = logging.getLogger(__name__)
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
