from thereafter.commerce.models import Customer
from thereafter.events.customers import AccountLinkRequested, CustomersMerged
from thereafter.messaging.actions import queueing
from thereafter.timeline.bus import on


@on(AccountLinkRequested)
def send_account_link(event: AccountLinkRequested) -> None:
    customer = Customer.objects.of(event.store_id).filter(pk=event.customer_id).first()
    if customer:
        key = f"account_link:{customer.pk}:{event.occurred_at:%Y-%m-%dT%H:%M:%S}"
        queueing.send(customer, template="account_link", key=key, now=event.occurred_at)


@on(CustomersMerged)
def follow_the_customer(event: CustomersMerged) -> None:
    queueing.move_to(event.customer_id, event.merged_id, event.store_id)
