"""What tracking does when an order comes or goes out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from thereafter.events.orders import OrderChanged, OrderFulfilled, OrderPlaced
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.bus import on
from thereafter.tracking.actions.parcels import follow_fulfilments, open_parcels
from thereafter.tracking.actions.promises import promise

Orderly = OrderPlaced | OrderChanged | OrderFulfilled


@on(OrderPlaced, batch=True)
def promise_arrival(events: Sequence[OrderPlaced]) -> None:
    now = clock.now()
    for store, placed in _by_store(events):
        promise(store, _orders(placed), now)
        inbox.wake(store, [f"order-number:{event.number.strip().lstrip('#')}" for event in placed], now)


@on(OrderFulfilled, batch=True)
def open_fulfilled(events: Sequence[OrderFulfilled]) -> None:
    now = clock.now()
    for store, fulfilled in _by_store(events):
        open_parcels(store, {event.fulfilment_id for event in fulfilled}, now)


@on(OrderChanged, batch=True)
def follow_changes(events: Sequence[OrderChanged]) -> None:
    now = clock.now()
    for store, changed in _by_store(events):
        follow_fulfilments(store, _orders(changed), now)


def _orders(events: Iterable[Orderly]) -> set[int]:
    return {event.order_id for event in events if event.order_id is not None}


def _by_store(events: Sequence[Orderly]) -> Iterator[tuple[Store, list[Orderly]]]:
    grouped: dict[int, list[Orderly]] = defaultdict(list)
    for event in events:
        grouped[event.store_id].append(event)
    stores = Store.objects.in_bulk(grouped)
    return ((stores[store_id], group) for store_id, group in grouped.items())
