"""What each channel adds to a letter after it was composed: who is reached, through whom, and what comes back. Reads
only, a fixed number of queries for a batch."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from thereafter.kit import tokens
from thereafter.messaging import accounts, facts, links, queries
from thereafter.messaging.channels.letters import Account, Letter
from thereafter.messaging.composed import Composed
from thereafter.messaging.models import Browser, Message, Receipt, WhatsappTemplate
from thereafter.messaging.rules.contact_rules import ContactRules

# How long after a customer's last message WhatsApp lets a shop write freely.
CONVERSATION = timedelta(hours=24)
Accounts = Mapping[tuple[int, str], Account]


@dataclass(frozen=True)
class Known:
    """What was read for a batch."""

    accounts: Accounts
    rules: Mapping[int, ContactRules]
    browsers: Mapping[int, Sequence[str]]
    talking: frozenset[int]
    approved: Mapping[tuple[int, str, str], WhatsappTemplate]
    now: datetime


def finish(composed: Sequence[Composed], now: datetime) -> list[tuple[Composed, Account | None]]:
    """Each with the account it goes through; one that cannot go after all has no letter and says why."""
    messages = [one.message for one in composed if one.letter]
    stores = {message.store_id for message in messages}
    known = Known(
        accounts=accounts.accounts_of(stores),
        rules=queries.contact_rules_of(stores),
        browsers=_browsers(messages),
        talking=_talking(messages, now),
        approved=_approved(messages),
        now=now,
    )
    return [_finished(one, known) for one in composed]


def _finished(one: Composed, known: Known) -> tuple[Composed, Account | None]:
    if one.letter is None:
        return one, None
    account = known.accounts.get((one.message.store_id, one.letter.channel))
    if account is None:
        return Composed(one.message, why_not="no_account"), None
    add = _ADDED.get(one.letter.channel)
    return (add(one.message, one.letter, account, known) if add else one), account


def _mail(message: Message, letter: Letter, account: Account, known: Known) -> Composed:
    letter = links.tracked(letter, message, known.rules[message.store_id].tracking, known.now)
    sender = account.get("sender")
    if sender:
        letter = replace(letter, sender=sender)
    if account.provider == "amazon_ses":
        # It comes back with SES's news, which know nothing else of ours.
        letter = replace(letter, headers={**letter.headers, "X-Metadata": f'{{"thereafter": "{letter.key}"}}'})
    return Composed(message, letter)


def _push(message: Message, letter: Letter, account: Account, known: Known) -> Composed:
    browsers = known.browsers.get(message.customer_id)
    if not browsers:
        return Composed(message, why_not="no_browser")
    about = f"{message.template}:{message.order_id or message.customer_id}"
    extra = {
        "browsers": browsers,
        "url": letter.extra.get("url") or letter.extra.get("link") or facts.order_link(message),
        # A new word on the same matter takes the place of the one that nobody has read.
        "topic": hashlib.blake2b(about.encode(), digest_size=12).hexdigest(),
        "language": message.locale.split("-")[0],
    }
    return Composed(message, replace(letter, extra={**letter.extra, **extra}))


def _whatsapp(message: Message, letter: Letter, account: Account, known: Known) -> Composed:
    if message.customer_id in known.talking:
        return _text(message, letter, account, known)
    language = message.locale.replace("_", "-").split("-")[0]
    approved = known.approved.get((message.store_id, message.template, language))
    if approved is None:
        return Composed(message, why_not="no_whatsapp_template")
    if approved.state != WhatsappTemplate.State.APPROVED:
        return Composed(message, why_not=f"whatsapp_template:{approved.state}")
    filled = {str(at): _fact(message.facts, path) for at, path in enumerate(approved.variables, 1)}
    missing = next((approved.variables[int(at) - 1] for at, value in filled.items() if not value), "")
    if missing:
        # WhatsApp refuses a template with an empty place.
        return Composed(message, why_not=f"whatsapp_empty:{missing}")
    extra = {"content_sid": approved.content_sid, "variables": filled}
    return _text(message, replace(letter, extra={**letter.extra, **extra}), account, known)


def _text(message: Message, letter: Letter, account: Account, known: Known) -> Composed:
    """With the address at which the provider tells what became of it."""
    news = accounts.news_address(message.store, account)
    return Composed(message, replace(letter, extra={**letter.extra, "news": news}))


_ADDED: dict[str, Callable[[Message, Letter, Account, Known], Composed]] = {
    "email": _mail,
    "push": _push,
    "whatsapp": _whatsapp,
    "sms": _text,
}


def _fact(known: Mapping[str, Any], path: str) -> str:
    """ "customer.first_name" of what the message knows, as text."""
    found: Any = known
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return "" if found is None else str(found)


def _by_channel(messages: Iterable[Message], channel: str) -> dict[int, set[int]]:
    asked: dict[int, set[int]] = defaultdict(set)
    for message in messages:
        if message.channel == channel:
            asked[message.store_id].add(message.customer_id)
    return asked


def _browsers(messages: Iterable[Message]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for store_id, customer_ids in _by_channel(messages, "push").items():
        for row in Browser.objects.of(store_id).filter(customer_id__in=customer_ids, closed_at__isnull=True):
            try:
                found[row.customer_id].append(tokens.unseal(row.sealed_subscription))
            except tokens.BadToken:
                continue
    return found


def _talking(messages: Iterable[Message], now: datetime) -> frozenset[int]:
    """Customers who wrote to the shop by WhatsApp within a day."""
    talking: set[int] = set()
    for store_id, customer_ids in _by_channel(messages, "whatsapp").items():
        heard = Receipt.objects.of(store_id).filter(
            kind=Receipt.Kind.REPLIED,
            at__gt=now - CONVERSATION,
            message__channel="whatsapp",
            message__customer_id__in=customer_ids,
        )
        talking |= set(heard.values_list("message__customer_id", flat=True))
    return frozenset(talking)


def _approved(messages: Iterable[Message]) -> dict[tuple[int, str, str], WhatsappTemplate]:
    stores = {message.store_id for message in messages if message.channel == "whatsapp"}
    rows = WhatsappTemplate.objects.filter(store_id__in=stores) if stores else []
    return {(row.store_id, row.template, row.language): row for row in rows}
