"""What it takes to hand a credit to a shop system's checkout: a file for each system, here what they share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

Credentials = Mapping[str, str]


class Refusal(Exception):
    """A definite no: nothing was made, or nothing was changed. The text says why."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A credit for a checkout. `key` is the same at every try of a turn; `ref` and `order` are the shop's own names."""

    key: str
    code: str
    amount_minor: int
    currency: str
    email: str = ""
    ends_on: date | None = None
    ref: str = ""
    order: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What became of a card: `left_minor` of it can still be spent there; `used_for`: the order, where it is known.

    `remake`: it was used, and has to be made anew for the rest. `wait`: it was used in an order that is not final or
    not known yet, and why.
    """

    left_minor: int
    used_for: str = ""
    remake: bool = False
    wait: str = ""


@dataclass(frozen=True)
class Cards:
    """All go over the network and raise what `wire` raises, or `Refusal`. `make` gives the shop's name of the card and
    makes none that is there already; after `recall` it cannot be spent there any more.
    """

    title: str
    needs: str
    make: Callable[[Credentials, Card], str]
    look: Callable[[Credentials, Card], Standing]
    recall: Callable[[Credentials, Card], Standing]
