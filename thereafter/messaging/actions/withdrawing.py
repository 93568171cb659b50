"""Taking back messages that have not gone out yet, because what they were about is over."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from thereafter.events.messages import MessageSkipped
from thereafter.messaging.models import Message
from thereafter.timeline.log import record


@transaction.atomic
def withdraw(whys: Mapping[int, str], now: datetime) -> int:
    """Skips those of these messages that are still queued, each with its reason; returns how many that were.

    A worker that has one in its hands and has not handed it over finds it gone.
    """
    rows = Message.objects.filter(pk__in=whys, state=Message.State.QUEUED).order_by("pk")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    taken = list(rows.only("pk", "store_id", "customer_id", "order_id", "template"))
    for message in taken:
        message.state, message.reason = Message.State.SKIPPED, whys[message.pk][:300]
    Message.objects.bulk_update(taken, ["state", "reason"])
    record(*(_skipped(message, now) for message in taken))
    return len(taken)


def _skipped(message: Message, now: datetime) -> MessageSkipped:
    return MessageSkipped(
        store_id=message.store_id,
        customer_id=message.customer_id,
        order_id=message.order_id,
        occurred_at=now,
        message_id=message.pk,
        template=message.template,
        reason=message.reason,
    )
