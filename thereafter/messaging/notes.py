"""A letter in the shop's look to somebody who need not be a customer."""

from collections.abc import Mapping
from typing import Any

from thereafter.messaging import catalogue, publishing, rendering, rules
from thereafter.messaging.channels.letters import Letter
from thereafter.messaging.composing import mail_host, sender_of
from thereafter.messaging.facts import present
from thereafter.messaging.models import Suppression
from thereafter.stores.models import Store

_SHOWN = ("name", "logo_url", "shop_url", "support_email", "legal_address")


def note(store: Store, template: str, *, to: str, language: str, key: str, facts: Mapping[str, Any]) -> Letter:
    """One of our templates as a letter. `key` makes a repeat harmless; `facts["links"]["unsubscribe"]` becomes the
    one-click header of RFC 8058. Raises `CannotPublish` or `CannotRender`."""
    chosen = catalogue.template(store, template)
    language = rules.choose_language(chosen.languages, language, store.locale)
    compiled = publishing.compiled_for(store, template, language)
    shop = {name: getattr(store, name) for name in _SHOWN}
    rendered = rendering.render(compiled.fingerprint, compiled.sources, present({"store": shop, **facts}), language)
    return Letter(
        key=0,
        to=to,
        sender_name=rules.one_line(store.name),
        sender=sender_of(store),
        reply_to=store.support_email,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        message_id=rules.message_id(store.pk, key, mail_host()),
        headers=rules.headers(str(facts.get("links", {}).get("unsubscribe") or "")),
    )


def is_closed(store: Store, address: str) -> bool:
    """Whether nothing at all may go to this address."""
    return Suppression.objects.of(store).filter(address=address.lower(), scope="all").exists()
