"""What it takes to give money back through somebody: one file per provider, here what they share. No database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from thereafter.commerce.connectors.discounts import Field

Credentials = Mapping[str, str]


class Later(Exception):
    """The provider could not be reached or has no time; `seconds` when it said how long. Ask again with the same key:
    it may well have done what it was asked."""

    def __init__(self, text: str, seconds: int = 0) -> None:
        super().__init__(text)
        self.seconds = seconds


class Refusal(Exception):
    """A definite no, and no money went: only a person can say how to go on. The text says why."""


class BadAccount(Exception):
    """Our key is not good there. What waits goes on waiting until somebody sets another one."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One share of a refund. `key` is the same at every try; `order` and `payment` are the shop's own names of them."""

    key: str
    amount_minor: int
    currency: str
    order: str
    number: str
    payment: str
    kind: str = ""

    @property
    def note(self) -> str:
        """What people read at the provider; our key in it tells it from a refund of theirs."""
        return f"Refund of {self.number} ({self.key})"


class Told(NamedTuple):
    """The provider's name of the refund, and whether the money has gone or is under way."""

    ref: str
    is_settled: bool


@dataclass(frozen=True)
class Adapter:
    """`refund` and `look` go over the network; they raise `Later`, `Refusal` or `BadAccount`.

    `look` says what became of a refund that was under way; None where nothing ever is.
    """

    name: str
    refund: Callable[[Credentials, Ask], Told]
    look: Callable[[Credentials, str], Told] | None = None


class Account(NamedTuple):
    """What a provider says of credentials that were typed in."""

    title: str
    is_test: bool


@dataclass(frozen=True)
class Provider:
    """A provider with an account of its own, for the page where it is connected.

    `check` is the dotted name of a function that goes over the network: credentials to `Account`; it raises `Later` or
    `BadAccount`.
    """

    title: str
    about: str
    fields: tuple[Field, ...]
    check: str


@dataclass(frozen=True, kw_only=True)
class PageAsk:
    """A page on which a shopper pays. `back` and `done`: where they come back to without and with having paid."""

    key: str
    amount_minor: int
    currency: str
    title: str
    number: str
    email: str
    back: str
    done: str
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Page:
    """What became of a page: "open", "underway" (the bank is at it), "paid" or "ended" without payment."""

    ref: str
    state: str
    url: str = ""
    payment: str = ""
    amount_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class HoldAsk:
    """A hold that is let go or taken from. `key` is that of its page; `turn` grows after a definite no."""

    key: str
    turn: int
    payment: str
    amount_minor: int
    currency: str
    title: str


@dataclass(frozen=True)
class Holds:
    """Pages on which a card is held, and what becomes of the hold. A page's state "held" stands for "paid".

    `release` and `capture` give the provider's name of the payment that took money, "" when none did; both first look
    whether it was done already. All raise what `Adapter` raises.
    """

    open: Callable[[Credentials, PageAsk], Page]
    look: Callable[[Credentials, str], Page]
    close: Callable[[Credentials, str], Page]
    release: Callable[[Credentials, HoldAsk], str]
    capture: Callable[[Credentials, HoldAsk], str]


@dataclass(frozen=True)
class Pages:
    """All three go over the network and raise what `Adapter` raises; `close` says what it was if it had ended."""

    open: Callable[[Credentials, PageAsk], Page]
    look: Callable[[Credentials, str], Page]
    close: Callable[[Credentials, str], Page]
