"""A snapshot of an order: what each unit cost as the order stored it, what was paid with what, and what went back.

All amounts are whole minor units of the order's currency; the order's figures are taken as they are stored and never
computed again from a rate.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

from thereafter.returns.rules.money.allocation import half_up, share_of_units
from thereafter.returns.rules.money.tenders import Tender


class NotAnOrder(ValueError):
    """The stored figures contradict each other; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Value:
    """An amount without tax, and its tax."""

    net: int = 0
    tax: int = 0

    @property
    def gross(self) -> int:
        return self.net + self.tax

    def __add__(self, other: "Value") -> "Value":
        return Value(self.net + other.net, self.tax + other.tax)

    def __sub__(self, other: "Value") -> "Value":
        return Value(self.net - other.net, self.tax - other.tax)


NOTHING = Value()


def total(values: "list[Value]") -> Value:
    return reduce(Value.__add__, values, NOTHING)


def part_of(whole: Value, left: Value, gross: int) -> Value:
    """`gross` out of `whole` with tax in the proportion tax / gross, never more than `left` of either.

    What takes all that is left takes exactly what is left, so the parts close.
    """
    tax = half_up(Fraction(gross * whole.tax, whole.gross)) if whole.gross else 0
    return with_tax(gross, tax, left)


def with_tax(gross: int, tax: int, left: Value) -> Value:
    """`gross` with `tax` as near to the wish as `left` allows."""
    tax = min(max(tax, gross - left.net, 0), gross, left.tax)
    return Value(gross - tax, tax)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Units of one product. `price` and `discount` are of all units together, `tax` as stored on the line.

    `settled` is what was refunded on it so far, or kept back for good; None when only the number of `returned` units
    is known, each of which then took its value. `rate` is the tax rate as the order names it, "" when it does not.
    `unspent` is what gift cards bought on this line still hold: no more of them is refunded. None: not a gift card.
    """

    id: str
    quantity: int
    price: int
    discount: int = 0
    tax: int = 0
    tax_included: bool = False
    rate: str = ""
    returned: int = 0
    settled: Value | None = None
    unspent: int | None = None

    def __post_init__(self) -> None:
        sound = (
            (self.quantity >= 1, "has no units"),
            (0 <= self.discount <= self.price, "is discounted by more than it cost"),
            (self.tax >= 0, "has negative tax"),
            (not self.tax_included or self.tax <= self.price - self.discount, "holds more tax than it cost"),
            (0 <= self.returned <= self.quantity, "was returned more often than it was bought"),
            (self.unspent is None or self.unspent >= 0, "holds less than nothing"),
        )
        for holds, wrong in sound:
            if not holds:
                raise NotAnOrder(f"Line {self.id} {wrong}.")

    def upto(self, count: int) -> Value:
        """The value of the first `count` units: price less discount, and tax, each with its spare cents first."""
        items = share_of_units(self.price, self.quantity, count) - share_of_units(self.discount, self.quantity, count)
        tax = share_of_units(self.tax, self.quantity, count)
        return Value(items - tax, tax) if self.tax_included else Value(items, tax)

    @property
    def whole(self) -> Value:
        return self.upto(self.quantity)

    @property
    def given(self) -> Value:
        return self.upto(self.returned) if self.settled is None else self.settled

    @property
    def left(self) -> Value:
        return self.whole - self.given

    @property
    def refundable(self) -> int:
        return self.left.gross if self.unspent is None else min(self.left.gross, self.unspent)

    def after(self, value: Value, *, units: int = 0, withheld: Value = NOTHING) -> "Line":
        unspent = None if self.unspent is None else self.unspent - value.gross
        given = self.given + value + withheld
        return replace(self, returned=self.returned + units, settled=given, unspent=unspent)


@dataclass(frozen=True, kw_only=True)
class Shipping:
    """What delivery cost with tax, the tax in it, and what the cheapest standard delivery would have cost."""

    gross: int = 0
    tax: int = 0
    cheapest: int | None = None
    rate: str = ""
    given: Value = NOTHING

    @property
    def whole(self) -> Value:
        return Value(self.gross - self.tax, self.tax)

    @property
    def left(self) -> Value:
        return self.whole - self.given

    @property
    def standard(self) -> int:
        """What the law gives back of it: the standard delivery, and never more than was paid."""
        return self.gross if self.cheapest is None else min(self.gross, self.cheapest)

    def part(self, gross: int) -> Value:
        return part_of(self.whole, self.left, gross)


@dataclass(frozen=True, kw_only=True)
class Bought:
    """An order as refunds see it. `tenders` stand in the order in which they take money back.

    `fallback` takes what no tender takes ("store_credit"); None: then no more is refunded than the tenders take.
    `cap` is what may still be refunded when somebody else keeps the books (the shop's own platform); None: we count.
    `elsewhere` went to the fallback earlier.
    """

    currency: str
    exponent: int
    lines: tuple[Line, ...]
    shipping: Shipping = Shipping()
    tenders: tuple[Tender, ...] = ()
    fallback: str | None = None
    cap: int | None = None
    elsewhere: int = 0

    def __post_init__(self) -> None:
        names = [line.id for line in self.lines]
        payments = [tender.id for tender in self.tenders]
        if len(set(names)) < len(names) or len(set(payments)) < len(payments):
            raise NotAnOrder("Two lines or two payments of the order have the same name.")
        if not 0 <= self.shipping.tax <= max(self.shipping.gross, 0):
            raise NotAnOrder("Shipping holds more tax than it cost.")

    @property
    def value(self) -> int:
        """What the order cost, shipping included."""
        return sum(line.whole.gross for line in self.lines) + self.shipping.gross

    @property
    def refunded(self) -> int:
        """What went back so far: as the payments say; where they say nothing, as the lines do."""
        paid_back = sum(tender.settled for tender in self.tenders) + self.elsewhere
        if paid_back or self.pending:
            return paid_back
        return sum(line.given.gross for line in self.lines) + self.shipping.given.gross

    @property
    def pending(self) -> int:
        return sum(tender.pending for tender in self.tenders)

    @property
    def room(self) -> int:
        """What may still be refunded on the order: captured - settled - pending, and never below zero."""
        if self.tenders and self.fallback is None:
            counted = sum(tender.room for tender in self.tenders) - self.elsewhere
        else:
            counted = self.value - self.refunded - self.pending
        if self.cap is None:
            return max(0, counted)
        return max(0, min(self.cap, counted) if self.tenders else self.cap)

    @property
    def everything_returned(self) -> bool:
        return all(line.returned == line.quantity for line in self.lines)
