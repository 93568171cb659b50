"""What others ask about messages."""

from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet

from thereafter.commerce.models import Customer, Order
from thereafter.messaging.models import Message
from thereafter.stores.models import Store


def due(now: datetime, limit: int) -> QuerySet[Message]:
    """Messages to be sent, oldest first, with all that sending asks of; locked where the database can."""
    rows = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.SENDING], due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("store", "customer", "order").order_by("due_at", "id")[:limit]


def listed(store: Store, *, state: str = "", template: str = "", words: str = "") -> QuerySet[Message]:
    """A store's messages, newest first; `words` are looked for in address, subject, name and order number."""
    rows = Message.objects.of(store).select_related("customer", "order").defer("facts")
    if state:
        rows = rows.filter(state=state)
    if template:
        rows = rows.filter(template=template)
    if words:
        rows = rows.filter(
            Q(to_address__icontains=words)
            | Q(subject__icontains=words)
            | Q(customer__name__icontains=words)
            | Q(order__number=words)
            | Q(order__number=f"#{words}")
        )
    return rows.order_by("-created_at", "-id")


def of_order(order: Order) -> QuerySet[Message]:
    return listed_of(order.store_id).filter(order=order)


def of_customer(customer: Customer) -> QuerySet[Message]:
    return listed_of(customer.store_id).filter(customer=customer)


def listed_of(store_id: int) -> QuerySet[Message]:
    return Message.objects.of(store_id).defer("facts").order_by("-created_at", "-id")


def counts(store: Store) -> dict[str, int]:
    """How many messages are in each state."""
    rows = Message.objects.of(store).order_by().values("state").annotate(count=Count("id"))
    return {row["state"]: row["count"] for row in rows}


def sent_by_template(store: Store) -> dict[str, int]:
    rows = Message.objects.of(store).filter(state=Message.State.SENT).order_by().values("template")
    return {row["template"]: row["count"] for row in rows.annotate(count=Count("id"))}
