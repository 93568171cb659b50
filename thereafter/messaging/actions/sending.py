"""Taking messages that are due, and writing down what became of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from thereafter.events.base import ShopperEvent
from thereafter.events.messages import MessageFailed, MessageSent, MessageSkipped
from thereafter.messaging import rules
from thereafter.messaging.actions import channels, receipts
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.composed import Composed
from thereafter.messaging.models import Message
from thereafter.messaging.queries import due
from thereafter.timeline.log import record

State = Message.State
# Channels with an address of a person that can be closed; browsers that are gone are closed one by one.
_ADDRESSED = ("email", "sms", "whatsapp")
_SETTLED = (
    "state",
    "reason",
    "attempts",
    "due_at",
    "sent_at",
    "channel",
    "verdicts",
    "to_address",
    "locale",
    "subject",
    "facts",
    "version",
    "provider_id",
)


@transaction.atomic
def claim(now: datetime, limit: int) -> list[Message]:
    """Takes messages that are due for the length of a lease. What a dead worker left half sent is sorted out first."""
    taken = list(due(now, limit))
    lost = [message for message in taken if message.state == State.SENDING and not _try_again(message)]
    _give_up(lost)
    mine = [message for message in taken if message.state != State.UNKNOWN]
    for message in mine:
        message.reason = "interrupted" if message.state == State.SENDING else message.reason
        message.state, message.due_at = State.QUEUED, now + rules.LEASE
    Message.objects.bulk_update([one for one in mine if one.reason == "interrupted"], ["reason"])
    Message.objects.filter(pk__in=[one.pk for one in mine]).update(state=State.QUEUED, due_at=now + rules.LEASE)
    return mine


def _try_again(message: Message) -> bool:
    return rules.may_send_after_interruption(message.message_class, message.reason == "interrupted")


def _give_up(lost: Sequence[Message]) -> None:
    for message in lost:
        message.state = State.UNKNOWN
    Message.objects.filter(pk__in=[one.pk for one in lost]).update(
        state=State.UNKNOWN, reason="A worker stopped while the mail server had it; it may or may not have gone out."
    )


@transaction.atomic
def begin(messages: Collection[Message], now: datetime) -> set[int]:
    """Says that these are about to be handed to the channel; returns those that are still ours to send."""
    ours = _locked(messages, State.QUEUED, {message.pk: message.due_at for message in messages})
    Message.objects.filter(pk__in=ours).update(state=State.SENDING, due_at=now + rules.LEASE)
    for message in messages:
        message.due_at = now + rules.LEASE
    return ours


def _locked(messages: Collection[Message], state: str, leases: Mapping[int, datetime]) -> set[int]:
    """The ids of these messages that are still in this state under our lease; locked until the transaction ends."""
    rows = Message.objects.filter(pk__in=[message.pk for message in messages], state=state)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return {pk for pk, due_at in rows.values_list("pk", "due_at") if due_at == leases[pk]}


@transaction.atomic
def skip(skipped: Sequence[Composed], now: datetime) -> None:
    """Writes down why messages were not sent."""
    for one in skipped:
        one.message.state = State.FAILED if one.broken else State.SKIPPED
        one.message.reason = one.why_not
    _settle([one.message for one in skipped], State.QUEUED, now)


@transaction.atomic
def put_off(message: Message, why: str, now: datetime) -> None:
    """One that could not be written is tried again later, as often as a mail server would be."""
    _apply(message, Verdict(Answer.LATER, why), now)
    _settle([message], State.QUEUED, now)


@transaction.atomic
def mark_handed_over(handed: Sequence[tuple[Message, Verdict]], now: datetime) -> None:
    """Writes down what the channel answered: sent, to be tried again later, or refused for good."""
    for message, verdict in handed:
        _apply(message, verdict, now)
    ours = _settle([message for message, _ in handed], State.SENDING, now)
    settled = [pair for pair in handed if pair[0].pk in ours]
    bounced = [(message, one.detail) for message, one in settled if _is_bounce(message, one)]
    receipts.refused_at_the_door(bounced, now)
    channels.close_browsers([(message, one.closed) for message, one in settled if one.closed], now)
    channels.note_health(settled, now)


def _is_bounce(message: Message, verdict: Verdict) -> bool:
    """The address will never take one: said by its own server, or by a phone that answered STOP."""
    return message.channel in _ADDRESSED and (verdict.bounced or verdict.answer == Answer.GONE)


def _apply(message: Message, verdict: Verdict, now: datetime) -> None:
    message.attempts += 1
    message.reason = verdict.detail[:300]
    message.provider_id = verdict.provider_id or message.provider_id
    pause = rules.next_try(message.attempts)
    if verdict.answer == Answer.ACCEPTED:
        message.state, message.sent_at = State.SENT, now
    elif verdict.answer == Answer.LATER and pause:
        message.state, message.due_at = State.QUEUED, now + pause
    else:
        message.state = State.FAILED


def _settle(messages: Sequence[Message], was: str, now: datetime) -> set[int]:
    """Writes the rows that are still ours in one statement, and tells the log of those that came to an end; their
    ids."""
    leases = {message.pk: now + rules.LEASE for message in messages}
    ours = _locked(messages, was, leases)
    settled = [message for message in messages if message.pk in ours]
    # Ten columns of a thousand rows: an upsert is several times faster than bulk_update, and every row is there.
    Message.objects.bulk_create(settled, update_conflicts=True, unique_fields=["id"], update_fields=_SETTLED)
    record(*filter(None, (_event(message, now) for message in settled)))
    return ours


def _event(message: Message, now: datetime) -> ShopperEvent | None:
    told: dict[str, Any] = {
        "store_id": message.store_id,
        "customer_id": message.customer_id,
        "order_id": message.order_id,
        "occurred_at": now,
        "message_id": message.pk,
        "template": message.template,
    }
    if message.state == State.SENT:
        return MessageSent(**told, channel=message.channel, subject=message.subject)
    if message.state == State.SKIPPED:
        return MessageSkipped(**told, reason=message.reason)
    return MessageFailed(**told, reason=message.reason) if message.state == State.FAILED else None
