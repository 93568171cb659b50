"""Orders for tests, taken in through the public actions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from thereafter.commerce.actions.coupon_pools import PoolSettings
from thereafter.commerce.actions.coupon_pools import make_pool as make_coupon_pool
from thereafter.commerce.actions.orders import take_fulfilments, take_orders
from thereafter.commerce.actions.products import take_products
from thereafter.commerce.actions.taking import Became
from thereafter.commerce.documents import Address, FulfilmentDoc, Line, OrderDoc, Person, ProductDoc, Shipped
from thereafter.commerce.models import CouponPool, Fulfilment, Order, Product
from thereafter.stores.models import Store

PLACED = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SHOES = Line(external_id="1", title="Trail Runner 2", quantity=1, unit_price="89.90", product_id="shoe", sku="TR2-42")


def order_doc(
    number: str = "1001",
    *,
    email: str = "john@example.com",
    placed_at: datetime = PLACED,
    lines: Sequence[Line] = (SHOES,),
    customer: Person | None = None,
    **fields: Any,
) -> OrderDoc:
    """A sound document of an order; the total is the sum of its lines unless one is given."""
    shipping = fields.get("shipping", 0)
    items = sum(
        (Decimal(str(line.unit_price)) * line.quantity - Decimal(str(line.discount)) for line in lines), Decimal()
    )
    given: dict[str, Any] = {
        "external_id": f"order-{number}",
        "currency": "EUR",
        "total": str(items + Decimal(str(shipping)) - Decimal(str(fields.get("discount", 0)))),
        "shipping_address": Address(name="John Runner", city="Berlin", postcode="10115", country="DE"),
    }
    return OrderDoc(
        number=number,
        placed_at=placed_at,
        lines=list(lines),
        customer=customer or Person(email=email, name="John Runner"),
        **(given | fields),
    )


def make_order(
    store: Store,
    *,
    number: str | None = None,
    email: str = "john@example.com",
    placed_at: datetime = PLACED,
    lines: Sequence[Line] = (SHOES,),
    source: str = "api",
    **fields: Any,
) -> Order:
    """An order that came in; without a number it gets the next one."""
    number = number or str(1001 + Order.objects.of(store).count())
    doc = order_doc(number, email=email, placed_at=placed_at, lines=lines, **({"currency": store.currency} | fields))
    return taken(store, doc, source=source)


def taken(store: Store, doc: OrderDoc, *, source: str = "api") -> Order:
    """Takes a document that must be sound."""
    (answer,) = take_orders(store, [doc], source=source, now=doc.placed_at + timedelta(days=400))
    assert answer.became != Became.REFUSED, answer.reason
    return Order.objects.of(store).select_related("customer", "store").get(pk=answer.order_id or 0)


def ship(
    order: Order,
    *,
    external_id: str = "f1",
    shipped_at: datetime | None = None,
    carrier: str = "dhl",
    tracking_number: str = "",
    lines: dict[str, int] | None = None,
) -> Fulfilment:
    """The shop hands (a part of) the order over, a day after it was placed."""
    shipped = Shipped(
        external_id=external_id,
        shipped_at=shipped_at or order.placed_at + timedelta(days=1),
        carrier=carrier,
        tracking_number=tracking_number or f"JD{order.pk:010d}{external_id}",
        lines=lines or {},
    )
    doc = FulfilmentDoc(order=order.external_id, fulfilment=shipped)
    (answer,) = take_fulfilments(order.store, [doc], source=order.source, now=shipped.shipped_at)
    assert answer.became != Became.REFUSED, answer.reason
    return Fulfilment.objects.of(order.store).get(order=order, external_id=external_id)


def make_product(
    store: Store, external_id: str = "shoe", *, title: str = "Trail Runner 2", source: str = "api", **fields: Any
) -> Product:
    doc = ProductDoc(external_id=external_id, title=title, **fields)
    take_products(store, [doc], source=source, now=PLACED)
    return Product.objects.of(store).get(source=source, external_id=external_id)


def make_pool(store: Store, name: str = "Ten percent", **settings: Any) -> CouponPool:
    """A pool of ten percent off anything for 30 days, unless said otherwise."""
    given: dict[str, Any] = {"kind": "percent", "value": 1000, "currency": store.currency} | settings
    return make_coupon_pool(store, PoolSettings(name=name, **given), now=PLACED)
