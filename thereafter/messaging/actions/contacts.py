"""What people and their mailboxes say about being written to."""

from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.customers import change_consent
from thereafter.messaging.models import Message, Suppression


@transaction.atomic
def unsubscribe(message: Message, *, source: str, now: datetime) -> None:
    """No more marketing or service mail to the address this message went to. Saying it twice changes nothing."""
    address = (message.to_address or message.customer.email).lower()
    _, is_new = Suppression.objects.get_or_create(
        store_id=message.store_id, address=address, scope="marketing", defaults={"reason": "unsubscribed", "at": now}
    )
    if is_new:
        change_consent(
            message.customer,
            channel="email",
            purpose="marketing",
            granted=False,
            source=source,
            evidence=f"unsubscribed {address} from message {message.pk}",
            now=now,
        )
