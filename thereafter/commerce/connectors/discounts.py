"""What it takes to make coupon codes good in a shop system: one file per system, here what they share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from thereafter.commerce.rules.coupons import Terms
from thereafter.kit import money

Credentials = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One thing that the merchant types in."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Codes of one pool that end together. `group`: the shop's own id of their discount."""

    title: str
    terms: Terms
    starts_at: datetime
    ends_at: datetime | None
    codes: tuple[str, ...]
    group: str = ""


@dataclass
class Pushed:
    """What became of a batch: good now, refused with why, or still in work (`ref`)."""

    group: str = ""
    done: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    ref: str = ""


@dataclass(frozen=True)
class ShopSystem:
    """`push`, `look` and `take_off` go over the network; they raise what `wire` raises. `check` proves credentials."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    at_once: int
    push: Callable[[Credentials, Batch], Pushed]
    look: Callable[[Credentials, str], Pushed]
    # Codes that are good for nothing any more: one that is not there is taken off, too.
    take_off: Callable[[Credentials, Sequence[str]], Pushed]
    check: Callable[[Credentials], None]


def decimal(minor: int, currency: str) -> str:
    """Minor units as shop systems write amounts: 1250 EUR as "12.50"."""
    places = money.exponent(currency)
    return str(Decimal(minor).scaleb(-places).quantize(Decimal(1).scaleb(-places)))


def utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
