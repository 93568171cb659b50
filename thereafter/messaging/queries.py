"""What others ask about messages."""

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from thereafter.messaging.models import Message

ENDED = (Message.State.SENT, Message.State.SKIPPED, Message.State.FAILED, Message.State.UNKNOWN)


def due(now: datetime, limit: int) -> QuerySet[Message]:
    """Messages to be sent, oldest first, with all that sending asks of; locked where the database can."""
    rows = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.SENDING], due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("store", "customer", "order").order_by("due_at", "id")[:limit]
