"""An order as the money rules see it: its stored figures, and all that went back or was promised."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from thereafter.commerce.models import Order, OrderLine, Refund
from thereafter.kit.money import exponent
from thereafter.returns.models import Grant, GrantShare
from thereafter.returns.rules.money.allocation import spread
from thereafter.returns.rules.money.bought import Bought, Line, Shipping, Value, part_of
from thereafter.returns.rules.money.tenders import Tender, in_default_order

# Of an order whose payments the shop did not tell us.
ORIGINAL = "original"
STORE_CREDIT = "store_credit"
_CAPTURED = ("captured", "paid", "settled", "success")
State = GrantShare.State


def bought(order: Order) -> Bought:
    """Reads the order anew. To promise money by it, hold the order's row (`actions.granting`)."""
    grants = list(Grant.objects.of(order.store_id).filter(order=order, withdrawn_at=None).order_by("pk"))
    shares = list(GrantShare.objects.of(order.store_id).filter(grant__in=grants))
    ours = {share.provider_ref for share in shares if share.provider_ref}
    foreign = [one for one in Refund.objects.of(order.store_id).filter(order=order) if one.external_id not in ours]
    lines = {line.id: line for line in _lines(order)}
    shipping = _shipping(order, max(0, order.tax_minor - sum(line.tax for line in lines.values())))
    for grant in grants:
        _apply(lines, grant)
        shipping = replace(shipping, given=shipping.given + Value(grant.shipping_net_minor, grant.shipping_tax_minor))
    _apply_foreign(lines, foreign)
    granted = sum(grant.amount_minor for grant in grants)
    return Bought(
        currency=order.currency,
        exponent=exponent(order.currency),
        lines=tuple(lines.values()),
        shipping=shipping,
        tenders=_tenders(order, shares),
        # What no payment we know of takes is not lost.
        fallback=STORE_CREDIT,
        cap=max(0, order.total_minor - granted - sum(refund.amount_minor for refund in foreign)),
        elsewhere=sum(share.amount_minor for share in shares if share.tender == STORE_CREDIT),
    )


def _lines(order: Order) -> list[Line]:
    rows = list(order.lines.order_by("id"))
    return [_line(row, discount, order) for row, discount in zip(rows, _discounts(order, rows), strict=True)]


def paid(order: Order, rows: Sequence[OrderLine]) -> list[tuple[int, int]]:
    """The discount of each line, and what was paid for all its units, with tax."""
    return [
        (discount, row.unit_price_minor * row.quantity - discount + row.tax_minor * (not order.taxes_included))
        for row, discount in zip(rows, _discounts(order, rows), strict=True)
    ]


def _discounts(order: Order, rows: Sequence[OrderLine]) -> list[int]:
    """A discount of the whole order that its lines do not hold is spread over them by what they cost."""
    rest = max(0, order.discount_minor - sum(row.discount_minor for row in rows))
    prices = [row.unit_price_minor * row.quantity for row in rows]
    extra = spread(rest, prices) if rows else []
    return [min(price, row.discount_minor + more) for row, price, more in zip(rows, prices, extra, strict=True)]


def _line(row: OrderLine, discount: int, order: Order) -> Line:
    return Line(
        id=row.external_id,
        quantity=row.quantity,
        price=row.unit_price_minor * row.quantity,
        discount=discount,
        tax=row.tax_minor,
        tax_included=order.taxes_included,
        settled=Value(),
    )


def _shipping(order: Order, tax: int) -> Shipping:
    """What `tax` is on no line is on the delivery."""
    if order.taxes_included:
        return Shipping(gross=order.shipping_minor, tax=min(tax, order.shipping_minor))
    return Shipping(gross=order.shipping_minor + tax, tax=tax) if order.shipping_minor else Shipping()


def _tenders(order: Order, shares: Iterable[GrantShare]) -> tuple[Tender, ...]:
    rows = [row for row in order.tenders.order_by("id") if row.status in _CAPTURED]
    paid = [Tender(id=row.external_id, kind=row.kind, captured=row.amount_minor) for row in rows]
    found = {one.id: one for one in paid or [Tender(id=ORIGINAL, kind=ORIGINAL, captured=order.total_minor)]}
    for share in shares:
        tender = found.get(share.tender)
        if tender is None or share.state in (State.REROUTED, State.WITHDRAWN):
            continue
        is_back = share.state == State.SETTLED
        found[share.tender] = replace(
            tender,
            settled=tender.settled + share.amount_minor * is_back,
            pending=tender.pending + share.amount_minor * (not is_back),
        )
    return in_default_order(found.values())


def _apply(lines: dict[str, Line], grant: Grant) -> None:
    for item in grant.items:
        line = lines.get(item["line"])
        if line:
            lines[line.id] = _with_promise(line, item)


def _with_promise(line: Line, item: dict[str, Any]) -> Line:
    """As it was promised; where the shop has made the line smaller since, then nothing of it is left."""
    value = Value(item["net"], item["tax"])
    withheld = Value(item["withheld_net"], item["withheld_tax"])
    units, gone = min(item["units"], line.quantity - line.returned), value + withheld
    if gone.net <= line.left.net and gone.tax <= line.left.tax:
        return line.after(value, units=units, withheld=withheld)
    return line.after(line.left, units=units)


def _apply_foreign(lines: dict[str, Line], refunds: Iterable[Refund]) -> None:
    """What the shop gave back by itself. Its books may say more than ours can hold; then nothing is left."""
    for item in (item for refund in refunds for item in refund.lines):
        line = lines.get(item["line"])
        if line:
            value = part_of(line.whole, line.left, max(0, min(item["amount_minor"], line.left.gross)))
            units = max(0, min(item["quantity"], line.quantity - line.returned))
            lines[line.id] = line.after(value, units=units)
