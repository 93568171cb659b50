from collections.abc import Sequence

from thereafter.events.base import ShopperEvent
from thereafter.events.customers import CustomersMerged
from thereafter.journeys.actions import entering, goals, holding, merging, moving, recalling, segments, waking
from thereafter.journeys.triggers import TRIGGERS
from thereafter.kit import clock
from thereafter.timeline.bus import on


@on(*TRIGGERS, batch=True)
def let_in(events: Sequence[ShopperEvent]) -> None:
    """What happened ends journeys, reaches goals, calls back what is held, wakes who waits for it, and lets people
    in. What the customer must not hear of, because somebody else asked, does none of that."""
    events = [event for event in events if not getattr(event, "is_gift", False)]
    holding.hold_doors(events)
    moving.stop_for(events, clock.now())
    goals.reach(events, clock.now())
    recalling.recall(events, clock.now())
    waking.wake(events, clock.now())
    entering.start(events, clock.now())


@on(CustomersMerged)
def follow_the_customer(event: CustomersMerged) -> None:
    merging.follow(event.customer_id, event.merged_id, event.store_id, clock.now())
    segments.follow(event.customer_id, event.merged_id, event.store_id)
