from thereafter.events.customers import CustomersMerged
from thereafter.feedback.actions import people
from thereafter.timeline.bus import on


@on(CustomersMerged)
def merge_answers(event: CustomersMerged) -> None:
    people.merge(event.store_id, keep_id=event.customer_id, merged_id=event.merged_id)
