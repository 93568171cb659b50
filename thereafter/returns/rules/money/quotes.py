"""What is asked of a refund, and the immutable answer. Amounts are whole minor units of the order's currency."""

from dataclasses import dataclass

from thereafter.returns.rules.money.bought import Value
from thereafter.returns.rules.money.fees import USUAL_TERMS, ChargedFee, Fee, Terms
from thereafter.returns.rules.money.tenders import Share
from thereafter.returns.rules.money.valuation import Taken


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Units of a line that come back, or an `amount` with tax in it that is given without a return.

    Both: the units come back and only `amount` of their value is given. `exchanged`: they come back and their value
    has bought other goods, so that nothing of it is given.
    """

    line: str
    quantity: int = 0
    amount: int | None = None
    exchanged: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    """`shipping` with tax in it; None leaves it to the law. `destination` is where a policy sends the whole refund.

    A withdrawal gives back the standard delivery of a whole order whatever is asked; `shipping_beyond_law` lets a
    generous shop give more. Credit instead of the payment is then only taken when the shopper `agreed`.
    """

    items: tuple[Wanted, ...] = ()
    shipping: int | None = None
    fees: tuple[Fee, ...] = ()
    terms: Terms = USUAL_TERMS
    destination: str | None = None
    agreed: bool = False
    shipping_beyond_law: bool = False


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The answer. `refund_total` is what `shares` add up to, where the order's payments are known.

    `unplaced` is value that can no longer be refunded on the order; `trace` says what was counted, and why.
    """

    items: tuple[Taken, ...]
    items_value: Value
    shipping: Value
    fees: tuple[ChargedFee, ...]
    refund_total: int
    shares: tuple[Share, ...]
    unplaced: int
    remaining_refundable: int
    refunded_total: int
    tax_by_rate: dict[str, int]
    trace: tuple[str, ...] = ()

    @property
    def items_net(self) -> int:
        return self.items_value.net

    @property
    def items_tax(self) -> int:
        return self.items_value.tax

    @property
    def fees_total(self) -> int:
        return sum(one.amount for one in self.fees)

    @property
    def returned_quantity(self) -> int:
        return sum(one.units for one in self.items)
