"""What units and amounts of a line are worth, from its stored figures. Minor units; raises what refusals.py names."""

from dataclasses import dataclass

from thereafter.returns.rules.money.bought import NOTHING, Line, Value, part_of, with_tax
from thereafter.returns.rules.money.refusals import (
    ExceedsReturnableQuantity,
    QuantityMustBePositive,
    check_amount,
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a line gives back: `units` come back, or none (goodwill). `withheld` of their value is kept for good."""

    line: str
    units: int
    value: Value
    withheld: Value = NOTHING


def take_units(line: Line, count: int) -> tuple[Taken, Line]:
    """The next `count` units. What was refunded by amount before is counted against the units that come back next.

    What was spent of a gift card stays spent.
    """
    most = line.quantity - line.returned
    if count <= 0:
        raise QuantityMustBePositive(most)
    if count > most:
        raise ExceedsReturnableQuantity(most)
    due = line.upto(line.returned + count) - line.given
    whole = with_tax(max(0, due.gross), due.tax, line.left)
    value = part_of(whole, whole, min(whole.gross, line.refundable))
    withheld = whole - value
    return (
        Taken(line=line.id, units=count, value=value, withheld=withheld),
        line.after(value, units=count, withheld=withheld),
    )


def take_amount(line: Line, amount: int) -> tuple[Taken, Line]:
    """An amount with tax in it, no unit comes back; its tax is in proportion line tax / line gross."""
    check_amount(amount, line.refundable)
    value = part_of(line.whole, line.left, amount)
    return Taken(line=line.id, units=0, value=value), line.after(value)


def take_units_for(line: Line, count: int, amount: int) -> tuple[Taken, Line]:
    """Units come back and only `amount` of their value is refunded: accepted with a deduction."""
    taken, _ = take_units(line, count)
    check_amount(amount, taken.value.gross)
    value = part_of(taken.value, taken.value, amount)
    withheld = taken.value + taken.withheld - value
    return (
        Taken(line=line.id, units=count, value=value, withheld=withheld),
        line.after(value, units=count, withheld=withheld),
    )


def take_units_exchanged(line: Line, count: int) -> tuple[Taken, Line]:
    """Units come back whose value has bought other goods: nothing of it is refunded, and never will be."""
    taken, _ = take_units(line, count)
    withheld = taken.value + taken.withheld
    return (
        Taken(line=line.id, units=count, value=NOTHING, withheld=withheld),
        line.after(NOTHING, units=count, withheld=withheld),
    )


def spare_cents(line: Line, count: int) -> tuple[int, int]:
    """How much less and more `count` units may be worth when the line's spare cents lie on other units.

    Another order of the spare cents is as good as ours as long as the parts add up: (0, 1) says one cent more.
    """
    count = min(count, line.quantity - line.returned)
    first, last = line.returned, line.returned + count
    ours = line.upto(last).gross - line.upto(first).gross
    units = _worths(line)
    return _sum_of_first(sorted(units), count) - ours, _sum_of_first(sorted(units, reverse=True), count) - ours


def _worths(line: Line) -> list[tuple[int, int]]:
    """(worth of a unit, how many such) in stretches between the places where a spare cent ends."""
    ends = {line.price % line.quantity, line.discount % line.quantity, line.tax % line.quantity, line.quantity}
    stretches, start = [], 0
    for end in sorted(ends - {0}):
        stretches.append((line.upto(start + 1).gross - line.upto(start).gross, end - start))
        start = end
    return stretches


def _sum_of_first(units: list[tuple[int, int]], count: int) -> int:
    total = 0
    for worth, there in units:
        taken = min(count, there)
        total += worth * taken
        count -= taken
    return total
