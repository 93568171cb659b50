"""What mails say of the delivery."""

from thereafter.commerce.models import Customer, Order
from thereafter.kit import clock
from thereafter.messaging.blocks import Facts, block
from thereafter.tracking import facts


@block("delivery")
def delivery(customer: Customer, order: Order | None) -> Facts | None:
    """When the parcel comes or came; the link to the order's page is the message's own."""
    if order is None or order.is_cancelled:
        return None
    return facts.message_facts(order, clock.day_in(clock.now(), order.store.time_zone))
