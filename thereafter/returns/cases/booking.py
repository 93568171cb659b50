"""A sequence of refunds through the product's own books: an order that comes in, grants, and settled payments."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.documents import Line as LineDoc
from thereafter.commerce.documents import OrderDoc, Payment, Person
from thereafter.commerce.models import Order
from thereafter.kit.money import UnknownCurrency, exponent
from thereafter.returns.actions import granting
from thereafter.returns.models import GrantShare
from thereafter.returns.rules.money.bought import Bought, Line
from thereafter.returns.rules.money.quotes import Request
from thereafter.returns.rules.money.refusals import Refused
from thereafter.stores.actions import open_store

NOW = datetime(2026, 1, 2, tzinfo=UTC)
_numbers = count(1)


def book(bought: Bought, requests: Sequence[Request]) -> list[int] | None:
    """What each request brings in minor units, 0 when it is refused. Writes to the database that is there: give it an
    empty one. None when no shop could send such an order: prices finer than its money, returns before the first."""
    if not _can_come_in(bought):
        return None
    order = _order(bought)
    return [_brings(order, request, place) for place, request in enumerate(requests)]


def _brings(order: Order, request: Request, place: int) -> int:
    try:
        granted = granting.grant(order, request, source=f"{order.number}:{place}", by=None, now=NOW)
    except Refused:
        return 0
    for share in GrantShare.objects.of(order.store_id).filter(grant=granted):
        granting.settle(granting.send(share, now=NOW), provider_ref=f"refund-{share.pk}", now=NOW)
    return granted.amount_minor


def _can_come_in(bought: Bought) -> bool:
    try:
        is_its_own = exponent(bought.currency) == bought.exponent
    except UnknownCurrency:
        return False
    plain = (line.price % line.quantity == 0 and not line.returned and line.settled is None for line in bought.lines)
    included = {line.tax_included for line in bought.lines}
    paid = sum(tender.captured for tender in bought.tenders)
    untouched = bought.cap is None and not bought.refunded and not bought.pending and bought.fallback is None
    untouched = untouched and (paid >= bought.value or not bought.tenders)
    return is_its_own and untouched and len(included) == 1 and all(plain)


def _order(bought: Bought) -> Order:
    number, now = next(_numbers), NOW
    store = open_store(f"case-{number}", name="Case", currency=bought.currency, now=now, time_zone="UTC")

    def money(minor: int) -> str:
        return str(Decimal(minor).scaleb(-bought.exponent))

    included = bought.lines[0].tax_included
    document = OrderDoc(
        external_id=str(number),
        number=str(number),
        placed_at=now,
        currency=bought.currency,
        total=money(bought.value),
        customer=Person(email="case@example.com"),
        lines=[
            _line(line, money(line.price // line.quantity), money(line.discount), money(line.tax))
            for line in bought.lines
        ],
        discount=money(sum(line.discount for line in bought.lines)),
        shipping=money(bought.shipping.gross if included else bought.shipping.gross - bought.shipping.tax),
        tax=money(sum(line.tax for line in bought.lines) + bought.shipping.tax),
        taxes_included=included,
        payments=[Payment(external_id=one.id, kind=one.kind, amount=money(one.captured)) for one in bought.tenders],
    )
    (taken,) = take_orders(store, [document], source="case", now=now)
    if taken.order_id is None:
        raise ValueError(f"The order of this case was not taken: {taken.reason}.")
    return Order.objects.of(store).get(pk=taken.order_id)


def _line(line: Line, price: str, discount: str, tax: str) -> LineDoc:
    return LineDoc(
        external_id=line.id, title=line.id, quantity=line.quantity, unit_price=price, discount=discount, tax=tax
    )
