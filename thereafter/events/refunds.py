"""Money that goes back to shoppers, from the promise to its arrival. Amounts are minor units."""

from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class RefundGranted(ShopperEvent, name="refund.granted"):
    """A refund was promised; from now on nobody else can be promised this money."""

    grant_id: int
    amount_minor: int
    currency: str
    source: str


@dataclass(frozen=True, kw_only=True)
class RefundSettled(ShopperEvent, name="refund.settled"):
    """All of a refund has gone back, to the payments it came from or to what took their place.

    `to_credit_minor` of it became store credit. `provider_refs` are the names by which the shop may tell us of it too.
    """

    grant_id: int
    amount_minor: int
    currency: str
    case_id: int = 0
    is_gift: bool = False
    to_credit_minor: int = 0
    provider_refs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RefundFailed(ShopperEvent, name="refund.failed"):
    """A payment would not take its part back; it is still owed."""

    grant_id: int
    amount_minor: int
    currency: str
    tender: str
    why: str


@dataclass(frozen=True, kw_only=True)
class RefundWithdrawn(ShopperEvent, name="refund.withdrawn"):
    """The promise was taken back before any money moved."""

    grant_id: int
    amount_minor: int
    currency: str
