"""What became of messages: told by providers, by readers' own clicks, or at the door of a mail server."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from thereafter.commerce.models import Customer, Identity
from thereafter.events.base import ShopperEvent
from thereafter.events.messages import (
    MessageBounced,
    MessageClicked,
    MessageComplained,
    MessageDelivered,
    MessageOpened,
    MessageReplied,
)
from thereafter.messaging.channels.letters import LONGEST_ID
from thereafter.messaging.models import Message, Receipt
from thereafter.messaging.rules.machines import Visit, is_machine
from thereafter.timeline.log import record

Kind = Receipt.Kind
# Told once for a message; a click once for each link.
_ONCE = frozenset({Kind.DELIVERED, Kind.BOUNCED, Kind.COMPLAINED})
EARLY, NO_MESSAGE = "early", "no_message"
AT_THE_DOOR = "handed over"
_LONGEST = {"url": 500, "detail": 300, "key": 120}


@dataclass(frozen=True, kw_only=True)
class News:
    """Something that became of a message, which is named by our number or by the provider's name for it.

    `key` tells a repetition; without one it is made of what is told. `hard` is for bounces.
    """

    kind: str
    at: datetime
    message_id: int | None = None
    provider_id: str = ""
    key: str = ""
    url: str = ""
    detail: str = ""
    # What the program that opened or followed says of itself; "" where nobody told us.
    agent: str = ""
    machine: bool = False
    hard: bool = False


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What somebody answered by SMS or WhatsApp. `address` is in E.164; `answered` when the provider has replied."""

    channel: str
    address: str
    text: str
    at: datetime
    key: str
    answered: bool = False


@transaction.atomic
def take(store_id: int, news: Sequence[News], now: datetime) -> list[str]:
    """Writes down what is told and was not known yet, in one go; why a piece of news was of nothing, or "", in order.

    The rows of their messages are locked, so that two workers never tell of one thing twice. `EARLY` is what may be of
    a message that is being handed over: its address and the provider's name for it are not written down yet.
    """
    # Asked first: what is written down between the two questions is then found by the second.
    sending = Message.objects.of(store_id).filter(state=Message.State.SENDING, due_at__gt=now).exists()
    messages = _messages(store_id, news)
    found = [_of(one, messages) for one in news]
    early = {place for place, message in enumerate(found) if sending and _is_on_its_way(message, news[place])}
    found = [None if place in early else message for place, message in enumerate(found)]
    known = _known({message.pk for message in found if message})
    rows, events = [], []
    for one, message in zip(news, found, strict=True):
        if message is None:
            continue
        one = replace(one, machine=one.machine or _is_machine(one, message))  # noqa: PLW2901 it is the same news
        row = _receipt(one, message)
        if (row.message_id, row.kind, row.key) in known.rows:
            continue
        rows.append(row)
        event = _event(one, message) if known.is_new(row) else None
        known.add(row)
        if event:
            events.append(event)
    Receipt.objects.bulk_create(rows, ignore_conflicts=True)
    record(*events)
    return ["" if message else EARLY if place in early else NO_MESSAGE for place, message in enumerate(found)]


def _is_on_its_way(message: Message | None, one: News) -> bool:
    return message.state == Message.State.SENDING if message else bool(one.provider_id)


def _messages(store_id: int, news: Iterable[News]) -> dict[int | str, Message]:
    """By our number and by the provider's name."""
    numbers = {one.message_id for one in news if one.message_id}
    names = {one.provider_id[:LONGEST_ID] for one in news if one.provider_id}
    rows = Message.objects.of(store_id).filter(Q(pk__in=numbers) | Q(provider_id__in=names)).order_by("pk")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(no_key=True)
    found: dict[int | str, Message] = {}
    for message in rows.defer("facts", "verdicts"):
        found[message.pk] = message
        if message.provider_id:
            found[message.provider_id] = message
    return found


def _is_machine(one: News, message: Message) -> bool:
    if one.kind not in {Kind.OPENED, Kind.CLICKED} or not one.agent:
        return False
    return is_machine(Visit(0, message.pk, one.kind, one.url, one.agent, one.at), message.sent_at)


def _of(one: News, messages: Mapping[int | str, Message]) -> Message | None:
    return messages.get(one.message_id or 0) or messages.get(one.provider_id[:LONGEST_ID])


class _Known:
    """What was taken before of some messages."""

    def __init__(self, receipts: Iterable[Receipt]) -> None:
        self.rows: set[tuple[int, str, str]] = set()
        self.told: set[tuple[Any, ...]] = set()
        for row in receipts:
            self.rows.add((row.message_id, row.kind, row.key))
            self.told.add(_matter(row))

    def is_new(self, row: Receipt) -> bool:
        return _matter(row) not in self.told

    def add(self, row: Receipt) -> None:
        self.rows.add((row.message_id, row.kind, row.key))
        self.told.add(_matter(row))


def _matter(row: Receipt) -> tuple[Any, ...]:
    """What is told once: a bounce of a message, an opening by a reader, an opening by a machine, a click on a link."""
    if row.kind in _ONCE:
        return row.message_id, row.kind
    return row.message_id, row.kind, row.machine, row.url


def _known(message_ids: Collection[int]) -> _Known:
    return _Known(
        Receipt.objects.filter(message_id__in=message_ids).only("message_id", "kind", "key", "machine", "url")
    )


def _receipt(one: News, message: Message) -> Receipt:
    return Receipt(
        store_id=message.store_id,
        message=message,
        kind=one.kind,
        machine=one.machine,
        url=one.url[: _LONGEST["url"]],
        detail=one.detail[: _LONGEST["detail"]],
        key=one.key[: _LONGEST["key"]] or _made_key(one),
        at=one.at,
    )


def _made_key(one: News) -> str:
    told = f"{one.at.isoformat()}\n{one.url}\n{one.detail}"
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _event(one: News, message: Message) -> ShopperEvent | None:
    told, channel = _told(message, one.at), message.channel
    match one.kind:
        case Kind.DELIVERED:
            return MessageDelivered(**told, channel=channel)
        case Kind.BOUNCED:
            return MessageBounced(**told, channel=channel, hard=one.hard, reason=one.detail[:300])
        case Kind.COMPLAINED:
            return MessageComplained(**told, channel=channel)
        case Kind.OPENED:
            return MessageOpened(**told, machine=one.machine)
        case Kind.CLICKED:
            return MessageClicked(**told, url=one.url, machine=one.machine)
        case _:
            return None


def _told(message: Message, at: datetime) -> dict[str, Any]:
    return {
        "store_id": message.store_id,
        "customer_id": message.customer_id,
        "order_id": message.order_id,
        "occurred_at": at,
        "message_id": message.pk,
        "template": message.template,
    }


@transaction.atomic
def refused_at_the_door(refused: Sequence[tuple[Message, str]], now: datetime) -> None:
    """Bounces that were told when the letter was handed over."""
    by_store: dict[int, list[News]] = defaultdict(list)
    for message, why in refused:
        news = News(kind=Kind.BOUNCED, at=now, message_id=message.pk, key=AT_THE_DOOR, detail=why, hard=True)
        by_store[message.store_id].append(news)
    for store_id, bounces in by_store.items():
        take(store_id, bounces, now)


@transaction.atomic
def hear(store_id: int, replies: Sequence[Reply], now: datetime) -> list[str]:
    """Writes down what people answered, each with the last message they got by that channel; why one is of nobody, or
    "", in order."""
    people = _people(store_id, {one.address for one in replies})
    last = _last_messages(store_id, people.values(), {one.channel for one in replies})
    whys, rows, events = [], [], []
    heard = _heard([message.pk for message in last.values()])
    for one in replies:
        customer_id = people.get(one.address)
        if customer_id is None:
            whys.append("no_customer")
            continue
        message = last.get((customer_id, one.channel))
        whys.append("")
        if message is None or (message.pk, one.key) not in heard:
            events.append(_reply_event(store_id, customer_id, one, message))
        if message is not None:
            rows.append(_receipt(News(kind=Kind.REPLIED, at=one.at, key=one.key, detail=one.text), message))
            heard.add((message.pk, one.key))
    Receipt.objects.bulk_create(rows, ignore_conflicts=True)
    record(*events)
    return whys


def _reply_event(store_id: int, customer_id: int, one: Reply, message: Message | None) -> MessageReplied:
    return MessageReplied(
        store_id=store_id,
        customer_id=customer_id,
        order_id=message.order_id if message else None,
        occurred_at=one.at,
        channel=one.channel,
        text=one.text,
        message_id=message.pk if message else None,
        answered=one.answered,
    )


def _people(store_id: int, phones: Collection[str]) -> dict[str, int]:
    """By number: whoever is known by it, or whose profile has it."""
    named = Customer.objects.of(store_id).filter(phone__in=phones, merged_into=None).order_by("-pk")
    found = {str(phone): int(pk) for phone, pk in named.values_list("phone", "pk")}
    known = Identity.objects.of(store_id).filter(kind=Identity.Kind.PHONE, value__in=phones)
    return found | {str(value): int(pk) for value, pk in known.values_list("value", "customer_id")}


def _last_messages(
    store_id: int, customer_ids: Iterable[int], channels: Collection[str]
) -> dict[tuple[int, str], Message]:
    rows = Message.objects.of(store_id).filter(
        customer_id__in=set(customer_ids), channel__in=channels, state=Message.State.SENT
    )
    return {(row.customer_id, row.channel): row for row in rows.defer("facts", "verdicts").order_by("sent_at", "pk")}


def _heard(message_ids: Collection[int]) -> set[tuple[int, str]]:
    rows = Receipt.objects.filter(message_id__in=message_ids, kind=Kind.REPLIED)
    return set(rows.values_list("message_id", "key"))
