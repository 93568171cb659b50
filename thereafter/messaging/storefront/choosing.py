"""What the preference page offers a person, and what they said by filling it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from thereafter.messaging.actions.preferences import Choice
from thereafter.messaging.rules.contact_rules import CHANNELS, Topic
from thereafter.messaging.rules.gate import ANY, OFFERS, ORDERS, SURVEYS, Facts, allows, topic_purpose


@dataclass(frozen=True)
class Option:
    """A box to tick. `shown` is the sentence that is kept as evidence of what was read."""

    channel: str
    purpose: str
    label: str
    help: str
    shown: str
    checked: bool

    @property
    def name(self) -> str:
        return f"{self.channel}:{self.purpose}"


@dataclass(frozen=True)
class Section:
    channel: str
    label: str
    address: str
    options: list[Option] = field(default_factory=list)
    topics: list[Option] = field(default_factory=list)


def sections(facts: Facts, *, shop: str, language: str, shop_language: str) -> list[Section]:
    """A section for each channel that reaches the person."""
    labels = {"email": _("E-mail"), "sms": _("SMS"), "whatsapp": _("WhatsApp"), "push": _("Notifications")}
    return [
        Section(
            channel,
            labels[channel],
            masked(channel, facts.addresses[channel]),
            [_option(channel, purpose, labels[channel], shop, facts) for purpose in _purposes(channel)],
            [_topic(one, language, shop_language, facts) for one in facts.rules.consent.topics]
            if channel == "email"
            else [],
        )
        for channel in CHANNELS
        if facts.addresses.get(channel)
    ]


def _purposes(channel: str) -> tuple[str, ...]:
    return (OFFERS, SURVEYS) if channel == "email" else (ORDERS, OFFERS, SURVEYS)


def _option(channel: str, purpose: str, by: str, shop: str, facts: Facts) -> Option:
    label, about = {
        ORDERS: (_("News of my orders"), _("When a parcel is on its way, late, or there.")),
        OFFERS: (_("Offers and news"), _("What is new, what is on offer, what goes with what you bought.")),
        SURVEYS: (_("Questions and reviews"), _("Now and then after a delivery: how was it?")),
    }[purpose]
    return Option(channel, purpose, label, about, f"{shop}, {by}: {label}. {about}", allows(channel, purpose, facts))


def _topic(topic: Topic, language: str, shop_language: str, facts: Facts) -> Option:
    name = topic.name.get(language) or topic.name.get(shop_language) or next(iter(topic.name.values()), topic.key)
    purpose = topic_purpose(topic.key)
    return Option(ANY, purpose, name, "", name, allows(ANY, purpose, facts))


def choices(offered: list[Section], posted: Mapping[str, str]) -> list[Choice]:
    """What changed against what was shown."""
    return [
        Choice(channel=option.channel, purpose=option.purpose, granted=option.name in posted, shown=option.shown)
        for section in offered
        for option in (*section.options, *section.topics)
        if option.checked != (option.name in posted)
    ]


def masked(channel: str, address: str) -> str:
    """Enough to know one's own address, too little for a stranger who was forwarded the link."""
    if channel == "email":
        name, _at, host = address.rpartition("@")
        return f"{name[:1]}•••@{host}"
    return f"••• {address[-2:]}" if channel in {"sms", "whatsapp"} else ""
