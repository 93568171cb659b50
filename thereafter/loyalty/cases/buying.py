"""Orders of a case as a shop sends them, and what goes back of them."""

from decimal import Decimal

from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.actions.taking import Became, Taken
from thereafter.commerce.documents import Line, OrderDoc, Payment, RefundDoc, RefundLine, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.loyalty.actions.orders import exchange as exchange_goods
from thereafter.loyalty.cases.documents import BoughtLine, Exchange, Facts, Malformed, OrderPaid, Refund
from thereafter.loyalty.cases.stage import EXCLUDED, SOURCE, Stage, change_rate, currency_of, places
from thereafter.loyalty.models import OrderEarning
from thereafter.loyalty.queries.ledger import points_of_orders

_RESULTS = {Became.NEW: "ok", Became.CHANGED: "ok", Became.SAME: "duplicate"}


def pay(stage: Stage, event: OrderPaid) -> Facts:
    """The shop sends the order; told again, it is the same document again."""
    currency = currency_of(event, stage.program)
    if event.fx is not None and event.order not in stage.orders:
        change_rate(stage, currency, event.fx)
    stage.customer(event.member)
    document = stage.orders.setdefault(event.order, _document(stage, event, currency))
    return _fact(take_orders(stage.store, [document], source=SOURCE, now=clock.now())[0])


def _document(stage: Stage, event: OrderPaid, currency: str) -> OrderDoc:
    digits = places(currency)
    off = event.discount + event.points_discount
    total = sum(line.amount for line in event.goods) - off
    if total < 0 or event.gift_card > total:
        raise Malformed(f"The order {event.order!r} is worth less than what is taken off it or paid by gift card.")
    paid = [("gift_card", event.gift_card), ("card", total - event.gift_card)]
    return OrderDoc(
        external_id=event.order,
        number=event.order,
        placed_at=event.placed_at or event.at,
        currency=currency,
        total=_money(total, digits),
        customer=stage.person(event.member),
        lines=[_line(line, number, digits) for number, line in enumerate(event.goods)],
        discount=_money(off, digits),
        payments=[
            Payment(external_id=f"{event.order}:{kind}", kind=kind, amount=_money(amount, digits))
            for kind, amount in paid
            if amount
        ],
    )


def _line(line: BoughtLine, number: int, digits: int) -> Line:
    """The amount is that of all pieces; a price of one may be a part of a cent."""
    category = EXCLUDED if line.excluded else line.category
    return Line(
        external_id=f"{line.sku}:{number}",
        title=line.sku,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=str(Decimal(line.amount).scaleb(-digits) / line.quantity),
        # A product stands in one category.
        product_id=f"{line.sku}:{category}" if category else "",
        category=category,
    )


def _money(minor: int, digits: int) -> str:
    return str(Decimal(minor).scaleb(-digits))


def refund(stage: Stage, event: Refund) -> Facts:
    known = _known(stage, event.order)
    digits = places(known.currency)
    parts = [_part(known, sku, quantity) for sku, quantity in event.lines.items()]
    amount = sum(minor for _, _, minor in parts) if event.amount is None else event.amount
    document = RefundDoc(
        external_id=event.refund,
        amount=_money(amount, digits),
        at=event.at,
        lines=[RefundLine(line=line, quantity=count, amount=_money(minor, digits)) for line, count, minor in parts],
    )
    told = RefundOfOrder(order=event.order, refund=document)
    return _fact(take_refunds(stage.store, [told], source=SOURCE, now=clock.now())[0])


def _part(known: OrderDoc, sku: str, quantity: int) -> tuple[str, int, int]:
    """Line, pieces and their value in minor units: their share of what was paid for all lines."""
    line = next((one for one in known.lines if one.sku == sku), None)
    if line is None:
        raise Malformed(f"The order {known.external_id!r} has no line {sku!r}.")
    gross = sum(Decimal(str(one.unit_price)) * one.quantity for one in known.lines)
    price = Decimal(str(line.unit_price)) * quantity
    value = price * Decimal(str(known.total)) / gross if gross else Decimal(0)
    return line.external_id, quantity, round(value.scaleb(places(known.currency)))


def _known(stage: Stage, name: str) -> OrderDoc:
    if name not in stage.orders:
        raise Malformed(f"There is no order {name!r} at this point of the case.")
    return stage.orders[name]


def exchange(stage: Stage, event: Exchange) -> Facts:
    """Goods go back and others take their place."""
    order, name = stage.order(event.order), f"{event.order}:{event.exchange}"
    known = OrderEarning.objects.of(stage.store).filter(order=order).first()
    if known is not None and name in known.exchanges:
        return {"result": "duplicate", "points": 0}
    returned, new = event.returned_amount, event.new_amount
    moved = exchange_goods(order, name=name, returned_minor=returned, new_minor=new, at=event.at, now=clock.now())
    return {"result": "ok", "points": moved}


def gained(stage: Stage, name: str) -> int:
    """What the order brought and lost so far, what was forgiven not counted."""
    order = Order.objects.of(stage.store).filter(source=SOURCE, external_id=name).first()
    found = points_of_orders([order]).get(order.pk) if order else None
    return found.points if found and found.booked else 0


def _fact(taken: Taken) -> Facts:
    if taken.became == Became.REFUSED:
        return {"result": "refused", "reason": taken.reason}
    return {"result": _RESULTS.get(taken.became, "ok")}
