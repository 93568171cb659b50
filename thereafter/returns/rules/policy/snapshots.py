"""What a decision is made of: an order, its shopper and what they ask, as plain values. Plain Python.

A snapshot is kept beside the quote, so that the decision can be made again. All amounts are whole minor units of the
order's currency; all texts are as the shop wrote them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Risk = Literal["low", "medium", "high"]
Channel = Literal["portal", "support", "counter", "api", "watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`paid_minor` is what was paid for all units, after discounts, with tax; `returned` are units that came back or
    are asked for already. `flags` are those of the law (`sentences.EXCEPTIONS`). `other_variants`: how many others can
    be bought; None is not known, and counts as some."""

    id: str
    quantity: int
    price_minor: int
    paid_minor: int
    discount_minor: int = 0
    returned: int = 0
    cancelled: int = 0
    sku: str = ""
    title: str = ""
    product_id: str = ""
    product_type: str = ""
    vendor: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    final_sale: bool = False
    fulfilled_on: date | None = None
    delivered_on: date | None = None
    location: str = ""
    other_variants: int | None = None
    in_stock: bool = True
    repairable: bool = False
    warranty_until: date | None = None
    repaired_on: tuple[date, ...] = ()

    @property
    def left(self) -> int:
        """Units that can still come back."""
        return max(self.quantity - self.returned - self.cancelled, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`returns`: how many there were of this order. `informed`: told of the right of withdrawal in time, or the day on
    which it was; `told_of_postage`: that the shopper bears the way back. `is_business`: not a consumer."""

    number: str
    currency: str
    country: str
    placed_at: datetime
    total_minor: int
    subtotal_minor: int = 0
    discount_minor: int = 0
    shipping_minor: int = 0
    region: str = ""
    channel: str = ""
    tags: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    paid_with: tuple[str, ...] = ()
    returns: int = 0
    is_business: bool = False
    informed: bool | date = True
    told_of_postage: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Perks:
    """What the shop's programme gives this shopper. `tier` is its key and `tier_name` what members read; `names` are
    all perks, those that returns keep stand beside them."""

    tier: str = ""
    tier_name: str = ""
    names: tuple[str, ...] = ()
    free_returns: bool = False
    extra_days: int = 0
    warranty_months: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Counts are of the past, without the return that is being decided. `claims`: missing or wrong items, damage."""

    country: str = ""
    tags: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    orders: int = 0
    returns: int = 0
    units_bought: int = 0
    units_returned: int = 0
    kept: int = 0
    bonuses: int = 0
    claims: int = 0
    failed_payments: int = 0
    risk: Risk = "low"
    perks: Perks = field(default_factory=Perks)

    @property
    def return_rate(self) -> float:
        """Returned units of delivered ones, 0 to 1."""
        return self.units_returned / self.units_bought if self.units_bought else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to send back of a line, and why; `unsealed`: they say that the seal is broken."""

    line: str
    quantity: int = 1
    reason: str = ""
    unsealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Without `asked` everything that is left of each line is decided, with no reason given. `is_gift`: whoever got it
    asks, not who bought it."""

    order: Order
    lines: tuple[Line, ...]
    customer: Customer = field(default_factory=Customer)
    asked: tuple[Asked, ...] = ()
    channel: Channel = "portal"
    is_gift: bool = False

    def wanted(self) -> tuple[tuple[Line, Asked], ...]:
        """Each line with what is asked of it; a line of which nothing is known is left out."""
        known = {line.id: line for line in self.lines}
        if not self.asked:
            return tuple((line, Asked(line=line.id, quantity=line.left)) for line in self.lines)
        return tuple((known[one.line], one) for one in self.asked if one.line in known)

    @property
    def perks(self) -> Perks:
        """Those of who asks: what the buyer has is not told to whom they made a gift."""
        return Perks() if self.is_gift else self.customer.perks

    def received_on(self, buffer_days: int) -> date | None:
        """The day on which the last of the order came; None while something is under way. Where nobody told of the
        delivery, `buffer_days` after the fulfilment."""
        days = [_arrived(line, buffer_days) for line in self.lines if line.quantity > line.cancelled]
        known = [day for day in days if day]
        return max(known) if known and len(known) == len(days) else None


def _arrived(line: Line, buffer_days: int) -> date | None:
    if line.delivered_on or line.fulfilled_on is None:
        return line.delivered_on
    return date.fromordinal(line.fulfilled_on.toordinal() + buffer_days)
