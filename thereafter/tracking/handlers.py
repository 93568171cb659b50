"""What tracking does when an order comes or goes out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from thereafter.events.base import Event, ShopperEvent
from thereafter.events.orders import FulfilmentChanged, OrderFulfilled, OrderPlaced
from thereafter.events.parcels import ParcelFlagCleared
from thereafter.events.returns import ClaimDecided, ExchangeShipped, ReturnParcelSent
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.bus import on
from thereafter.tracking.actions import notices, reports, shoppers_claims, ways_back
from thereafter.tracking.actions.parcels import follow_fulfilments, open_parcels
from thereafter.tracking.actions.promises import promise
from thereafter.tracking.rules.flags import REPORTED
from thereafter.tracking.rules.news import NEWS

E = TypeVar("E", bound=Event)


@on(OrderPlaced, batch=True)
def promise_arrival(events: Sequence[OrderPlaced]) -> None:
    now = clock.now()
    for store, placed in _by_store(events):
        promise(store, {event.order_id for event in placed if event.order_id is not None}, now)
        inbox.wake(store, [f"order-number:{event.number.strip().lstrip('#')}" for event in placed], now)


@on(OrderFulfilled, batch=True)
def open_fulfilled(events: Sequence[OrderFulfilled]) -> None:
    now = clock.now()
    for store, fulfilled in _by_store(events):
        open_parcels(store, {event.fulfilment_id for event in fulfilled}, now)


@on(FulfilmentChanged, batch=True)
def follow_changes(events: Sequence[FulfilmentChanged]) -> None:
    now = clock.now()
    for store, changed in _by_store(events):
        follow_fulfilments(store, {event.fulfilment_id for event in changed}, now)


@on(*NEWS, batch=True)
def tell_followers(events: Sequence[ShopperEvent]) -> None:
    now = clock.now()
    for store, news in _by_store(events):
        notices.queue(store, news, now)


@on(ParcelFlagCleared, batch=True)
def settle_reports(events: Sequence[ParcelFlagCleared]) -> None:
    now = clock.now()
    for store, cleared in _by_store([event for event in events if event.kind == REPORTED]):
        reports.settle(store, {(event.order_id or 0, event.parcel_id) for event in cleared}, now)


@on(ReturnParcelSent, batch=True)
def follow_what_comes_back(events: Sequence[ReturnParcelSent]) -> None:
    now = clock.now()
    for store, sent in _by_store(events):
        ways_back.follow_back(store, sent, now)


@on(ExchangeShipped, batch=True)
def follow_exchanges(events: Sequence[ExchangeShipped]) -> None:
    """What goes to whoever got a gift is no news of the order: its buyer would hear of it."""
    now = clock.now()
    for store, shipped in _by_store([event for event in events if not event.is_gift]):
        ways_back.follow_exchanges(store, shipped, now)


@on(ClaimDecided, batch=True)
def hear_of_claims(events: Sequence[ClaimDecided]) -> None:
    now = clock.now()
    for store, decided in _by_store(events):
        shoppers_claims.take(store, decided, now)


def _by_store(events: Sequence[E]) -> Iterator[tuple[Store, list[E]]]:
    grouped: dict[int, list[E]] = defaultdict(list)
    for event in events:
        grouped[event.store_id].append(event)
    stores = Store.objects.in_bulk(grouped)
    return ((stores[store_id], group) for store_id, group in grouped.items())
