"""What a person has said about being written to, for merchants' pages."""

from dataclasses import dataclass, field
from datetime import datetime

from thereafter.commerce.models import Consent, Customer
from thereafter.messaging import queries, standing, words
from thereafter.messaging.models import Suppression
from thereafter.messaging.rules.addresses import ADDRESSED, key_of
from thereafter.messaging.rules.contact_rules import CHANNELS, ContactRules
from thereafter.messaging.rules.gate import OFFERS, ORDERS, SURVEYS, Facts, allows

PURPOSES = (ORDERS, OFFERS, SURVEYS)


@dataclass(frozen=True)
class Word:
    """What holds for a purpose: allowed or not, and what was said about it last, if anything."""

    purpose: str
    label: str
    allowed: bool
    said: Consent | None
    # Confirmations by e-mail are asked for by whoever orders.
    is_part_of_order: bool = False

    @property
    def why(self) -> str:
        if self.said:
            return f"{'Yes' if self.said.granted else 'No'} by {source_in_words(self.said.source)}"
        if self.is_part_of_order:
            return "Belongs to the order"
        return "Nothing said; allowed until they object" if self.allowed else "Never asked"


@dataclass(frozen=True)
class Way:
    channel: str
    label: str
    address: str
    closed: Suppression | None
    words: list[Word] = field(default_factory=list)


def ways(customer: Customer, now: datetime) -> list[Way]:
    """Each channel that reaches the customer, loaded with their store, or about which they said something."""
    facts = standing.of_customer(customer, now)
    last = {(row.channel, row.purpose): row for row in history(customer)[::-1]}
    closed = _closed(customer, facts)
    named = {channel for channel, _ in last}
    return [
        Way(
            channel,
            words.CHANNELS[channel],
            facts.addresses.get(channel, ""),
            closed.get(channel),
            [
                Word(
                    purpose,
                    words.PURPOSES[purpose],
                    allows(channel, purpose, facts),
                    last.get((channel, purpose)),
                    is_part_of_order=(channel, purpose) == ("email", ORDERS),
                )
                for purpose in PURPOSES
            ],
        )
        for channel in CHANNELS
        if channel in facts.addresses or channel in named
    ]


def history(customer: Customer) -> list[Consent]:
    """Everything that was ever said, newest first."""
    return list(Consent.objects.of(customer.store_id).filter(customer=customer).order_by("-at", "-id"))


def _closed(customer: Customer, facts: Facts) -> dict[str, Suppression]:
    keys = {key_of(channel, address) for channel, address in facts.addresses.items() if channel in ADDRESSED}
    rows = Suppression.objects.of(customer.store_id).filter(address__in=keys).order_by("-scope")
    return {row.channel: row for row in rows}


def label(row: Consent, rules: ContactRules) -> str:
    """What a line is about: "Offers and news by SMS", "Topic: New shoes"."""
    if row.purpose.startswith("topic."):
        key = row.purpose.removeprefix("topic.")
        names = next((topic.name for topic in rules.consent.topics if topic.key == key), {})
        return f"Topic: {next(iter(names.values()), key)}"
    what = words.PURPOSES.get(row.purpose, row.purpose.replace("_", " ").capitalize())
    return f"{what} by {words.CHANNELS.get(row.channel, row.channel)}"


_SOURCES = {
    "double opt-in": "the link in the confirmation mail",
    "staff": "somebody of the shop",
    "csv": "an import",
    "shopify": "Shopify",
    "woocommerce": "WooCommerce",
}


def source_in_words(source: str) -> str:
    return _SOURCES.get(source, source.replace("_", " "))


def rules_of(customer: Customer) -> ContactRules:
    return queries.contact_rules_of([customer.store_id])[customer.store_id]
