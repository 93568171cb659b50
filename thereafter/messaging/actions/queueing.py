"""Queueing messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Customer, Order
from thereafter.messaging import library
from thereafter.messaging.models import Message


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
    priority: int = 0
    expires_at: datetime | None = None


def send(
    customer: Customer,
    *,
    template: str,
    key: str,
    now: datetime,
    order: Order | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Queues one message; a second with the same key changes nothing. Raises `library.UnknownTemplate`."""
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
    """Queues messages in the caller's transaction, set-wise; keys that are known are left alone."""
    Message.objects.bulk_create(
        [
            Message(
                store_id=request.store_id,
                customer_id=request.customer_id,
                order_id=request.order_id,
                key=request.key,
                template=request.template,
                message_class=library.template(request.template).message_class,
                facts=dict(request.facts or {}),
                channels=list(request.channels),
                origin=request.origin,
                priority=request.priority,
                expires_at=request.expires_at,
                due_at=request.due_at,
                created_at=now,
            )
            for request in requests
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def move_to(keep_id: int, merged_id: int, store_id: int) -> None:
    """The messages of a customer who turned out to be another one."""
    Message.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
