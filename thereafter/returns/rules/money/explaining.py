"""The trace of a quote: what was counted and why, in sentences for the shop's people."""

from collections.abc import Iterator

from thereafter.returns.rules.money.bought import Bought
from thereafter.returns.rules.money.fees import ChargedFee
from thereafter.returns.rules.money.quotes import Quote, Request
from thereafter.returns.rules.money.refusals import decimal_text
from thereafter.returns.rules.money.valuation import Taken


def explain(bought: Bought, request: Request, quoted: Quote) -> tuple[str, ...]:
    """Sentences in the order of the sum: items, shipping, fees, what is left, where it goes."""
    return tuple(_sentences(bought, request, quoted))


def _sentences(bought: Bought, request: Request, quoted: Quote) -> Iterator[str]:
    def money(minor: int) -> str:
        return f"{decimal_text(minor, bought.exponent)} {bought.currency}".strip()

    for one in quoted.items:
        yield _item(one, bought, money(one.value.gross), money(one.value.tax), money(one.withheld.gross))
    if sentence := _shipping(request, quoted, money(quoted.shipping.gross), money(bought.shipping.gross)):
        yield sentence
    for fee in quoted.fees:
        yield _fee(fee, money(fee.amount))
    if _credit_was_barred(request):
        yield "The law of withdrawal: the money goes back the way it came, unless the shopper agrees to credit."
    if quoted.unplaced:
        yield (
            f"Only {money(quoted.refund_total)} can still be refunded on this order; "
            f"{money(quoted.unplaced)} more would have been due."
        )
    for share in quoted.shares:
        yield f"{money(share.amount)} to {share.tender}."


def _item(one: Taken, bought: Bought, gross: str, tax: str, withheld: str) -> str:
    line = next(line for line in bought.lines if line.id == one.line)
    if not one.units:
        return f"{gross} of {line.id} without a return, holding {tax} tax in the line's own proportion."
    kept = f" {withheld} of its value is kept." if one.withheld.gross else ""
    before = (
        " What was refunded on it before is taken off." if line.given.gross > line.upto(line.returned).gross else ""
    )
    return f"{one.units} of {line.quantity} × {line.id}: {gross} with {tax} tax, as the order stored it.{before}{kept}"


def _shipping(request: Request, quoted: Quote, given: str, paid: str) -> str:
    if request.terms.is_withdrawal and not request.shipping_beyond_law:
        if quoted.shipping.gross:
            return f"{given} shipping of {paid}: the cheapest standard delivery, as all was withdrawn from."
        return "No shipping: only a withdrawal from the whole order brings it back." if request.shipping else ""
    return f"{given} shipping of {paid}." if quoted.shipping.gross else ""


def _fee(charged: ChargedFee, amount: str) -> str:
    name = (charged.fee.reason or "return fee").replace("_", " ")
    if not charged.amount:
        return f"No {name}. {charged.why}".strip()
    return f"Less {amount} {name}. {charged.why}".strip()


def _credit_was_barred(request: Request) -> bool:
    return bool(request.destination) and request.terms.is_withdrawal and not request.agreed
