"""WooCommerce's webhooks. Its line amounts are without tax; in shops whose prices include tax they are put together."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from thereafter.commerce.connectors.reading import (
    Amount,
    Document,
    Unreadable,
    amount,
    as_utc,
    code,
    decode,
    full_name,
    text_id,
    tolerant,
)
from thereafter.commerce.connectors.woocommerce_shapes import Customer, Item, Order, Place, Product
from thereafter.commerce.documents import (
    Address,
    CustomerDoc,
    Line,
    OrderDoc,
    Payment,
    Person,
    ProductDoc,
    RefundDoc,
    Shipped,
    VariantDoc,
)

# Not an order yet: nobody has paid or promised to.
_NOT_YET = {"pending", "checkout-draft", "auto-draft", "trash"}
# Whatever else plugins invent is an order that is not finished.
_STATUS = {"completed": "fulfilled", "cancelled": "cancelled", "failed": "cancelled"}
_TRACKING_PLUGIN = "_wc_shipment_tracking_items"
_MOST_OF_A_LINE = 100_000

_orders, _customers, _products = tolerant(Order), tolerant(Customer), tolerant(Product)


def read(topic: str, body: str | bytes) -> list[Document]:
    """The documents in a webhook; none when it tells nothing that matters here. Raises `Unreadable`."""
    reader = _READERS.get(topic)
    if reader is None:
        raise Unreadable(f'unknown_topic: we do not take "{topic}" from WooCommerce; turn that webhook off')
    return reader(body)


def _read_order(body: str | bytes) -> list[Document]:
    order = decode(body, _orders)
    return [] if order.status in _NOT_YET else [order_doc(order)]


def order_doc(order: Order) -> OrderDoc:
    gross = order.prices_include_tax
    where = order.shipping if order.shipping.country or order.shipping.address_1 else order.billing
    return OrderDoc(
        external_id=str(order.id),
        number=text_id(order.number) or str(order.id),
        placed_at=as_utc(order.date_created_gmt),
        changed_at=as_utc(order.date_modified_gmt) if order.date_modified_gmt else None,
        currency=code(order.currency),
        total=amount(order.total),
        discount=_sum(order.discount_total, order.discount_tax if gross else 0),
        shipping=_sum(order.shipping_total, order.shipping_tax if gross else 0),
        fees=_sum(*(part for fee in order.fee_lines for part in (fee.total, fee.total_tax if gross else 0))),
        tax=amount(order.total_tax),
        taxes_included=gross,
        status=_STATUS.get(order.status, "open"),
        customer=_buyer_of(order),
        lines=[_line(item, gross=gross) for item in order.line_items],
        discount_codes=[coupon.code for coupon in order.coupon_lines],
        shipping_address=_address(where),
        payments=_payments(order),
        fulfilments=_shipped(order),
        refunds=_refunds(order),
        channel=order.created_via,
        note=order.customer_note,
    )


def _line(item: Item, *, gross: bool) -> Line:
    before = Decimal(_sum(item.subtotal, item.subtotal_tax if gross else 0))
    after = Decimal(_sum(item.total, item.total_tax if gross else 0))
    return Line(
        external_id=str(item.id),
        title=item.name or "",
        quantity=item.quantity,
        # Not rounded: three for 10.00 have no price in whole cents.
        unit_price=str(before / item.quantity if item.quantity else before),
        discount=str(before - after),
        tax=amount(item.total_tax),
        product_id=text_id(item.product_id),
        variant_id=text_id(item.variation_id),
        sku=item.sku or "",
        image_url=(item.image.src if item.image else "") or "",
    )


def _buyer_of(order: Order) -> Person:
    billing = order.billing
    return Person(
        external_id=text_id(order.customer_id),
        email=billing.email,
        phone=billing.phone,
        name=full_name(billing.first_name, billing.last_name),
        country=code(billing.country),
    )


def _address(place: Place) -> Address:
    return Address(
        name=full_name(place.first_name, place.last_name) or place.company,
        line1=place.address_1,
        line2=place.address_2,
        city=place.city,
        postcode=place.postcode,
        region=place.state,
        country=code(place.country),
        phone=place.phone,
    )


def _payments(order: Order) -> list[Payment]:
    if not order.payment_method:
        return []
    status = "captured" if order.date_paid_gmt else "pending"
    external_id = (order.transaction_id or "order")[:80]
    return [Payment(external_id=external_id, kind=order.payment_method, amount=amount(order.total), status=status)]


def _shipped(order: Order) -> list[Shipped]:
    """Parcels by the tracking plugin if the shop has it, else one hand-over when the order is completed."""
    tracked = [_rows(meta.value) for meta in order.meta_data if meta.key == _TRACKING_PLUGIN]
    parcels = [_tracked(item) for items in tracked for item in items if isinstance(item, dict)]
    if parcels or order.status != "completed":
        return parcels
    completed_at = order.date_completed_gmt or order.date_modified_gmt or order.date_created_gmt
    return [Shipped(external_id=f"{order.id}-completed", shipped_at=as_utc(completed_at))]


def _rows(found: Any) -> list[Any]:
    """A list of PHP from which a parcel was deleted comes as an object."""
    return list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else []


def _tracked(item: dict[str, Any]) -> Shipped:
    number = str(item.get("tracking_number") or "")
    try:
        shipped_at = datetime.fromtimestamp(int(item.get("date_shipped") or 0), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        raise Unreadable("bad_date: date_shipped of the tracking plugin is not a Unix time") from None
    return Shipped(
        external_id=str(item.get("tracking_id") or number)[:80],
        shipped_at=shipped_at,
        carrier=str(item.get("tracking_provider") or item.get("custom_tracking_provider") or ""),
        tracking_number=number,
        tracking_url=str(item.get("custom_tracking_link") or ""),
        lines=_packed(item),
    )


def _packed(item: dict[str, Any]) -> dict[str, int]:
    """What AST says is in the parcel, by order line; when it does not say, all that is not in one yet."""
    lines: dict[str, int] = {}
    for row in _rows(item.get("products_list")):
        line, quantity = (
            (str(row.get(part) or "") for part in ("item_id", "qty")) if isinstance(row, dict) else ("", "")
        )
        if line and quantity.isdecimal() and 0 < int(quantity[:6]) < _MOST_OF_A_LINE:
            lines[line] = lines.get(line, 0) + int(quantity[:6])
    return lines


def _refunds(order: Order) -> list[RefundDoc]:
    """WooCommerce names refunds with a negative total and without a time: they happened by the last change."""
    at = as_utc(order.date_modified_gmt or order.date_created_gmt)
    return [
        RefundDoc(
            external_id=str(refund.id), amount=str(abs(Decimal(_sum(refund.total)))), at=at, reason=refund.reason or ""
        )
        for refund in order.refunds
    ]


def _read_customer(body: str | bytes) -> list[Document]:
    found = decode(body, _customers)
    person = Person(
        external_id=text_id(found.id),
        email=found.email or found.billing.email,
        phone=found.billing.phone,
        name=full_name(found.first_name, found.last_name),
        country=code(found.billing.country),
    )
    return [CustomerDoc(person=person, changed_at=as_utc(found.date_modified_gmt) if found.date_modified_gmt else None)]


def _read_product(body: str | bytes) -> list[Document]:
    found = decode(body, _products)
    if found.type == "variation":
        return []
    own_variant = [VariantDoc(external_id=str(found.id), sku=found.sku, price=found.price or None)] if found.sku else []
    return [
        ProductDoc(
            external_id=str(found.id),
            title=found.name,
            category=found.categories[0].name if found.categories else "",
            url=found.permalink,
            image_url=(found.images[0].src if found.images else "") or "",
            is_active=found.status == "publish",
            changed_at=as_utc(found.date_modified_gmt) if found.date_modified_gmt else None,
            variants=own_variant,
        )
    ]


def _sum(*parts: Amount) -> str:
    try:
        return str(sum((Decimal(str(amount(part))) for part in parts), Decimal(0)))
    except ArithmeticError:
        raise Unreadable(f"bad_money: one of {list(parts)} is not an amount"[:200]) from None


_READERS: dict[str, Callable[[str | bytes], list[Document]]] = {
    **dict.fromkeys(("order.created", "order.updated", "order.restored"), _read_order),
    **dict.fromkeys(("customer.created", "customer.updated"), _read_customer),
    **dict.fromkeys(("product.created", "product.updated", "product.restored"), _read_product),
}
