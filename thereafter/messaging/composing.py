"""From claimed messages to letters: may they go, what do they say, how do they look. Reads only."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from django.conf import settings

from thereafter.commerce.queries import may_contact
from thereafter.messaging import facts, library, publishing, rendering, rules
from thereafter.messaging.channels.letters import Letter
from thereafter.messaging.models import Message, Suppression, TemplateVersion
from thereafter.messaging.rendering import Rendered
from thereafter.stores.models import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Composed:
    """A message with its letter; or without one, and `why_not`. `broken` when the template is at fault."""

    message: Message
    letter: Letter | None = None
    why_not: str = ""
    broken: bool = False


def compose(messages: Sequence[Message], now: datetime) -> list[Composed]:
    """Fills in address, locale, version, subject and facts of each message, in memory."""
    for message in messages:
        message.to_address = message.customer.email.strip()
        message.customer.store = message.store
        if message.order:
            message.order.store = message.store
    reasons = reasons_not_to_send(messages)
    kept = [message for message in messages if message.pk not in reasons]
    skipped = [Composed(message, why_not=reasons[message.pk]) for message in messages if message.pk in reasons]
    return [*skipped, *_compose(kept, now)]


def reasons_not_to_send(messages: Sequence[Message]) -> dict[int, str]:
    """By message id, for those that must not go out."""
    closed = _closed(messages)
    willing = _willing(messages)
    reasons = {
        message.pk: rules.why_not(
            message.message_class,
            message.to_address,
            suppressed=closed[message.store_id, message.to_address.lower()],
            consents=(message.store_id, message.customer_id) in willing,
        )
        for message in messages
    }
    return {pk: reason for pk, reason in reasons.items() if reason}


def _closed(messages: Iterable[Message]) -> dict[tuple[int, str], set[str]]:
    addresses = {message.to_address.lower() for message in messages}
    stores = {message.store_id for message in messages}
    closed: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in Suppression.objects.filter(store_id__in=stores, address__in=addresses):
        closed[row.store_id, row.address].add(row.scope)
    return closed


def _willing(messages: Iterable[Message]) -> set[tuple[int, int]]:
    asked: dict[int, set[int]] = defaultdict(set)
    for message in messages:
        if message.message_class == rules.MARKETING:
            asked[message.store_id].add(message.customer_id)
    return {
        (store_id, customer_id)
        for store_id, customer_ids in asked.items()
        for customer_id in may_contact(store_id, customer_ids, "email", "marketing")
    }


def _compose(messages: Sequence[Message], now: datetime) -> list[Composed]:
    wanted = {message.pk: (message.store, message.template, _language(message)) for message in messages}
    broken = {at: error for at in set(wanted.values()) if (error := _why_unpublishable(*at))}
    versions = publishing.current_versions(set(wanted.values()) - set(broken), now)
    pairs = [
        (message, versions[at[0].pk, at[1], at[2]]) for message in messages if (at := wanted[message.pk]) not in broken
    ]
    return [
        *(
            Composed(message, why_not=broken[wanted[message.pk]], broken=True)
            for message in messages
            if wanted[message.pk] in broken
        ),
        *(
            _composed(message, version, known)
            for (message, version), known in zip(pairs, facts.gather(pairs), strict=True)
        ),
    ]


def _why_unpublishable(store: Store, key: str, language: str) -> str:
    """A template that cannot be published fails its own messages, and holds up no others."""
    try:
        publishing.compiled_for(store, key, language)
    except publishing.CannotPublish as error:
        log.warning("template %s cannot be published", key, exc_info=error)
        return f"template: {error}"[:300]
    return ""


def _language(message: Message) -> str:
    """The template's language for this person; the message then formats amounts and days as their region does."""
    wanted = (message.customer.locale, message.store.locale)
    language = rules.choose_language(library.languages(message.template), *wanted)
    spoken = (locale for locale in wanted if rules.languages(locale)[0] == language and is_locale(locale))
    message.locale = next(spoken, language)
    return language


@lru_cache(maxsize=512)
def is_locale(name: str) -> bool:
    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _composed(message: Message, version: TemplateVersion, known: facts.Facts) -> Composed:
    template = library.template(message.template)
    if template.required and not known.get(template.required):
        return Composed(message, why_not=f"nothing_to_say:{template.required}")
    message.version, message.facts = version, known
    try:
        rendered = render_again(message)
    except rendering.CannotRender as error:
        log.warning("template %s cannot be rendered", message.template, exc_info=error)
        return Composed(message, why_not=f"template: {error}"[:300], broken=True)
    message.subject = rendered.subject
    return Composed(message, letter=letter_of(message, rendered))


def render_again(message: Message) -> Rendered:
    """The message as its version and facts make it: before sending, and any time after."""
    version = message.version
    if version is None:
        raise rendering.CannotRender("This message was never rendered.")
    sources = {"subject": version.subject, "html": version.html, "text": version.text}
    return rendering.render(version.fingerprint, sources, message.facts, message.locale or version.language)


def letter_of(message: Message, rendered: Rendered) -> Letter:
    store = message.store
    return Letter(
        key=message.pk,
        to=message.to_address,
        sender_name=rules.one_line(store.name),
        sender=sender_of(store),
        reply_to=store.support_email,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        message_id=rules.message_id(message.store_id, message.key, mail_host()),
        headers=headers_of(message),
    )


def headers_of(message: Message) -> dict[str, str]:
    return rules.headers(message.facts.get("links", {}).get("unsubscribe") or "")


def sender_of(store: Store) -> str:
    return store.sender_email or store.support_email or f"{store.slug}@{mail_host()}"


@lru_cache(maxsize=1)
def mail_host() -> str:
    """What our addresses and message ids end in."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return host if "." in host and not host.replace(".", "").isdigit() else "thereafter.localhost"
