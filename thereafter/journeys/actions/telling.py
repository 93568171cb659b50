"""What the shop's own programs tell us about customers: kept the moment it comes, then taken into the log."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from django.db import transaction

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer, find_order
from thereafter.events.customers import CustomerTracked
from thereafter.journeys.rules.keeping import holds_nul
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Outcome, Received
from thereafter.timeline.log import record
from thereafter.timeline.models import Inbound

ROOM, SOURCE = "journeys", "api"
LONGEST_TOPIC, LONGEST_KEY, LARGEST = 64, 60, 10_000
# A caller's clock may go fast; what it tells of a day to come, or of before there were shops, is a mistake.
FASTEST, EARLIEST = timedelta(days=1), datetime(1990, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """The body is not what it should be; the text says what to mend."""


class Who(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A customer, by the first of these that is known: the shop's account id, e-mail, phone. Who is new is taken in."""

    external_id: str = ""
    email: str = ""
    phone: str = ""
    # The shop system whose account id it is.
    source: str = SOURCE


class Call(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who enters a journey, and what is told with it. `key` is the caller's own id: told twice it is one."""

    customer: Who
    key: str = ""
    # The number of the order that it is about.
    order: str = ""
    about: dict[str, Any] = {}


class Told(Call, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Something that happened with a customer. `occurred_at`: now, unless it was before."""

    topic: str
    occurred_at: datetime | None = None


T = TypeVar("T", Told, Call)


def read(body: bytes, kind: type[T], *, now: datetime) -> T:
    """The document of a call. Raises `Unreadable`."""
    told = _decoded(body, kind)
    who = told.customer
    if not (who.external_id or who.email or who.phone):
        raise Unreadable("Name the customer by `external_id`, `email` or `phone`.")
    if len(told.key) > LONGEST_KEY:
        raise Unreadable(f"`key` has at most {LONGEST_KEY} characters.")
    if len(msgspec.json.encode(told.about)) > LARGEST:
        raise Unreadable(f"`about` has at most {LARGEST:,} bytes.")
    if isinstance(told, Told):
        _check_event(told, now)
    return told


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        told = msgspec.json.decode(body, type=kind)
        is_unfit = holds_nul(msgspec.to_builtins(told))
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unreadable(f"{wrong}.") from None
    except RecursionError:
        raise Unreadable("The body is nested too deeply.") from None
    if is_unfit:
        raise Unreadable("A text holds a NUL character, which no database keeps.")
    return told


def _check_event(told: Told, now: datetime) -> None:
    if not told.topic or len(told.topic) > LONGEST_TOPIC:
        raise Unreadable(f"`topic` has 1 to {LONGEST_TOPIC} characters.")
    if told.occurred_at:
        _check_moment(told.occurred_at, now)


def _check_moment(at: datetime, now: datetime) -> None:
    if at.tzinfo is None:
        raise Unreadable("`occurred_at` needs a time zone, such as 2026-03-03T10:00:00Z.")
    if not EARLIEST <= at <= now + FASTEST:
        raise Unreadable("`occurred_at` is when it happened: not in the future, and not before 1990.")


def keep(store: Store, told: Told, *, given: str, now: datetime) -> bool:
    """Keeps a call for the worker; False when it is known. `given` is the caller's Idempotency-Key; without it and
    without a key of its own the same content is one for an hour."""
    body = msgspec.json.encode(told).decode()
    name = (
        f"key {len(told.topic)} {told.topic} {told.key}"
        if told.key
        else f"given {given}"
        if given
        else f"content {now:%Y-%m-%d %H} {body}"
    )
    key = hashlib.sha256(name.encode()).hexdigest()
    if told.occurred_at is None:
        told.occurred_at = now
        body = msgspec.json.encode(told).decode()
    return bool(inbox.put([Received(store.pk, ROOM, SOURCE, "events", key, body)], now))


def drain(now: datetime, limit: int) -> int:
    return inbox.drain(ROOM, lambda rows: take(rows, now), now, limit)


@transaction.atomic
def take(kept: Sequence[Inbound], now: datetime) -> list[Outcome]:
    """Takes kept calls into the log; people whom nobody knew are known from then on."""
    by_store: dict[int, list[tuple[Inbound, Told]]] = defaultdict(list)
    for row in kept:
        by_store[row.store_id].append((row, msgspec.json.decode(row.body, type=Told)))
    outcomes: dict[int, Outcome] = {}
    for store in Store.objects.filter(pk__in=by_store):
        for row, told in by_store[store.pk]:
            outcomes[row.pk] = _take(store, told, row.key, now)
    return [outcomes[row.pk] for row in kept]


def _take(store: Store, told: Told, key: str, now: datetime) -> Outcome:
    customer = _customer(store, told.customer, now)
    if customer is None:
        return Outcome(
            Inbound.State.REFUSED, "bad_customer: no such account id, and no e-mail or phone that could be one"
        )
    order = find_order(store, told.order) if told.order else None
    record(
        CustomerTracked(
            store_id=store.pk,
            customer_id=customer.pk,
            order_id=order.pk if order and order.customer_id == customer.pk else None,
            occurred_at=told.occurred_at or now,
            topic=told.topic,
            key=told.key or key[:32],
            about=told.about,
        )
    )
    return inbox.DONE


def _customer(store: Store, who: Who, now: datetime) -> Customer | None:
    known = _known(store, who)
    if known is None and (who.email or who.phone):
        person = Person(external_id=who.external_id, email=who.email, phone=who.phone)
        take_customers(store, [CustomerDoc(person=person)], source=who.source, now=now)
        return _known(store, who)
    return known


def _known(store: Store, who: Who) -> Customer | None:
    return find_customer(store, email=who.email, phone=who.phone, external_id=who.external_id, source=who.source)
