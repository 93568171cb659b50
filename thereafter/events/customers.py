from dataclasses import dataclass

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
