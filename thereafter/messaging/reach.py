"""Where a person is reached, by channel; asked once for a whole batch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from thereafter.commerce.models import Customer
from thereafter.commerce.rules.text import normal_phone
from thereafter.messaging import accounts
from thereafter.messaging.models import Browser, Message

BY_PHONE = ("sms", "whatsapp")


def addresses(messages: Sequence[Message]) -> dict[int, dict[str, str]]:
    """By message: the address of each channel that the store can send by and that reaches its customer.

    Messages come with their store and customer loaded. What stands for somebody's browsers is for people to read, and
    theirs alone.
    """
    wanted = {message.pk: (message.store_id, message.customer) for message in messages}
    can = accounts.accounts_of({message.store_id for message in messages})
    browsers = _browsers(wanted.values())
    return {
        message.pk: {
            channel: address
            for channel, address in {
                **_own(message.customer, message.store.country),
                "push": _named(message.customer) if (message.store_id, message.customer_id) in browsers else "",
                "ticket": message.store.support_email,
            }.items()
            if address and (message.store_id, channel) in can
        }
        for message in messages
    }


def _own(customer: Customer, country: str) -> dict[str, str]:
    phone = normal_phone(customer.phone, customer.country or country) if customer.phone else ""
    return {"email": customer.email.strip(), **dict.fromkeys(BY_PHONE, phone)}


def _named(customer: Customer) -> str:
    return f"browsers of {customer.email or customer.phone or customer.display_name}"


def _browsers(wanted: Iterable[tuple[int, Customer]]) -> set[tuple[int, int]]:
    """Stores and customers who have a browser that is open to us."""
    asked: dict[int, set[int]] = defaultdict(set)
    for store_id, customer in wanted:
        asked[store_id].add(customer.pk)
    found: set[tuple[int, int]] = set()
    for store_id, customer_ids in asked.items():
        rows = Browser.objects.of(store_id).filter(customer_id__in=customer_ids, closed_at__isnull=True)
        found |= {(store_id, customer_id) for customer_id in rows.values_list("customer_id", flat=True)}
    return found
