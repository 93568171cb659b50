"""What a refund comes to, to whom it goes, and why: one immutable quote of a snapshot and a wish.

Amounts are whole minor units. The shopper sees this quote, the money ledger carries out this quote; both are the same.
"""

from dataclasses import replace

from thereafter.returns.rules.money.bought import NOTHING, Bought, Line, Shipping, Value, total
from thereafter.returns.rules.money.explaining import explain
from thereafter.returns.rules.money.fees import charge
from thereafter.returns.rules.money.quotes import Quote, Request, Wanted
from thereafter.returns.rules.money.refusals import (
    ExceedsRefundableAmount,
    UnknownLine,
    check_selection,
    check_shipping,
)
from thereafter.returns.rules.money.taxes import by_rate, rate_name
from thereafter.returns.rules.money.tenders import Share, Tender, pour
from thereafter.returns.rules.money.valuation import (
    Taken,
    take_amount,
    take_units,
    take_units_exchanged,
    take_units_for,
)


def quote(bought: Bought, request: Request) -> Quote:
    """Counts a refund; changes nothing. Raises a `Refused` of refusals.py, with what would be allowed."""
    check_selection(request.items, request.shipping or 0)
    taken, lines = _take(bought, request.items)
    items = total([one.value for one in taken])
    shipping = _shipping(bought.shipping, request, whole=replace(bought, lines=lines).everything_returned)
    _check_that_amounts_fit(bought.room, taken, shipping)
    worth = items.gross + shipping.gross
    fees = tuple(charge(request.fees, request.terms, items=items, units=sum(one.units for one in taken), due=worth))
    due = worth - sum(fee.amount for fee in fees)
    payable = min(due, bought.room)
    quoted = Quote(
        items=taken,
        items_value=items,
        shipping=shipping,
        fees=fees,
        refund_total=payable,
        shares=_shares(bought, request, payable),
        unplaced=due - payable,
        remaining_refundable=bought.room - payable,
        refunded_total=bought.refunded + payable,
        tax_by_rate=_tax_by_rate(bought, taken, shipping),
    )
    return replace(quoted, trace=explain(bought, request, quoted))


def after(bought: Bought, quoted: Quote, *, settled: bool = True) -> Bought:
    """The order once this quote is granted; `settled` False: its money is under way and counts as pending."""
    lines = {line.id: line for line in bought.lines}
    for one in quoted.items:
        lines[one.line] = lines[one.line].after(one.value, units=one.units, withheld=one.withheld)
    amounts = {share.tender: share.amount for share in quoted.shares}
    tenders = tuple(_with_refund(tender, amounts.pop(tender.id, 0), settled=settled) for tender in bought.tenders)
    return replace(
        bought,
        lines=tuple(lines.values()),
        shipping=replace(bought.shipping, given=bought.shipping.given + quoted.shipping),
        tenders=tenders,
        cap=None if bought.cap is None else max(0, bought.cap - quoted.refund_total),
        elsewhere=bought.elsewhere + sum(amounts.values()),
    )


def _with_refund(tender: Tender, amount: int, *, settled: bool) -> Tender:
    if settled:
        return replace(tender, settled=tender.settled + amount)
    return replace(tender, pending=tender.pending + amount)


def _take(bought: Bought, wanted: tuple[Wanted, ...]) -> tuple[tuple[Taken, ...], tuple[Line, ...]]:
    """One after the other: an amount of a line and a unit of the same line know of each other."""
    lines = {line.id: line for line in bought.lines}
    taken = []
    for one in wanted:
        if one.line not in lines:
            raise UnknownLine
        part, lines[one.line] = _take_one(lines[one.line], one)
        taken.append(part)
    return tuple(taken), tuple(lines.values())


def _take_one(line: Line, wanted: Wanted) -> tuple[Taken, Line]:
    if wanted.exchanged:
        return take_units_exchanged(line, wanted.quantity)
    if wanted.amount is None:
        return take_units(line, wanted.quantity)
    if wanted.quantity:
        return take_units_for(line, wanted.quantity, wanted.amount)
    return take_amount(line, wanted.amount)


def _shipping(shipping: Shipping, request: Request, *, whole: bool) -> Value:
    """None unless asked; a withdrawal from the whole order brings the standard delivery back, from a part none."""
    asked = request.shipping or 0
    if request.terms.is_withdrawal:
        legal = max(0, min(shipping.standard - shipping.given.gross, shipping.left.gross)) if whole else 0
        asked = max(asked, legal) if request.shipping_beyond_law else legal
    if not asked:
        return NOTHING
    check_shipping(asked, shipping.left.gross)
    return shipping.part(asked)


def _check_that_amounts_fit(room: int, taken: tuple[Taken, ...], shipping: Value) -> None:
    """Goods may always come back, and bring what is left; a mere amount beyond what is left is a mistake."""
    asked = sum(one.value.gross for one in taken) + shipping.gross
    if asked > room and not any(one.units for one in taken):
        raise ExceedsRefundableAmount(room)


def _shares(bought: Bought, request: Request, payable: int) -> tuple[Share, ...]:
    """To the payments, unless the policy names one destination; a withdrawal asks the shopper for that."""
    if request.destination and (request.agreed or not request.terms.is_withdrawal):
        return pour(payable, (), request.destination)[0]
    return pour(payable, bought.tenders, bought.fallback)[0]


def _tax_by_rate(bought: Bought, taken: tuple[Taken, ...], shipping: Value) -> dict[str, int]:
    lines = {line.id: line for line in bought.lines}
    parts = [(rate_name(lines[one.line].whole, lines[one.line].rate), one.value.tax) for one in taken if one.value.tax]
    return by_rate([*parts, (rate_name(bought.shipping.whole, bought.shipping.rate), shipping.tax)])
