"""What a journey tells others than the customer: a program of the shop, its team, its support inbox. From rows to
letters; nobody's consent is asked, for nobody's but the shop's own address is written to."""

import hashlib
import html
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date
from liquid.exceptions import LiquidError

from thereafter.kit import tokens
from thereafter.kit.money import Money
from thereafter.messaging import composing, facts, rendering, rules
from thereafter.messaging.channels.letters import Letter
from thereafter.messaging.composed import Composed
from thereafter.messaging.models import Message, TeamPlace, TemplateVersion
from thereafter.messaging.rendering import CannotRender, Rendered

log = logging.getLogger(__name__)
CHANNELS = ("webhook", "team", "ticket")
# What of a message's facts is ours, not the event's.
ASKED = "outside"
ALL_PLACES = ""


@dataclass(frozen=True)
class Words:
    title: str
    text: str


def compose(messages: Sequence[Message], now: datetime) -> list[Composed]:
    """A letter for each, or why there is none."""
    places = _places(messages)
    return [_composed(message, places, now) for message in messages]


def _composed(message: Message, places: Mapping[int, Sequence[TeamPlace]], now: datetime) -> Composed:
    message.customer.store = message.store
    if message.order:
        message.order.store = message.store
    asked: Mapping[str, Any] = message.facts.get(ASKED, {})
    message.locale = message.store.locale or "en"
    try:
        told, known = _words(message, asked)
    except (CannotRender, LiquidError) as error:
        return Composed(message, why_not=f"template: {error}"[:300], broken=True)
    except Exception as error:
        # One that cannot be written must not keep the messages beside it from going.
        log.exception("a message to others than the customer could not be written")
        return Composed(message, why_not=f"{type(error).__name__}: {error}"[:300], broken=True)
    message.subject = told.title
    if message.channel == "team":
        return _post(message, asked, told, places.get(message.store_id, ()))
    return (_hook if message.channel == "webhook" else _ticket)(message, asked, told, known)


def _words(message: Message, asked: Mapping[str, Any]) -> tuple[Words, facts.Facts]:
    """Title and text in Liquid, with the facts that a template would have."""
    sources = {"subject": str(asked.get("title", "")), "html": "", "text": str(asked.get("text", ""))}
    needs = sorted({"order", "links.order", *rendering.names_in(sources["subject"], sources["text"])})
    version = TemplateVersion(store=message.store, needs=needs)
    (known,) = facts.gather([(message, version)])
    digest = hashlib.blake2b("\n".join(sources.values()).encode(), digest_size=16).hexdigest()
    made: Rendered = rendering.render(f"outside:{digest}", sources, known, message.locale)
    return Words(made.subject or _title(message), made.text), known


def _title(message: Message) -> str:
    about = f"Order {message.order.number}" if message.order else message.customer.display_name
    return f"{message.store.name}: {about}"


def _letter(message: Message, told: Words, **more: Any) -> Letter:
    given: dict[str, Any] = {
        "key": message.pk,
        "to": message.to_address,
        "sender_name": rules.one_line(message.store.name),
        "sender": composing.sender_of(message.store),
        "reply_to": "",
        "subject": rules.one_line(told.title),
        "html": "",
        "text": told.text,
        "message_id": rules.message_id(message.store_id, message.key, composing.mail_host()),
        "channel": message.channel,
    }
    return Letter(**{**given, **more})


def _hook(message: Message, asked: Mapping[str, Any], told: Words, known: facts.Facts) -> Composed:
    url = str(asked.get("url", ""))
    message.to_address = url[: rules.LONGEST_ADDRESS]
    return Composed(message, _letter(message, told, to=url, extra={"document": _document(message, told, known)}))


def _document(message: Message, told: Words, known: facts.Facts) -> dict[str, Any]:
    """What is posted: plain values, money in minor units, times in ISO form."""
    customer = message.customer
    return {
        "type": "journey.webhook",
        "id": rules.message_id(message.store_id, message.key, "").strip("<>@"),
        "made_at": message.created_at.isoformat(),
        "store": message.store.slug,
        "journey": message.origin,
        "title": told.title,
        "text": told.text,
        "customer": {
            "id": customer.pk,
            "name": customer.name,
            "email": customer.email,
            "phone": customer.phone,
            "locale": customer.locale,
            "country": customer.country,
            "traits": customer.traits,
        },
        "order": known.get("order"),
        "event": message.facts.get("event", {}),
    }


def _post(message: Message, asked: Mapping[str, Any], told: Words, places: Sequence[TeamPlace]) -> Composed:
    wanted = str(asked.get("place", ALL_PLACES))
    chosen = [place for place in places if wanted in {ALL_PLACES, place.name}]
    message.to_address = ", ".join(place.name for place in chosen)[: rules.LONGEST_ADDRESS]
    if not chosen:
        return Composed(message, why_not="no_place")
    try:
        urls = [tokens.unseal(place.sealed_url) for place in chosen]
    except tokens.BadToken:
        return Composed(message, why_not="key_changed")
    return Composed(message, _letter(message, told, extra={"urls": urls}))


def _ticket(message: Message, asked: Mapping[str, Any], told: Words, known: facts.Facts) -> Composed:
    """A help desk answers to Reply-To, so the customer stands there; the rest is for who reads it."""
    inbox = message.store.support_email
    message.to_address = inbox
    if not inbox:
        return Composed(message, why_not="no_support_address")
    customer = message.customer
    text = "\n".join([told.text.strip(), "", *about(message, known)]).strip() + "\n"
    headers = {"Auto-Submitted": "auto-generated", "X-Thereafter-Store": message.store.slug}
    if message.order:
        headers["X-Thereafter-Order"] = _plain(message.order.number)
    letter = _letter(
        message,
        told,
        to=inbox,
        reply_to=customer.email if rules.is_address(customer.email) else "",
        text=text,
        html=f"<pre>{html.escape(text)}</pre>",
        headers={name: value for name, value in headers.items() if value},
    )
    return Composed(message, letter)


def about(message: Message, known: Mapping[str, Any]) -> list[str]:
    """Who it is about, a line each."""
    customer, order, store = message.customer, message.order, message.store
    rows = [
        ("Customer", " ".join(filter(None, (customer.name, f"<{customer.email}>" if customer.email else "")))),
        ("Phone", customer.phone),
    ]
    if order:
        placed = format_date(order.placed_at, "d MMMM y", locale="en")
        rows += [
            ("Order", f"{order.number} of {placed}, {Money(order.total_minor, order.currency).format('en')}"),
            ("Items", ", ".join(f"{one['quantity']} × {one['title']}" for one in known["order"]["items"])),
            ("Order page", str(known.get("links", {}).get("order") or "")),
        ]
    return [f"{label}: {value}" for label, value in [*rows, ("Shop", store.name)] if value]


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isprintable())


def _places(messages: Sequence[Message]) -> dict[int, list[TeamPlace]]:
    stores = {message.store_id for message in messages if message.channel == "team"}
    found: dict[int, list[TeamPlace]] = {store_id: [] for store_id in stores}
    for place in TeamPlace.objects.filter(store_id__in=stores).order_by("name"):
        found[place.store_id].append(place)
    return found
