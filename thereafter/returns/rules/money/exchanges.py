"""What an exchange costs or brings: the value of what comes back against the value of what goes out.

Amounts are whole minor units.
"""

from dataclasses import dataclass

from thereafter.returns.rules.money.bought import Value
from thereafter.returns.rules.money.fees import USUAL_TERMS, Fee, Terms, charge


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """`only_credit` is a bonus or pre-discount credit that buys goods and never becomes money.

    `locked`: a variant of the same item keeps the price that was paid, whatever the shelf says today. `absorbed`: the
    shop bears what the new goods cost more, as for a claim.
    """

    returned: Value
    new: Value
    outbound_shipping: int = 0
    return_shipping: int = 0
    fees: tuple[Fee, ...] = ()
    terms: Terms = USUAL_TERMS
    units: int = 1
    only_credit: int = 0
    locked: bool = False
    absorbed: bool = False


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What the shopper gets back or pays. Of the exchange-only credit, what was not used is forfeited."""

    own_value: int
    fees: int
    refund: int
    charge: int
    credit_used: int
    credit_forfeited: int
    absorbed: int


def settle(exchange: Exchange) -> Settlement:
    """Own value (returned net + tax - fees) pays first, then exchange-only credit, then the shopper."""
    worth = exchange.returned.gross
    charged = charge(
        exchange.fees, exchange.terms, items=exchange.returned, units=exchange.units, due=exchange.returned.gross
    )
    fees = sum(one.amount for one in charged)
    own = worth - fees
    goods = exchange.returned if exchange.locked else exchange.new
    cost = goods.gross + exchange.outbound_shipping + exchange.return_shipping
    short = max(0, cost - own)
    used = min(exchange.only_credit, short)
    owed = short - used
    return Settlement(
        own_value=own,
        fees=fees,
        refund=max(0, own - cost),
        charge=0 if exchange.absorbed else owed,
        credit_used=used,
        credit_forfeited=exchange.only_credit - used,
        absorbed=owed if exchange.absorbed else 0,
    )
