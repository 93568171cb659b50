from collections import defaultdict
from collections.abc import Sequence

from thereafter.events.customers import CustomersMerged
from thereafter.events.orders import OrderPlaced
from thereafter.recommendations import reorder_handlers  # noqa: F401 they hear of events when they are read
from thereafter.recommendations.actions import crediting, people
from thereafter.timeline.bus import on


@on(OrderPlaced, batch=True)
def credit_recommendations(events: Sequence[OrderPlaced]) -> None:
    """Which of what was bought had been recommended."""
    orders = defaultdict(set)
    for event in events:
        if event.order_id is not None:
            orders[event.store_id].add(event.order_id)
    for store_id, order_ids in orders.items():
        crediting.credit(store_id, order_ids)


@on(CustomersMerged)
def follow_merged(event: CustomersMerged) -> None:
    people.merge(event.store_id, keep_id=event.customer_id, merged_id=event.merged_id)
