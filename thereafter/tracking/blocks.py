"""What mails say of the delivery."""

from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.models import Customer, Order
from thereafter.kit import clock
from thereafter.messaging.blocks import Facts, block
from thereafter.tracking import facts, structured


@block("delivery", many=True, label="Delivery", hint="Where the parcel is and when it comes")
def delivery(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """When the parcel comes or came; a cancelled order has nothing to wait for."""
    now = clock.now()
    of_store: dict[int, list[Order]] = defaultdict(list)
    for order in orders:
        if order is not None and not order.is_cancelled:
            of_store[order.store_id].append(order)
    told: dict[int, Facts] = {}
    for waiting in of_store.values():
        told |= facts.for_messages(waiting, clock.day_in(now, waiting[0].store.time_zone))
    return [told.get(order.pk) if order else None for order in orders]


@block("parcel_delivery", many=True)
def parcel_delivery(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """The parcels for the programs that read mails; nobody sees it."""
    of_store: dict[int, list[Order]] = defaultdict(list)
    for order in orders:
        if order is not None and not order.is_cancelled:
            of_store[order.store_id].append(order)
    told = {key: docs for waiting in of_store.values() for key, docs in structured.for_messages(waiting).items()}
    return [{"document": told[order.pk]} if order and order.pk in told else None for order in orders]
