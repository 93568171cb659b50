"""From claimed messages to letters: may they go, what do they say, how do they look."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from django.conf import settings

from thereafter.messaging import catalogue, facts, publishing, reach, rendering, rules
from thereafter.messaging.actions.admitting import admit
from thereafter.messaging.catalogue import Template
from thereafter.messaging.channels.letters import Letter
from thereafter.messaging.composed import Composed
from thereafter.messaging.models import Message, TemplateVersion
from thereafter.messaging.rendering import Rendered
from thereafter.stores.models import Store

log = logging.getLogger(__name__)
Templates = Mapping[tuple[int, str], Template]


def compose(messages: Sequence[Message], now: datetime) -> list[Composed]:
    """Asks the contact rules, and writes those that may go. Those that must wait are put back and are not among the
    answers. Fills in channel, address, locale, version, subject and facts of each message, in memory."""
    templates = catalogue.chosen((message.store_id, message.template) for message in messages)
    for message in messages:
        _complete(message, templates.get((message.store_id, message.template)))
    refused = admit(messages, reach.addresses(messages), now)
    kept = [message for message in messages if message.pk not in refused]
    skipped = [Composed(message, why_not=why) for message in messages if (why := refused.get(message.pk))]
    return [*skipped, *_compose(kept, templates, now)]


def _complete(message: Message, template: Template | None) -> None:
    """Joins what was read apart, and says by which channels it can go: those that there are words for."""
    message.customer.store = message.store
    if message.order:
        message.order.store = message.store
    if template:
        wanted = message.channels or template.channels
        message.channels = [channel for channel in wanted if channel in template.channels]


def _compose(messages: Sequence[Message], templates: Templates, now: datetime) -> list[Composed]:
    wanted = {message.pk: _wanted(message, templates) for message in messages}
    broken = publishing.broken(set(wanted.values()))
    for at, error in broken.items():
        log.warning("template %s cannot be published: %s", at[1], error)
    versions = publishing.current_versions({one for one in wanted.values() if _at(one) not in broken}, now)
    pairs = [(message, versions[at]) for message in messages if (at := _at(wanted[message.pk])) in versions]
    return [
        *(
            Composed(message, why_not=f"template: {broken[at]}"[:300], broken=True)
            for message in messages
            if (at := _at(wanted[message.pk])) in broken
        ),
        *(
            _composed(message, version, known, templates[message.store_id, message.template])
            for (message, version), known in zip(pairs, facts.gather(pairs), strict=True)
        ),
    ]


def _at(wanted: publishing.Wanted) -> publishing.At:
    store, key, language, channel = wanted
    return store.pk, key, language, channel


def _wanted(message: Message, templates: Templates) -> publishing.Wanted:
    """What is needed for this person; the message then formats amounts and days as their region does."""
    template = templates.get((message.store_id, message.template))
    wanted = (message.customer.locale, message.store.locale)
    language = rules.choose_language(template.languages if template else ("en",), *wanted)
    spoken = (locale for locale in wanted if rules.languages(locale)[0] == language and is_locale(locale))
    message.locale = next(spoken, language)
    return message.store, message.template, language, message.channel


@lru_cache(maxsize=512)
def is_locale(name: str) -> bool:
    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _composed(message: Message, version: TemplateVersion, known: facts.Facts, template: Template) -> Composed:
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
    fingerprint, sources = version.fingerprint, version.sources
    own = str(message.facts.get("subject_line") or "")
    if own:
        # A campaign tries subject lines against each other on one template.
        fingerprint, sources = f"{fingerprint}:{own}", {**sources, "subject": own}
    return rendering.render(fingerprint, sources, message.facts, message.locale or version.language)


def letter_of(message: Message, rendered: Rendered) -> Letter:
    store = message.store
    return Letter(
        key=message.pk,
        to=message.to_address,
        sender_name=rendered.extras.get("sender_name") or rules.one_line(store.name),
        sender=sender_of(store),
        reply_to=store.support_email,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        message_id=rules.message_id(message.store_id, message.key, mail_host()),
        headers=headers_of(message),
        channel=message.channel,
        extra=rendered.extras,
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
