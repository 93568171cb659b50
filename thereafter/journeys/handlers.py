from collections.abc import Sequence

from thereafter.events.base import ShopperEvent
from thereafter.events.customers import CustomersMerged
from thereafter.events.orders import OrderCancelled, OrderRefunded
from thereafter.journeys.actions import entering, moving
from thereafter.journeys.triggers import TRIGGERS
from thereafter.kit import clock
from thereafter.timeline.bus import on


@on(*TRIGGERS, batch=True)
def let_in(events: Sequence[ShopperEvent]) -> None:
    entering.start(events, clock.now())


@on(OrderCancelled, OrderRefunded, batch=True)
def stop(events: Sequence[ShopperEvent]) -> None:
    moving.stop_for(events, clock.now())


@on(CustomersMerged)
def follow_the_customer(event: CustomersMerged) -> None:
    moving.move_to(event.customer_id, event.merged_id, event.store_id)
