"""What people and their mailboxes say about being written to: closing addresses, opening them again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.models import Consent, Customer
from thereafter.messaging.models import Message, SoftBounce, Suppression
from thereafter.messaging.rules.addresses import key_of
from thereafter.messaging.rules.gate import OFFERS, SURVEYS
from thereafter.messaging.rules.replies import START, STOP, meaning
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

Scope, Reason = Suppression.Scope, Suppression.Reason
# So many in a row within this time, and the address rests as long.
MOST_SOFT, SOFT_WITHIN = 5, timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Closing:
    """An address that is to be closed on a channel, and why."""

    channel: str
    address: str
    reason: str
    scope: str = Scope.ALL
    note: str = ""
    expires_at: datetime | None = None


@transaction.atomic
def close(store: Store | int, closings: Iterable[Closing], now: datetime) -> int:
    """Closes addresses, set-wise; how many were not closed for as much already."""
    store_id = store if isinstance(store, int) else store.pk
    rows = {(one.channel, key_of(one.channel, one.address), one.scope): one for one in closings if one.address.strip()}
    known = Suppression.objects.of(store_id).filter(address__in={key for _, key, _ in rows})
    held = {(row.channel, row.address, row.scope): row for row in known}
    for at, one in rows.items():
        if at in held and _ends_later(one.expires_at, held[at].expires_at):
            Suppression.objects.of(store_id).filter(pk=held[at].pk).update(
                expires_at=one.expires_at, reason=one.reason, note=one.note[:300], at=now
            )
    new = [
        Suppression(
            store_id=store_id,
            channel=channel,
            address=key,
            scope=scope,
            reason=one.reason,
            note=one.note[:300],
            at=now,
            expires_at=one.expires_at,
        )
        for (channel, key, scope), one in rows.items()
        if (channel, key, scope) not in held
    ]
    Suppression.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _ends_later(new: datetime | None, held: datetime | None) -> bool:
    """What was to end by itself and now is for good stays closed; what is for good already never ends earlier."""
    return held is not None and (new is None or new > held)


@transaction.atomic
def reopen(store: Store, suppression_id: int, *, by: Staff, note: str, now: datetime) -> bool:
    """Somebody of the shop opens an address again, and says why; False when it is not closed."""
    row = Suppression.objects.of(store).filter(pk=suppression_id).first()
    if row is None:
        return False
    row.delete()
    SoftBounce.objects.of(store).filter(channel=row.channel, address=row.address).delete()
    detail = {"channel": row.channel, "was": row.reason, "why": note}
    audit(store, by=by, verb="messages.reopen", now=now, subject=row.address, detail=detail)
    return True


@transaction.atomic
def close_by_hand(store: Store, closing: Closing, *, by: Staff, now: datetime) -> bool:
    """Somebody of the shop closes an address; False when it was closed already."""
    is_new = close(store, [closing], now) > 0
    if is_new:
        detail = {"channel": closing.channel, "scope": closing.scope, "why": closing.note}
        audit(store, by=by, verb="messages.close", now=now, subject=closing.address, detail=detail)
    return is_new


def open_to_offers(store_id: int, channel: str, address: str) -> None:
    """Who unsubscribed and now says yes again is not held to the old no. What bounced stays closed."""
    Suppression.objects.of(store_id).filter(
        channel=channel, address=key_of(channel, address), reason__in=[Reason.UNSUBSCRIBED, Reason.STOP]
    ).delete()


@transaction.atomic
def unsubscribe(message: Message, *, source: str, now: datetime) -> None:
    """No more marketing or service messages to the address this one went to. Saying it twice changes nothing."""
    address = message.to_address or message.customer.email
    channel = message.channel if message.to_address else "email"
    told = f"unsubscribed {address.lower()} from message {message.pk}"
    close(
        message.store_id,
        [Closing(channel=channel, address=address, scope=Scope.MARKETING, reason=Reason.UNSUBSCRIBED)],
        now,
    )
    for purpose in (OFFERS, SURVEYS):
        change_consent(
            message.customer, channel=channel, purpose=purpose, granted=False, source=source, evidence=told, now=now
        )


@transaction.atomic
def stop(customer: Customer, channel: str, address: str, *, said: str, now: datetime) -> None:
    """Somebody answered STOP: nothing more on this channel, of no kind."""
    close(customer.store_id, [Closing(channel=channel, address=address, reason=Reason.STOP, note=said)], now)
    for purpose in (OFFERS, SURVEYS):
        change_consent(
            customer,
            channel=channel,
            purpose=purpose,
            granted=False,
            source="STOP",
            evidence=f"answered “{said}” from {address}",
            now=now,
        )


@transaction.atomic
def start(customer: Customer, channel: str, address: str, *, said: str, now: datetime) -> None:
    """Somebody answered START: the channel is open again, for what they had agreed to before they answered STOP."""
    open_to_offers(customer.store_id, channel, address)
    for purpose in (OFFERS, SURVEYS):
        if _agreed_before_stop(customer, channel, purpose):
            change_consent(
                customer,
                channel=channel,
                purpose=purpose,
                granted=True,
                source="START",
                evidence=f"answered “{said}” from {address}",
                now=now,
            )


@transaction.atomic
def heed_stranger(store_id: int, channel: str, address: str, *, said: str, now: datetime) -> None:
    """STOP and START count for a number that no customer has, too: it may be one's again, or be brought in later."""
    meant = meaning(said)
    if meant == STOP:
        close(store_id, [Closing(channel=channel, address=address, reason=Reason.STOP, note=said)], now)
    elif meant == START:
        open_to_offers(store_id, channel, address)


def _agreed_before_stop(customer: Customer, channel: str, purpose: str) -> bool:
    said = Consent.objects.of(customer.store_id).filter(customer=customer, channel=channel, purpose=purpose)
    last_two = list(said.order_by("-at", "-id")[:2])
    return len(last_two) == 2 and last_two[0].source == "STOP" and last_two[1].granted  # noqa: PLR2004 the last two


@transaction.atomic
def count_soft_bounces(messages: Sequence[Message], now: datetime) -> None:
    """Addresses that could not take these: each message counts once, and enough of them close the address a while."""
    for message in messages:
        key = key_of(message.channel, message.to_address)
        if key:
            _count(message, key, now)


def _count(message: Message, key: str, now: datetime) -> None:
    at = {"store_id": message.store_id, "channel": message.channel, "address": key}
    SoftBounce.objects.bulk_create([SoftBounce(**at, first_at=now, last_at=now)], ignore_conflicts=True)
    rows = SoftBounce.objects.filter(**at)
    rows.filter(last_at__lt=now - SOFT_WITHIN).update(count=0, first_at=now)
    counted = rows.exclude(last_message_id=message.pk).update(
        count=F("count") + 1, last_at=now, last_message_id=message.pk
    )
    if counted and rows.filter(count__gte=MOST_SOFT).update(count=0):
        note = f"{MOST_SOFT} messages in a row came back"
        resting = Closing(
            channel=message.channel,
            address=key,
            reason=Reason.SOFT_BOUNCES,
            note=note,
            expires_at=now + SOFT_WITHIN,
        )
        close(message.store_id, [resting], now)


def forget_what_ended(now: datetime) -> int:
    """Takes away closings that ended by themselves, and counts nobody added to."""
    SoftBounce.objects.filter(last_at__lt=now - SOFT_WITHIN).delete()
    ended, _ = Suppression.objects.filter(expires_at__lte=now).delete()
    return ended
