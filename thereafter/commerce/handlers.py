"""What coupons hear of."""

from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.actions import coupons
from thereafter.events.customers import CustomersMerged
from thereafter.events.orders import OrderChanged, OrderPlaced
from thereafter.timeline.bus import on


@on(OrderPlaced, OrderChanged, batch=True)
def redeem_coupons(events: Sequence[OrderPlaced | OrderChanged]) -> None:
    """A shop that does not ask us names the codes on its orders."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for event in events:
        if event.order_id is not None:
            by_store[event.store_id].add(event.order_id)
    for store_id, order_ids in by_store.items():
        coupons.redeem_on_orders(store_id, order_ids)


@on(CustomersMerged)
def move_coupons(event: CustomersMerged) -> None:
    coupons.move_to(event.customer_id, event.merged_id, event.store_id)
