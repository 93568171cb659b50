"""Queueing messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Customer, Order
from thereafter.messaging import catalogue
from thereafter.messaging.models import Message
from thereafter.timeline.rows import insert_new


@dataclass(frozen=True, kw_only=True)
class SendRequest:
    """A message somebody wants sent. `facts` go into the template beside what is known of customer, order and shop.

    `channels` are tried in this order until one may and can reach the person; none means those of the template.
    """

    store_id: int
    customer_id: int
    template: str
    key: str
    due_at: datetime
    order_id: int | None = None
    facts: Mapping[str, Any] | None = None
    channels: Sequence[str] = ()
    origin: str = ""
    topic: str = ""
    priority: int = 0
    expires_at: datetime | None = None


_COLUMNS = (
    "store_id",
    "customer_id",
    "order_id",
    "key",
    "template",
    "message_class",
    "facts",
    "channels",
    "origin",
    "topic",
    "priority",
    "expires_at",
    "due_at",
    "created_at",
)


def send(
    customer: Customer,
    *,
    template: str,
    key: str,
    now: datetime,
    order: Order | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Queues one message; a second with the same key changes nothing. Raises `catalogue.UnknownTemplate`."""
    request = SendRequest(
        store_id=customer.store_id,
        customer_id=customer.pk,
        template=template,
        key=key,
        due_at=now,
        order_id=order.pk if order else None,
        facts=facts,
    )
    send_many([request], now)


def send_many(requests: Sequence[SendRequest], now: datetime) -> None:
    """Queues messages in the caller's transaction, set-wise; keys that are known are left alone. Raises
    `catalogue.UnknownTemplate`."""
    classes = _classes(requests)
    with transaction.atomic():
        insert_new(
            Message,
            _COLUMNS,
            [
                (
                    request.store_id,
                    request.customer_id,
                    request.order_id,
                    request.key,
                    request.template,
                    classes[request.store_id, request.template],
                    request.facts or {},
                    request.channels,
                    request.origin,
                    request.topic,
                    request.priority,
                    request.expires_at,
                    request.due_at,
                    now,
                )
                for request in requests
            ],
        )


def _classes(requests: Sequence[SendRequest]) -> dict[tuple[int, str], str]:
    wanted = {(request.store_id, request.template) for request in requests}
    found = catalogue.chosen(wanted)
    for store_id, key in wanted - set(found):
        raise catalogue.UnknownTemplate(f"{key} in store {store_id}")
    return {at: template.message_class for at, template in found.items()}


@transaction.atomic
def move_to(keep_id: int, merged_id: int, store_id: int) -> None:
    """The messages of a customer who turned out to be another one."""
    Message.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
