from collections.abc import Sequence
from datetime import timedelta

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.models import Customer
from thereafter.commerce.rules.text import normal_phone
from thereafter.events.customers import AccountLinkRequested, ConsentChanged, CustomersMerged
from thereafter.events.messages import MessageBounced, MessageComplained, MessageReplied
from thereafter.messaging import queries
from thereafter.messaging.actions import contacts, preferences, queueing
from thereafter.messaging.actions.contacts import Closing, Reason
from thereafter.messaging.actions.queueing import SendRequest
from thereafter.messaging.models import Message
from thereafter.messaging.rules.gate import CONFIRMED, OFFERS, SURVEYS
from thereafter.messaging.rules.replies import HELP, START, STOP, meaning
from thereafter.timeline.bus import on

# Who asked for help and was not answered by then does not wait for it any more.
HELP_WITHIN = timedelta(hours=12)


@on(AccountLinkRequested)
def send_account_link(event: AccountLinkRequested) -> None:
    customer = Customer.objects.of(event.store_id).filter(pk=event.customer_id).first()
    if customer:
        key = f"account_link:{customer.pk}:{event.occurred_at:%Y-%m-%dT%H:%M:%S}"
        queueing.send(customer, template="account_link", key=key, now=event.occurred_at)


@on(CustomersMerged)
def follow_the_customer(event: CustomersMerged) -> None:
    queueing.move_to(event.customer_id, event.merged_id, event.store_id)


@on(MessageBounced, batch=True)
def close_what_bounced(events: Sequence[MessageBounced]) -> None:
    """A hard bounce closes the address on its channel, to everything; a soft one is counted."""
    messages = _messages(events)
    for event in events:
        message = messages.get(event.message_id)
        if message is None:
            continue
        if event.hard:
            one = Closing(
                channel=message.channel, address=message.to_address, reason=Reason.HARD_BOUNCE, note=event.reason
            )
            contacts.close(event.store_id, [one], event.occurred_at)
        else:
            contacts.count_soft_bounces([message], event.occurred_at)


@on(MessageComplained, batch=True)
def close_who_complained(events: Sequence[MessageComplained]) -> None:
    messages = _messages(events)
    for event in events:
        message = messages.get(event.message_id)
        if message is not None:
            one = Closing(channel=message.channel, address=message.to_address, reason=Reason.COMPLAINT)
            contacts.close(event.store_id, [one], event.occurred_at)
            _withdraw(message, event)


def _withdraw(message: Message, event: MessageComplained) -> None:
    for purpose in (OFFERS, SURVEYS):
        change_consent(
            message.customer,
            channel=message.channel,
            purpose=purpose,
            granted=False,
            source="complaint",
            evidence=f"reported message {message.pk} as spam",
            now=event.occurred_at,
        )


@on(MessageReplied)
def do_as_the_reply_says(event: MessageReplied) -> None:
    """STOP closes the channel, START opens it again, HELP is answered; what else people write is for a person to
    read."""
    customer = Customer.objects.of(event.store_id).filter(pk=event.customer_id).select_related("store").first()
    meant = meaning(event.text)
    if customer is None or meant not in {STOP, START, HELP}:
        return
    if meant == HELP:
        _answer_help(customer, event)
        return
    message = Message.objects.of(event.store_id).filter(pk=event.message_id).first() if event.message_id else None
    phone = normal_phone(customer.phone, customer.country or customer.store.country) if customer.phone else ""
    address = message.to_address if message else phone
    act = contacts.stop if meant == STOP else contacts.start
    act(customer, event.channel, address, said=event.text[:80], now=event.occurred_at)


def _answer_help(customer: Customer, event: MessageReplied) -> None:
    """Who writes, how to end it, whom to ask: carriers demand it of text messages. Once an hour, for it may be a
    machine that asks."""
    if event.channel != "sms" or event.answered:
        return
    request = SendRequest(
        store_id=customer.store_id,
        customer_id=customer.pk,
        template="help_answer",
        key=f"help:{customer.pk}:{event.occurred_at:%Y-%m-%dT%H}",
        due_at=event.occurred_at,
        channels=("sms",),
        expires_at=event.occurred_at + HELP_WITHIN,
    )
    queueing.send_many([request], event.occurred_at)


@on(ConsentChanged, batch=True)
def ask_who_said_yes_elsewhere(events: Sequence[ConsentChanged]) -> None:
    """Where every yes is to be proved: a mail to who said it to the shop."""
    asked = [
        event
        for event in events
        if event.granted and (event.channel, event.purpose) == ("email", OFFERS) and event.source != CONFIRMED
    ]
    rules = queries.contact_rules_of({event.store_id for event in asked}) if asked else {}
    strict = {event.customer_id: event for event in asked if rules[event.store_id].consent.double_opt_in == "all"}
    for customer in Customer.objects.filter(pk__in=strict).select_related("store") if strict else ():
        event = strict[customer.pk]
        if event.store_id == customer.store_id:
            preferences.ask_to_confirm(customer, shown=f"marketing, told by {event.source}", now=event.occurred_at)


def _messages(events: Sequence[MessageBounced] | Sequence[MessageComplained]) -> dict[int, Message]:
    rows = Message.objects.filter(
        store_id__in={event.store_id for event in events}, pk__in={event.message_id for event in events}
    )
    return {message.pk: message for message in rows.select_related("customer")}
