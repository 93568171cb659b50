"""What the contact rules want to know of people, gathered for a whole batch with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from thereafter.commerce.models import Consent, Customer, Order
from thereafter.commerce.rules.zones import zones_of
from thereafter.messaging import queries, reach
from thereafter.messaging.models import Message, Suppression
from thereafter.messaging.rules import gate
from thereafter.messaging.rules.addresses import ADDRESSED, key_of
from thereafter.messaging.rules.caps import LONGEST_WINDOW
from thereafter.messaging.rules.classes import MARKETING, SERVICE, TRANSACTIONAL
from thereafter.messaging.rules.contact_rules import CHANNELS, ContactRules
from thereafter.messaging.rules.gate import Candidate, Closed, Contact, Facts, Said

Addresses = Mapping[int, Mapping[str, str]]
State = Message.State
# What went out, is going out, or has been let through a moment ago.
_COUNTS = (State.QUEUED, State.SENDING, State.SENT, State.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was read for a batch, by customer, or by store, channel and address."""

    rules: Mapping[int, ContactRules]
    said: Mapping[int, Mapping[tuple[str, str], Said]] = field(default_factory=dict)
    closed: Mapping[tuple[int, str, str], Closed] = field(default_factory=dict)
    history: dict[int, list[Contact]] = field(default_factory=dict)
    buyers: Collection[int] = ()


def gather(
    messages: Sequence[Message],
    addresses: Addresses,
    now: datetime,
    *,
    history: dict[int, list[Contact]] | None = None,
) -> list[tuple[Candidate, Facts]]:
    """Each message with what the rules want to know, in order. Messages come with store, customer and order loaded.

    A rehearsal hands in the `history` it made up, by customer; it grows as messages are let through.
    """
    wanted = [message for message in messages if message.message_class != TRANSACTIONAL]
    known = Known(
        rules=queries.contact_rules_of({message.store_id for message in messages}),
        said=_said(messages),
        closed=_closed(addresses, messages, now),
        history=_history(wanted, now) if history is None else history,
        buyers=_buyers(messages),
    )
    return [(_candidate(message), _facts(message, addresses.get(message.pk, {}), known)) for message in messages]


def of_customer(customer: Customer, now: datetime, *, message_class: str = MARKETING) -> Facts:
    """What would be known if the customer, loaded with their store, were to get a message of this class now."""
    message = Message(pk=0, store=customer.store, customer=customer, message_class=message_class, created_at=now)
    message.order = Order.objects.of(customer.store_id).filter(customer=customer).order_by("-placed_at", "-id").first()
    message.channels = list(CHANNELS)
    ((_, facts),) = gather([message], reach.addresses([message]), now)
    return facts


def _candidate(message: Message) -> Candidate:
    return Candidate(
        key=message.pk,
        customer_id=message.customer_id,
        message_class=message.message_class,
        channels=tuple(message.channels),
        due_at=message.created_at,
        priority=message.priority,
        origin=message.origin,
        topic=message.topic,
        expires_at=message.expires_at,
        held_for=held_for(message),
    )


def held_for(message: Message) -> str:
    """What a queued message waits for; "" when the rules hold nothing against it."""
    last = message.verdicts[-1] if message.verdicts else {}
    return str(last["why"]) if "until" in last else ""


def _facts(message: Message, addresses: Mapping[str, str], known: Known) -> Facts:
    customer, rules = message.customer, known.rules[message.store_id]
    closed = {
        channel: known.closed[at]
        for channel, address in addresses.items()
        if channel in ADDRESSED and (at := (message.store_id, channel, key_of(channel, address))) in known.closed
    }
    if message.message_class == TRANSACTIONAL and not rules.quiet.order_sms:
        # Nothing else is asked of order news.
        return Facts(rules=rules, addresses=addresses, said=known.said.get(customer.pk, {}), closed=closed)
    address: Mapping[str, Any] = message.order.shipping_address if message.order else {}
    country, state = _by_law(customer, address)
    return Facts(
        rules=rules,
        addresses=addresses,
        said=known.said.get(customer.pk, {}),
        closed=closed,
        zones=zones_of(
            traits=customer.traits,
            address=address,
            country=customer.country,
            phone=customer.phone,
            shop=message.store.time_zone,
        ),
        country=country,
        state=state,
        open=gate.opened(customer.traits),
        history=_of(known.history, customer.pk),
        in_control=gate.is_in_control(message.store_id, customer.pk, rules.control_percent),
        is_buyer=message.order_id is not None or customer.pk in known.buyers,
        pace=str(customer.traits.get(gate.PACE_TRAIT) or ""),
    )


def _of(history: dict[int, list[Contact]], customer_id: int) -> list[Contact]:
    """A person's list, one and the same for all their messages, so that what goes now counts for the next."""
    return history.setdefault(customer_id, [])


def _by_law(customer: Customer, address: Mapping[str, Any]) -> tuple[str, str]:
    """Country and state of the parcel; else their country. Without any, +1 is taken for an American number."""
    country = str(address.get("country") or customer.country).upper()
    if country:
        region = str(address.get("region") or "") if address.get("country") else ""
        return country, region.upper().removeprefix(f"{country}-").replace(".", "").strip()
    return ("US", "") if customer.phone.startswith("+1") else ("", "")


def _said(messages: Iterable[Message]) -> dict[int, dict[tuple[str, str], Said]]:
    """The last word of each customer on each channel and purpose. What goes by mail about an order asks for none."""
    asked = {
        message.customer_id: message.store_id
        for message in messages
        if message.message_class != TRANSACTIONAL or set(message.channels) - {"email"}
    }
    found: dict[int, dict[tuple[str, str], Said]] = defaultdict(dict)
    rows = Consent.objects.filter(store_id__in=set(asked.values()), customer_id__in=asked).order_by("at", "id")
    for row in rows.values_list("customer_id", "channel", "purpose", "granted", "source") if asked else ():
        found[row[0]][row[1], row[2]] = Said(row[3], row[4])
    return found


def _closed(addresses: Addresses, messages: Iterable[Message], now: datetime) -> dict[tuple[int, str, str], Closed]:
    stores = {message.store_id for message in messages}
    keys = {
        key_of(channel, address)
        for by_channel in addresses.values()
        for channel, address in by_channel.items()
        if channel in ADDRESSED
    }
    still = Q(expires_at=None) | Q(expires_at__gt=now)
    found: dict[tuple[int, str, str], Closed] = {}
    rows = Suppression.objects.filter(still, store_id__in=stores, address__in=keys)
    # `all` comes before `marketing` and is the one that is kept.
    for row in rows.order_by("-scope").values_list("store_id", "channel", "address", "scope", "reason"):
        found[row[:3]] = Closed(*row[3:])
    return found


def _history(wanted: Sequence[Message], now: datetime) -> dict[int, list[Contact]]:
    """Service and marketing messages of the last month to these people, but for those that are asked about."""
    found: dict[int, list[Contact]] = {}
    if not wanted:
        return found
    since = now - LONGEST_WINDOW
    rows = Message.objects.filter(
        store_id__in={message.store_id for message in wanted},
        customer_id__in={message.customer_id for message in wanted},
        admitted_at__gt=since,
        state__in=_COUNTS,
    )
    asked = {message.pk for message in wanted}
    columns = ("id", "customer_id", "admitted_at", "message_class", "channel")
    for pk, customer_id, at, message_class, channel in rows.values_list(*columns):
        if pk not in asked and at:
            found.setdefault(customer_id, []).append(Contact(at, message_class, channel))
    return found


def _buyers(messages: Iterable[Message]) -> set[int]:
    """Of those who get a service message that belongs to no order: who ever ordered."""
    asked = {
        message.customer_id: message.store_id
        for message in messages
        if message.message_class == SERVICE and message.order_id is None
    }
    if not asked:
        return set()
    rows = Order.objects.filter(store_id__in=set(asked.values()), customer_id__in=asked)
    return set(rows.values_list("customer_id", flat=True).distinct())
