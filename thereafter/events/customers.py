from dataclasses import dataclass
from datetime import date
from typing import Any

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class CustomerJoined(ShopperEvent, name="customer.joined"):
    """We met this person for the first time."""

    source: str


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(ShopperEvent, name="customer.merged"):
    """Two records were one person; `customer_id` is the one that stays."""

    merged_id: int


@dataclass(frozen=True, kw_only=True)
class ConsentChanged(ShopperEvent, name="customer.consent_changed"):
    """The person allowed or forbade a purpose on a channel."""

    channel: str
    purpose: str
    granted: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class AccountLinkRequested(ShopperEvent, name="customer.account_link_requested"):
    """The person asked for a mail with a link to their account."""


@dataclass(frozen=True, kw_only=True)
class CustomerTracked(ShopperEvent, name="customer.tracked"):
    """Something the shop's own engineers tell us about a customer (API): `topic` names it, `about` is free.

    `key` is the caller's own id of it, so that the same is told once.
    """

    topic: str
    key: str
    about: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CustomerDateCame(ShopperEvent, name="customer.date_came"):
    """A day that stands in a trait (a birthday, the end of a warranty) came, is near, or was some time ago."""

    trait: str
    on: date
    days: int = 0
