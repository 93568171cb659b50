"""What speaks against an invitation, and what an invitation brings."""

import ipaddress
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from fractions import Fraction

from thereafter.loyalty.rules.programme import Programme, ReferralTerms

# One claim more than `max_per_ip_7d` in this time is looked at by a person; the stretch is rolling and half-open.
VELOCITY = timedelta(days=7)
IP_KEPT = timedelta(days=90)
_GMAIL = ("gmail.com", "googlemail.com")
# Providers hand a household a network of this size, not one address.
_V6_HOME = 64
_ALIKE = 0.85
_SHORTEST_ALIKE = 5


class Weight(StrEnum):
    """What a doubt does."""

    REFUSES = "refuses"
    HOLDS = "holds"
    FLAGS = "flags"


WEIGHTS = {
    "self_referral": Weight.REFUSES,
    "existing_customer": Weight.REFUSES,
    "already_referred": Weight.REFUSES,
    "too_many": Weight.REFUSES,
    "ip_velocity": Weight.HOLDS,
    "same_address": Weight.FLAGS,
    "similar_email": Weight.FLAGS,
    "similar_name": Weight.FLAGS,
    "code_passed_on": Weight.FLAGS,
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that speaks against an invitation, with the facts in words."""

    reason: str
    text: str

    @property
    def weight(self) -> Weight:
        return WEIGHTS[self.reason]

    def as_json(self) -> dict[str, str]:
        return {"reason": self.reason, "text": self.text}


@dataclass(frozen=True, slots=True)
class Side:
    """What is known of one of the two. `addresses` are those that things were sent to."""

    customer_id: int
    name: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    addresses: frozenset["Address"] = frozenset()


@dataclass(frozen=True, slots=True)
class Address:
    """Where something was sent and to whom; `place` and `name` are for comparing, `shown` for reading."""

    place: str
    name: str
    shown: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the shop knows besides. `claims` came from the same network lately, this one included."""

    bought_on: date | None = None
    invited_on: date | None = None
    claims: int = 0
    brought: int = 0


def mailbox(email: str) -> str:
    """Where a mail ends up: without the tag after a plus; at Gmail also without dots and under its one name."""
    local, _, domain = email.strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    return f"{local.replace('.', '')}@gmail.com" if domain in _GMAIL else f"{local}@{domain}"


def network(address: str) -> str | None:
    """The network address that is counted: of IPv6 the network of the household; None when it is none."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _V6_HOME), strict=False).network_address)
    return str(found)


def plain(text: str) -> str:
    """Letters and digits only, in one spelling: "Müller-Lüdenscheidt" and "muller ludenscheidt" are the same."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(
        "".join(each if each.isalnum() else " " for each in split if not unicodedata.combining(each)).split()
    )


def judge(advocate: Side, friend: Side, terms: ReferralTerms, around: Circumstances) -> list[Doubt]:
    """All that speaks against it, the heaviest first; nothing is the best answer."""
    found = [
        _same_person(advocate, friend),
        _bought_before(around),
        _invited_before(around),
        _too_many(terms, around),
        _velocity(terms, around),
        _same_place(advocate, friend),
        _similar_emails(advocate, friend),
        _similar_names(advocate, friend),
    ]
    return [doubt for doubt in found if doubt]


def heaviest(doubts: list[Doubt]) -> Doubt | None:
    """The one that decides: what refuses before what holds; None when it may go on."""
    for weight in (Weight.REFUSES, Weight.HOLDS):
        for doubt in doubts:
            if doubt.weight == weight:
                return doubt
    return None


def _same_person(advocate: Side, friend: Side) -> Doubt | None:
    if advocate.customer_id == friend.customer_id:
        return Doubt("self_referral", "The friend is the member who invited.")
    boxes = {mailbox(email): email for email in advocate.emails}
    for email in sorted(friend.emails):
        if mailbox(email) in boxes:
            return Doubt("self_referral", f"{boxes[mailbox(email)]} and {email} are the same mailbox.")
    for phone in sorted(advocate.phones & friend.phones):
        return Doubt("self_referral", f"Both use the phone number {phone}.")
    for address in sorted(advocate.addresses & friend.addresses, key=lambda one: one.shown):
        # A friend who has a present sent to the member has another name.
        if not friend.name or plain(friend.name) == plain(advocate.name):
            return Doubt("self_referral", f"Both order under the same name at the same address: {address.shown}.")
    return None


def _bought_before(around: Circumstances) -> Doubt | None:
    if around.bought_on is None:
        return None
    return Doubt("existing_customer", f"The friend bought here on {_day(around.bought_on)}, before the invitation.")


def _invited_before(around: Circumstances) -> Doubt | None:
    if around.invited_on is None:
        return None
    return Doubt("already_referred", f"Another member's invitation was accepted on {_day(around.invited_on)}.")


def _too_many(terms: ReferralTerms, around: Circumstances) -> Doubt | None:
    if terms.most_per_member is None or around.brought < terms.most_per_member:
        return None
    return Doubt("too_many", f"The member brought {around.brought} friends already, as many as the programme rewards.")


def _velocity(terms: ReferralTerms, around: Circumstances) -> Doubt | None:
    if around.claims <= terms.max_per_ip_7d:
        return None
    usual = terms.max_per_ip_7d
    text = f"{around.claims} invitations were accepted from one network address within 7 days; up to {usual} are usual."
    return Doubt("ip_velocity", text)


def _same_place(advocate: Side, friend: Side) -> Doubt | None:
    places = {address.place for address in advocate.addresses}
    for address in sorted(friend.addresses, key=lambda one: one.shown):
        if address.place in places:
            return Doubt(
                "same_address", f"Both have things sent to the same address: {address.shown}. Often a household."
            )
    return None


def _similar_emails(advocate: Side, friend: Side) -> Doubt | None:
    for mine in sorted(advocate.emails):
        for theirs in sorted(friend.emails):
            if _are_alike(_stem(mine), _stem(theirs)):
                return Doubt("similar_email", f"The addresses look alike: {mine} and {theirs}.")
    return None


def _similar_names(advocate: Side, friend: Side) -> Doubt | None:
    if not _are_alike(plain(advocate.name), plain(friend.name)):
        return None
    return Doubt("similar_name", f"The names are alike: {advocate.name} and {friend.name}.")


def _stem(email: str) -> str:
    """What somebody numbers through: "jane.doe7" and "janedoe8" are both janedoe."""
    return "".join(each for each in mailbox(email).rpartition("@")[0] if each.isalpha())


def _are_alike(one: str, two: str) -> bool:
    if min(len(one), len(two)) < _SHORTEST_ALIKE:
        return False
    return one == two or SequenceMatcher(None, one, two).ratio() >= _ALIKE


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def is_enough(programme: Programme, terms: ReferralTerms, *, net_minor: int, currency: str, places: int) -> bool:
    """Whether items of this net value, in the order's currency, reach what a friend has to buy for at least."""
    worth = Fraction(net_minor, 10**places) * Fraction(programme.fx(currency))
    return net_minor > 0 and worth >= Fraction(terms.min_amount)


def kept_items(*, items_minor: int, total_minor: int, back_minor: int) -> int:
    """What is left of the items when so much went back: delivery and fees are taken to go back first."""
    return max(0, min(items_minor, total_minor - back_minor))


def ends_at(terms: ReferralTerms, claimed_at: datetime) -> datetime:
    """An order placed from then on is no longer the invitation's."""
    return claimed_at + timedelta(days=terms.lapse_days)
