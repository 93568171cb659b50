from thereafter.campaigns.actions import editing
from thereafter.events.customers import CustomersMerged
from thereafter.timeline.bus import on


@on(CustomersMerged)
def merge_recipients(event: CustomersMerged) -> None:
    editing.move_to(event.customer_id, event.merged_id, event.store_id)
