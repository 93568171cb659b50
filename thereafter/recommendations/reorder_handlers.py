"""What was bought starts the clock anew; what was cancelled or sent back was no purchase."""

from collections import defaultdict
from collections.abc import Sequence

from thereafter.events.base import ShopperEvent
from thereafter.events.customers import CustomersMerged
from thereafter.events.orders import OrderCancelled, OrderPlaced, OrderRefunded
from thereafter.kit import clock
from thereafter.recommendations.actions import reorder_answers, reorders
from thereafter.stores.models import Store
from thereafter.timeline.bus import on


@on(OrderPlaced, OrderCancelled, OrderRefunded, batch=True)
def follow_reorders(events: Sequence[ShopperEvent]) -> None:
    customers: dict[int, set[int]] = defaultdict(set)
    for event in events:
        customers[event.store_id].add(event.customer_id)
    for store in Store.objects.filter(pk__in=customers):
        reorders.follow(store, customers[store.pk], now=clock.now())


@on(CustomersMerged)
def merge_reorders(event: CustomersMerged) -> None:
    reorder_answers.merge(event.store_id, keep_id=event.customer_id, merged_id=event.merged_id)
    reorders.follow(Store.objects.get(pk=event.store_id), {event.customer_id, event.merged_id}, now=clock.now())
