"""What people choose about being written to, and the proof that it was them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.customers import change_consent, choose_language, confirm_consent, set_trait
from thereafter.commerce.models import Customer
from thereafter.kit import tokens
from thereafter.messaging import queries
from thereafter.messaging.actions import queueing
from thereafter.messaging.actions.contacts import Closing, Reason, Scope, close, open_to_offers
from thereafter.messaging.rules.caps import PACES
from thereafter.messaging.rules.gate import CONFIRMED, OFFERS, PACE_TRAIT, SURVEYS
from thereafter.storefront import links
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff

CONFIRM_DAYS = 7
PAGE = "preference page"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A yes or no to a purpose on a channel. `shown` is the sentence that the person saw beside it."""

    channel: str
    purpose: str
    granted: bool
    shown: str


@transaction.atomic
def choose(
    customer: Customer, choices: list[Choice], addresses: Mapping[str, str], *, source: str, place: str, now: datetime
) -> bool:
    """Keeps what a person chose. `place` says from where, for the evidence. True when a yes waits for its mail."""
    waits = False
    for choice in choices:
        address = addresses.get(choice.channel, "")
        if choice.granted and choice.channel in addresses and choice.purpose != OFFERS:
            open_to_offers(customer.store_id, choice.channel, address)
        if choice.granted and _needs_proof(customer, choice):
            ask_to_confirm(customer, shown=choice.shown, now=now)
            waits = True
            continue
        if choice.granted and choice.purpose == OFFERS:
            open_to_offers(customer.store_id, choice.channel, address)
        did, whose = "chose" if choice.granted else "took away", f" for {address}" if address else ""
        change_consent(
            customer,
            channel=choice.channel,
            purpose=choice.purpose,
            granted=choice.granted,
            source=source,
            evidence=f"{did} “{choice.shown}”{whose}, {place}",
            now=now,
        )
    return waits


def _needs_proof(customer: Customer, choice: Choice) -> bool:
    if (choice.channel, choice.purpose) != ("email", OFFERS):
        return False
    return queries.contact_rules_of([customer.store_id])[customer.store_id].consent.double_opt_in != "off"


@transaction.atomic
def choose_pace(customer: Customer, pace: str) -> None:
    """At most one offer a week, or a month; "" as many as the shop's rules allow."""
    set_trait(customer, PACE_TRAIT, pace if pace in PACES else None)


@transaction.atomic
def speak(customer: Customer, language: str) -> None:
    """Another language; one that is theirs already keeps its region (de-AT)."""
    if customer.locale.replace("_", "-").split("-")[0].lower() != language:
        choose_language(customer, language)


@transaction.atomic
def leave(customer: Customer, addresses: Mapping[str, str], *, source: str, place: str, now: datetime) -> None:
    """No more offers and questions on any channel; news of orders still comes."""
    for channel, address in addresses.items():
        if channel != "push":
            one = Closing(channel=channel, address=address, scope=Scope.MARKETING, reason=Reason.UNSUBSCRIBED)
            close(customer.store_id, [one], now)
        for purpose in (OFFERS, SURVEYS):
            change_consent(
                customer,
                channel=channel,
                purpose=purpose,
                granted=False,
                source=source,
                evidence=f"unsubscribed from everything, {place}",
                now=now,
            )


def ask_to_confirm(customer: Customer, *, shown: str, now: datetime) -> None:
    """Sends the mail of the double opt-in, at most once an hour."""
    if not customer.email:
        return
    token = tokens.sign("confirm-offers", customer.store_id, customer.pk, customer.email.lower(), shown[:200])
    page = links.page(customer.store, "messaging_storefront:confirm", token)
    queueing.send(
        customer,
        template="confirm_offers",
        key=f"confirm_offers:{customer.pk}:{now:%Y-%m-%dT%H}",
        now=now,
        facts={"confirm": {"url": links.in_language(page, customer.locale, customer.store)}},
    )


@transaction.atomic
def confirm(customer: Customer, *, shown: str, place: str, now: datetime) -> bool:
    """The owner of the mailbox says that the yes is theirs; False when they had said so before."""
    open_to_offers(customer.store_id, "email", customer.email)
    return confirm_consent(
        customer,
        channel="email",
        purpose=OFFERS,
        source=CONFIRMED,
        evidence=f"confirmed “{shown}” by the link sent to {customer.email.lower()}, {place}",
        now=now,
    )


@transaction.atomic
def change_by_staff(
    customer: Customer, choice: Choice, addresses: Mapping[str, str], *, by: Staff, why: str, now: datetime
) -> bool:
    """Somebody of the shop writes down what a person told them, and how they know."""
    if choice.granted:
        open_to_offers(customer.store_id, choice.channel, addresses.get(choice.channel, ""))
    changed = change_consent(
        customer,
        channel=choice.channel,
        purpose=choice.purpose,
        granted=choice.granted,
        source="staff",
        evidence=f"{why} (written down by {by.name})",
        now=now,
    )
    if changed:
        detail = {"channel": choice.channel, "purpose": choice.purpose, "granted": choice.granted, "why": why}
        audit(customer.store, by=by, verb="customers.consent", now=now, subject=customer.display_name, detail=detail)
    return changed
