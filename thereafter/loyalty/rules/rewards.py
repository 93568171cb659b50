"""What a reward is worth for how many points, which of several is never worth taking, what is handed over how."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

AMOUNT, PERCENT, SHIPPING, PRODUCT = "amount", "percent", "shipping", "product"
CREDIT, GIFT, SEAT, DONATION = "credit", "gift", "seat", "donation"

# What a code at the checkout gives.
COUPONS = (AMOUNT, PERCENT, SHIPPING, PRODUCT)
# Worth money, so that two of a kind can be compared by it.
MONEY = (AMOUNT, PRODUCT, CREDIT, DONATION)
STEPPED = (AMOUNT, CREDIT, DONATION)
STOCKED = (GIFT, SEAT)
# A person has to do something before the member has it.
BY_HAND = (GIFT, DONATION)
ADDRESS_FIELDS = ("name", "line1", "line2", "postcode", "city", "region", "country", "phone")
ADDRESS_NEEDED = ("name", "line1", "city", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a reward asks and gives. `value`: minor units of `currency`, or hundredths of a percent; of a reward in
    steps, what `cost` points are worth, again and again up to `most_points`."""

    kind: str
    cost: int
    value: int = 0
    currency: str = ""
    is_stepped: bool = False
    most_points: int | None = None
    minimum_minor: int = 0
    products: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """How many points a member may give for a reward: from `least` to `most` in steps of `step`."""

    least: int
    most: int
    step: int

    @property
    def is_open(self) -> bool:
        return self.most >= self.least

    def nearest(self, points: int) -> int:
        """The choice below or at `points`."""
        return max(self.least, min(self.most, points) // self.step * self.step)


def worth(terms: Terms, points: int) -> int:
    """What `points` give: of a reward in steps so many times its value, of any other its value."""
    return points // terms.cost * terms.value if terms.is_stepped else terms.value


def choice(terms: Terms, available: int) -> Choice:
    """What a member with `available` points may give; nothing is open where they have too few."""
    if not terms.is_stepped:
        return Choice(terms.cost, terms.cost if available >= terms.cost else 0, terms.cost)
    most = available if terms.most_points is None else min(available, terms.most_points)
    return Choice(terms.cost, most // terms.cost * terms.cost, terms.cost)


def is_fit(terms: Terms, points: int) -> bool:
    """Whether so many points may be given for it at all."""
    if not terms.is_stepped:
        return points == terms.cost
    within = terms.most_points is None or points <= terms.most_points
    return terms.cost <= points and points % terms.cost == 0 and within


def price_of_point(terms: Terms) -> Fraction | None:
    """What a point costs the shop in minor units; None where the reward is not a sum of money."""
    return Fraction(terms.value, terms.cost) if terms.kind in MONEY and terms.value and terms.cost else None


def pointless(offers: Mapping[str, Terms]) -> list[tuple[str, str]]:
    """(reward, better one): whoever may take the first gets the same or more of the same kind from the second, for
    no more points. Each reward is named once, beside the best."""
    found = []
    for name, terms in offers.items():
        better = [other for other in offers if other != name and _beats(offers[other], terms)]
        if better:
            found.append((name, max(better, key=lambda other: _for(offers[other], terms.cost))))
    return found


def _beats(better: Terms, worse: Terms) -> bool:
    if (better.kind, better.currency, worse.is_stepped) != (worse.kind, worse.currency, False):
        return False
    if worse.kind not in (*MONEY, PERCENT) or not _is_as_open(better, worse):
        return False
    got = _for(better, worse.cost)
    if got == worse.value and not better.is_stepped:
        return better.cost < worse.cost
    return got > worse.value


def _for(terms: Terms, points: int) -> int:
    """What somebody with so many points gets of it at once."""
    chosen = choice(terms, points)
    return worth(terms, chosen.most) if chosen.is_open else 0


def _is_as_open(better: Terms, worse: Terms) -> bool:
    """Whether whoever may take the worse one may take the better one too, and use it wherever."""
    tiers = not better.tiers or (bool(worse.tiers) and worse.tiers <= better.tiers)
    products = not better.products or better.products == worse.products
    return tiers and products and better.minimum_minor <= worse.minimum_minor


def clean_address(given: Mapping[str, Any]) -> dict[str, str]:
    """The lines of an address that say something, each of a length that fits a label."""
    lines = {field: " ".join(str(given.get(field) or "").split())[:200] for field in ADDRESS_FIELDS}
    return {field: line for field, line in lines.items() if line}


def missing_in(address: Mapping[str, Any]) -> list[str]:
    """The fields without which nothing can be sent there."""
    return [field for field in ADDRESS_NEEDED if not address.get(field)]


def is_over(details: Mapping[str, Any], now: datetime) -> bool:
    """Whether the event of a seat has begun."""
    begins = begins_at(details)
    return begins is not None and begins <= now


def begins_at(details: Mapping[str, Any]) -> datetime | None:
    """When an event begins, by its details; None where they do not say."""
    return _moment(details.get("starts_at"))


def ends_at(details: Mapping[str, Any]) -> datetime | None:
    return _moment(details.get("ends_at"))


def _moment(said: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(said)) if said else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None


def in_words(reward_words: Mapping[str, Any], language: str, name: str, text: str) -> tuple[str, str]:
    """(name, text) of a reward in a language, where the shop wrote them; else as it named it."""
    own = reward_words.get(language) or reward_words.get(language.partition("-")[0]) or {}
    return str(own.get("name") or name), str(own.get("text") or text)


def moved(keys: Sequence[int], key: int, by: int) -> list[int]:
    """A row of keys with one a place further up (-1) or down (1)."""
    row = list(keys)
    if key not in row:
        return row
    at = row.index(key)
    to = min(max(0, at + by), len(row) - 1)
    row.insert(to, row.pop(at))
    return row


def unknown_tiers(wanted: Collection[str], there: Collection[str]) -> list[str]:
    """Tiers of a reward that the programme has no more: nobody could take it."""
    return sorted(set(wanted) - set(there))
