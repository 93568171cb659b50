"""Mails with a link to say yes by, to somebody who need not be a customer yet. From rows to letters; no network in a
transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from thereafter.messaging import accounts, notes
from thereafter.messaging.actions import confirmations as actions
from thereafter.messaging.actions.confirmations import W
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender
from thereafter.storefront.links import in_language
from thereafter.stores.models import Store
from thereafter.timeline import peek

AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class Question:
    """One mail: `page` is where the yes is said; `key` makes a repeat harmless."""

    to: str
    language: str
    page: str
    key: str
    first_name: str = ""


@dataclass(frozen=True)
class Kind(Generic[W]):
    """A room's mails of this kind: the rows that wait (see `actions.confirmations`), and what each is asked."""

    model: type[W]
    template: str
    question: Callable[[W], Question]


def send_due(kind: Kind[W], now: datetime) -> int:
    """Returns how many were taken up."""
    model: Any = kind.model
    if not peek.anything(model._meta.db_table, "mail = 'queued' AND mail_due_at <= %s", now):
        return 0
    claimed = actions.claim(kind.model, now, AT_ONCE)
    for one in claimed:
        actions.settle(one, _hand_over(one.store, kind.template, kind.question(one)), now)
    return len(claimed)


def _hand_over(store: Store, template: str, asked: Question) -> Verdict:
    if notes.is_closed(store, asked.to):
        # Whoever typed it: a mailbox that is dead, or that called our mail spam, gets no mail by way of a form.
        return Verdict(Answer.REFUSED, "This address is closed: it bounced, or reported a mail as spam.")
    page = in_language(asked.page, asked.language, store)
    facts = {"confirm": {"url": page}, "customer": {"first_name": asked.first_name}}
    try:
        letter = notes.note(store, template, to=asked.to, language=asked.language, key=asked.key, facts=facts)
    except (CannotPublish, CannotRender) as error:
        return Verdict(Answer.REFUSED, f"template: {error}"[:300])
    account = accounts.account_of(store.pk, "email")
    if account is None:
        return Verdict(Answer.LATER, "This shop has no account to send mail by.")
    try:
        (verdict,) = registry.opened(account).deliver([letter])
    except ValueError as error:
        return Verdict(Answer.LATER, str(error)[:250])
    return verdict
