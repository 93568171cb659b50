"""Queueing what is told to others than the customer, with the messages and as they are: once, and tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.messaging.models import Message, MessageClass

# What these rows have for a template, by their channel.
TEMPLATES = {"webhook": "webhook", "team": "team_post", "ticket": "ticket"}


@dataclass(frozen=True, kw_only=True)
class Telling:
    """`settings` are what the channel wants: `url` (webhook), `place` (team); `title` and `text` are Liquid."""

    store_id: int
    customer_id: int
    channel: str
    key: str
    due_at: datetime
    settings: Mapping[str, Any]
    order_id: int | None = None
    event: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""


@transaction.atomic
def tell_many(tellings: Sequence[Telling], now: datetime) -> None:
    """Queues them in the caller's transaction, set-wise; keys that are known are left alone."""
    Message.objects.bulk_create(
        [
            Message(
                store_id=one.store_id,
                customer_id=one.customer_id,
                order_id=one.order_id,
                key=one.key,
                template=TEMPLATES[one.channel],
                message_class=MessageClass.TRANSACTIONAL,
                channel=one.channel,
                channels=[one.channel],
                facts={"outside": dict(one.settings), "event": dict(one.event)},
                origin=one.origin,
                due_at=one.due_at,
                created_at=now,
            )
            for one in tellings
        ],
        ignore_conflicts=True,
    )
