"""Cases of the kinds `refund` and `refund_sequence`: a snapshot, a wish, and every figure that a case may ask for."""

from collections.abc import Callable, Sequence
from typing import Any

from thereafter.returns.cases import orders
from thereafter.returns.cases.fields import Fields, Malformed
from thereafter.returns.rules.money.bought import Bought
from thereafter.returns.rules.money.quotes import Quote, Request
from thereafter.returns.rules.money.refunds import after, quote
from thereafter.returns.rules.money.refusals import Refused, decimal_text
from thereafter.returns.rules.money.valuation import spare_cents

Book = Callable[[Bought, Sequence[Request]], list[int] | None]


def refund(case: Fields) -> dict[str, Any]:
    order = orders.bought(case)
    fields = case.part("request").counting_in(order.exponent)
    wanted = orders.request(fields)
    order = orders.with_earlier_amounts(order, fields, wanted)
    try:
        quoted = quote(order, wanted)
    except Refused as refusal:
        return refused(refusal, refunded=order.refunded, exponent=order.exponent, currency=order.currency)
    return facts(order, quoted)


def refund_sequence(case: Fields, book: Book | None = None) -> dict[str, Any]:
    """Each step on the order as the steps before it left it; a refused step leaves it as it was.

    `book` carries the same out on a database; where that comes to something else, the case fails.
    """
    order = start = orders.bought(case)
    cumulative = 0
    steps = []
    asked = [orders.request(fields) for fields in case.counting_in(order.exponent).rows("steps")]
    for wanted in asked:
        try:
            quoted = quote(order, wanted)
        except Refused as refusal:
            steps.append(_refused_step(refusal, order))
            continue
        amounts = _as_good(order, wanted, quoted)
        written = [decimal_text(amount, order.exponent) for amount in amounts]
        total = decimal_text(quoted.refund_total, order.exponent)
        steps.append({**facts(order, quoted), "amount": total, "amount_in": written})
        cumulative += quoted.refund_total
        order = after(order, quoted)
    _check_books(book(start, asked) if book else None, [step["amount"] for step in steps], order.exponent)
    last = {"remaining_refundable": decimal_text(order.room, order.exponent)}
    return {"steps": steps, "cumulative": decimal_text(cumulative, order.exponent), **last}


def _check_books(booked: list[int] | None, counted: list[str], exponent: int) -> None:
    written = [decimal_text(amount, exponent) for amount in booked or []]
    if booked is not None and written != counted:
        raise Malformed(f"The books came to {written} where the rules come to {counted}.")


def facts(order: Bought, quoted: Quote) -> dict[str, Any]:
    def money(minor: int) -> str:
        return decimal_text(minor, order.exponent)

    return {
        "items_net": money(quoted.items_net),
        "items_tax": money(quoted.items_tax),
        "items_gross": money(quoted.items_value.gross),
        "shipping": money(quoted.shipping.gross),
        "shipping_tax": money(quoted.shipping.tax),
        "net_total_with_shipping": money((quoted.items_value + quoted.shipping).net),
        "tax_total_with_shipping": money((quoted.items_value + quoted.shipping).tax),
        "tax_by_rate": {rate: money(tax) for rate, tax in quoted.tax_by_rate.items()},
        "fees": money(quoted.fees_total),
        "refund_total": money(quoted.refund_total),
        "charge": money(0),
        "tenders": [{"id": share.tender, "amount": money(share.amount)} for share in quoted.shares],
        "order_refunded_total": money(quoted.refunded_total),
        "remaining_refundable": money(quoted.remaining_refundable),
        "returned_quantity": quoted.returned_quantity,
        "error": None,
        "trace": list(quoted.trace),
    }


def refused(refusal: Refused, *, refunded: int, exponent: int, currency: str = "") -> dict[str, Any]:
    """A refusal leaves the total as it was and tells no customer anything."""
    found = {
        "error": refusal.code,
        "message": refusal.sentence(currency, exponent),
        "order_refunded_total": decimal_text(refunded, exponent),
        "customer_notified": False,
        "refunds_recorded": 0,
        "http_status": 422,
    }
    if refusal.most is None:
        return found
    name, most = ("max_allowed_quantity", refusal.most) if refusal.counts_units else ("max_allowed", refusal.most)
    return {**found, name: most if refusal.counts_units else decimal_text(most, exponent)}


def _refused_step(refusal: Refused, order: Bought) -> dict[str, Any]:
    found = refused(refusal, refunded=order.refunded, exponent=order.exponent, currency=order.currency)
    return {**found, "amount": decimal_text(0, order.exponent), "amount_in": [decimal_text(0, order.exponent)]}


def _as_good(order: Bought, wanted: Request, quoted: Quote) -> range:
    """All amounts that another order of the spare cents would give; what was cut to what is left stays as it is."""
    less = more = 0
    if quoted.unplaced:
        return range(quoted.refund_total, quoted.refund_total + 1)
    for line in order.lines:
        units = sum(one.units for one in quoted.items if one.line == line.id)
        if units and not any(one.amount is not None for one in wanted.items if one.line == line.id):
            lower, higher = spare_cents(line, units)
            less, more = less + lower, more + higher
    return range(max(0, quoted.refund_total + less), quoted.refund_total + more + 1)
