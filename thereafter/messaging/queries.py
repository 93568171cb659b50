"""What others ask about messages."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection
from django.db.models import Count, Q, QuerySet

from thereafter.commerce.models import Customer, Order
from thereafter.messaging.models import ContactSettings, Message, Suppression
from thereafter.messaging.rules import gate
from thereafter.messaging.rules.contact_rules import ContactRules
from thereafter.stores.models import Store

HELD = "held"


def due(now: datetime, limit: int) -> QuerySet[Message]:
    """Messages to be sent, oldest first, with all that sending asks of; locked where the database can."""
    rows = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.SENDING], due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("store", "customer", "order").order_by("due_at", "id")[:limit]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody looks for in the list of messages; "" is everything."""

    state: str = ""
    template: str = ""
    channel: str = ""
    reason: str = ""
    origin: str = ""
    words: str = ""


def listed(store: Store, asked: Asked) -> QuerySet[Message]:
    """A store's messages, newest first; `words` are looked for in address, subject, name and order number."""
    rows = Message.objects.of(store).select_related("customer", "order").defer("facts")
    if asked.state == HELD:
        rows = rows.filter(_held())
    elif asked.state:
        rows = rows.filter(state=asked.state).exclude(_held())
    for name in ("template", "channel"):
        if getattr(asked, name):
            rows = rows.filter(**{name: getattr(asked, name)})
    if asked.reason:
        rows = rows.filter(Q(reason=asked.reason) | Q(reason__startswith=f"{asked.reason}:"))
    if asked.origin:
        rows = rows.filter(Q(origin=asked.origin) | Q(origin__startswith=f"{asked.origin}:"))
    return _worded(rows, asked.words).order_by("-created_at", "-id")


def _worded(rows: QuerySet[Message], words: str) -> QuerySet[Message]:
    if not words:
        return rows
    return rows.filter(
        Q(to_address__icontains=words)
        | Q(subject__icontains=words)
        | Q(customer__name__icontains=words)
        | Q(order__number=words)
        | Q(order__number=f"#{words}")
    )


def _held() -> Q:
    """What the contact rules hold back, and not only the next try of a full mailbox."""
    return Q(state=Message.State.QUEUED) & (
        Q(reason__in=["quiet_hours", "frequency_cap", "throttle"]) | Q(reason__startswith="open:")
    )


def of_order(order: Order) -> QuerySet[Message]:
    return listed_of(order.store_id).filter(order=order)


def of_customer(customer: Customer) -> QuerySet[Message]:
    return listed_of(customer.store_id).filter(customer=customer)


def listed_of(store_id: int) -> QuerySet[Message]:
    return Message.objects.of(store_id).defer("facts").order_by("-created_at", "-id")


def counts(store: Store) -> dict[str, int]:
    """How many messages are in each state, with those that are held told apart."""
    rows = Message.objects.of(store).order_by().values("state").annotate(count=Count("id"))
    found = {row["state"]: row["count"] for row in rows}
    held = Message.objects.of(store).filter(_held()).count() if found.get(Message.State.QUEUED) else 0
    return found | {HELD: held, Message.State.QUEUED: found.get(Message.State.QUEUED, 0) - held}


def reasons(store: Store, since: datetime) -> list[tuple[str, str, int]]:
    """(state, reason, how many) of what was not sent since then or is held now, most frequent first. What a template
    complains of is one reason."""
    rows = Message.objects.of(store).filter(
        Q(state__in=[Message.State.SKIPPED, Message.State.FAILED, Message.State.UNKNOWN]) | _held(),
        created_at__gt=since,
    )
    found: Counter[tuple[str, str]] = Counter()
    for state, reason, count in rows.order_by().values_list("state", "reason").annotate(Count("id")):
        is_ours = state != Message.State.FAILED or reason.startswith("template:")
        found[state, "template" if reason.startswith("template:") else reason if is_ours else "refused"] += count
    return [(state, reason, count) for (state, reason), count in found.most_common()]


def suppressed(store: Store, *, words: str = "", channel: str = "", reason: str = "") -> QuerySet[Suppression]:
    """Closed addresses, newest first."""
    rows = Suppression.objects.of(store)
    if words:
        rows = rows.filter(address__icontains=words.strip().lower())
    if channel:
        rows = rows.filter(channel=channel)
    if reason:
        rows = rows.filter(reason=reason)
    return rows.order_by("-at", "-id")


def sent_since(store: Store, since: datetime) -> int:
    return Message.objects.of(store).filter(state=Message.State.SENT, created_at__gt=since).count()


def sent_by_template(store: Store) -> dict[str, int]:
    rows = Message.objects.of(store).filter(state=Message.State.SENT).order_by().values("template")
    return {row["template"]: row["count"] for row in rows.annotate(count=Count("id"))}


def contact_rules(store: Store) -> ContactRules:
    """What the merchant has set; what was never set holds its default."""
    return contact_rules_of([store.pk])[store.pk]


def contact_rules_of(store_ids: Collection[int]) -> dict[int, ContactRules]:
    rows = ContactSettings.objects.filter(store_id__in=store_ids).values_list("store_id", "document")
    found = {store_id: msgspec.convert(document, ContactRules) for store_id, document in rows}
    return {store_id: found.get(store_id, _DEFAULT) for store_id in store_ids}


_DEFAULT = ContactRules()


def in_control_group(store: Store, customer_ids: Collection[int]) -> set[int]:
    """Those of these customers who get no marketing at all, so that it can be seen what marketing earns."""
    percent = contact_rules(store).control_percent
    return {each for each in customer_ids if gate.is_in_control(store.pk, each, percent)}
