"""Shopify's webhooks (REST shapes). Amounts are in the shop's own currency."""

from collections.abc import Callable
from decimal import Decimal

from thereafter.commerce.connectors.reading import (
    Amount,
    Document,
    Unreadable,
    amount,
    code,
    decode,
    full_name,
    text_id,
    tolerant,
)
from thereafter.commerce.connectors.shopify_shapes import (
    Buyer,
    Fulfillment,
    Item,
    MarketingConsent,
    Order,
    Place,
    PriceSet,
    Product,
    Refund,
)
from thereafter.commerce.documents import (
    Address,
    CustomerDoc,
    FulfilmentDoc,
    Line,
    OrderDoc,
    Payment,
    Person,
    ProductDoc,
    RefundDoc,
    RefundLine,
    RefundOfOrder,
    Shipped,
    VariantDoc,
)

# Not sent yet: Shopify tells again when it is.
_NOT_YET = {"pending", "open"}
_CALLED_OFF = {"cancelled", "error", "failure"}
_PAYMENT = {"pending": "pending", "authorized": "authorized", "voided": "voided"}
_CONSENT = {"subscribed": True, "unsubscribed": False}
# An order line that does not exist: the second parcel of a fulfilment, whose contents Shopify does not tell.
_CONTENTS_UNKNOWN = {"-": 1}

_orders, _fulfillments, _refunds = tolerant(Order), tolerant(Fulfillment), tolerant(Refund)
_buyers, _products = tolerant(Buyer), tolerant(Product)


def read(topic: str, body: str | bytes) -> list[Document]:
    """The documents in a webhook; none when it tells nothing that matters here. Raises `Unreadable`."""
    reader = _READERS.get(topic)
    if reader is None:
        raise Unreadable(f'unknown_topic: we do not take "{topic}" from Shopify; unsubscribe it')
    return reader(body)


def _read_order(body: str | bytes) -> list[Document]:
    return [order_doc(decode(body, _orders))]


def order_doc(order: Order) -> OrderDoc:
    return OrderDoc(
        external_id=str(order.id),
        number=order.name or text_id(order.order_number),
        placed_at=order.processed_at or order.created_at,
        changed_at=order.updated_at,
        currency=code(order.currency),
        total=amount(order.total_price),
        subtotal=order.subtotal_price,
        discount=amount(order.total_discounts),
        shipping=_of_set(order.total_shipping_price_set),
        fees=_sum(
            order.total_tip_received,
            _of_set(order.original_total_duties_set),
            _of_set(order.original_total_additional_fees_set),
        ),
        tax=amount(order.total_tax),
        taxes_included=order.taxes_included,
        status="fulfilled" if order.fulfillment_status == "fulfilled" else "open",
        cancelled_at=order.cancelled_at,
        cancel_reason=order.cancel_reason or "",
        customer=_buyer_of(order),
        lines=[_line(item) for item in order.line_items],
        discount_codes=[each.code for each in order.discount_codes if each.code],
        shipping_address=_address(order.shipping_address or order.billing_address),
        payments=_payments(order),
        fulfilments=[shipped for each in order.fulfillments for shipped in _shipped(each)],
        refunds=[refund for each in order.refunds for refund in _refunded(each)],
        channel=order.source_name or "",
        note=order.note or "",
    )


def _line(item: Item) -> Line:
    return Line(
        external_id=str(item.id),
        title=item.title or "",
        quantity=item.quantity,
        unit_price=amount(item.price),
        discount=_sum(*(part.amount for part in item.discount_allocations)),
        tax=_sum(*(part.price for part in item.tax_lines)),
        product_id=text_id(item.product_id),
        variant_id=text_id(item.variant_id),
        variant_title=item.variant_title or "",
        sku=item.sku or "",
    )


def _buyer_of(order: Order) -> Person:
    """The account if there is one; the e-mail of the order is where its mails go."""
    person = _person(order.customer) if order.customer else Person()
    person.email = order.email or order.contact_email or person.email
    person.phone = order.phone or person.phone
    person.locale = order.customer_locale or person.locale
    place = order.billing_address or order.shipping_address
    if place and not person.name:
        person.name = place.name or full_name(place.first_name, place.last_name)
    # Ticking the box is a yes; leaving it empty is not a no.
    if order.buyer_accepts_marketing and person.accepts_marketing is None:
        person.accepts_marketing = True
        person.consent_evidence = f"the box at the checkout of order {order.name}"
    return person


def _person(buyer: Buyer) -> Person:
    consent = buyer.email_marketing_consent or MarketingConsent()
    place = buyer.default_address or Place()
    return Person(
        external_id=text_id(buyer.id),
        email=buyer.email or "",
        phone=buyer.phone or place.phone or "",
        name=full_name(buyer.first_name, buyer.last_name),
        locale=buyer.locale or "",
        country=code(place.country_code),
        accepts_marketing=_CONSENT.get(consent.state or ""),
        consent_at=consent.consent_updated_at,
        consent_evidence=f"Shopify: {consent.state}, {consent.opt_in_level or 'level unknown'}"
        if consent.state
        else "",
    )


def _address(place: Place | None) -> Address:
    if place is None:
        return Address()
    return Address(
        name=place.name or full_name(place.first_name, place.last_name),
        line1=place.address1 or "",
        line2=place.address2 or "",
        city=place.city or "",
        postcode=place.zip or "",
        region=place.province_code or place.province or "",
        country=code(place.country_code),
        phone=place.phone or "",
    )


def _payments(order: Order) -> list[Payment]:
    """Orders name their gateways but not who paid how much, so all of them are one tender."""
    if not order.payment_gateway_names:
        return []
    kind = " + ".join(order.payment_gateway_names)
    status = _PAYMENT.get(order.financial_status or "", "captured")
    return [Payment(external_id="order", kind=kind, amount=amount(order.total_price), status=status)]


def _shipped(fulfillment: Fulfillment) -> list[Shipped]:
    """One fulfilment, or several when it has several parcels; none while it is only planned."""
    if fulfillment.status in _NOT_YET:
        return []
    numbers = fulfillment.tracking_numbers or [fulfillment.tracking_number or ""]
    urls = fulfillment.tracking_urls or [fulfillment.tracking_url or ""]
    contents = {str(item.id): item.quantity for item in fulfillment.line_items if item.quantity > 0}
    return [
        Shipped(
            external_id=str(fulfillment.id) if at == 0 else f"{fulfillment.id}-{at + 1}",
            shipped_at=fulfillment.created_at,
            status="cancelled" if fulfillment.status in _CALLED_OFF else "shipped",
            carrier=fulfillment.tracking_company or "",
            tracking_number=number,
            tracking_url=urls[at] if at < len(urls) else "",
            lines=contents if at == 0 else _CONTENTS_UNKNOWN,
        )
        for at, number in enumerate(numbers)
    ]


def _refunded(refund: Refund) -> list[RefundDoc]:
    """The money that went back; none when goods were only put back on the shelf or the bank has not said yes."""
    paid_back = [each for each in refund.transactions if each.kind == "refund" and each.status == "success"]
    if not paid_back:
        return []
    lines = [
        RefundLine(line=str(item.line_item_id), quantity=item.quantity, amount=amount(item.subtotal))
        for item in refund.refund_line_items
    ]
    total = _sum(*(each.amount for each in paid_back))
    return [
        RefundDoc(external_id=str(refund.id), amount=total, at=refund.created_at, reason=refund.note or "", lines=lines)
    ]


def _read_fulfillment(body: str | bytes) -> list[Document]:
    found = decode(body, _fulfillments)
    return [FulfilmentDoc(order=text_id(found.order_id), fulfilment=shipped) for shipped in _shipped(found)]


def _read_refund(body: str | bytes) -> list[Document]:
    found = decode(body, _refunds)
    return [RefundOfOrder(order=text_id(found.order_id), refund=refund) for refund in _refunded(found)]


def _read_customer(body: str | bytes) -> list[Document]:
    buyer = decode(body, _buyers)
    return [CustomerDoc(person=_person(buyer), changed_at=buyer.updated_at)]


def _read_product(body: str | bytes) -> list[Document]:
    found = decode(body, _products)
    return [
        ProductDoc(
            external_id=str(found.id),
            title=found.title,
            category=found.product_type or "",
            product_type=found.product_type,
            vendor=found.vendor,
            tags=_tags(found.tags),
            image_url=(found.image.src if found.image else "") or "",
            is_active=found.status in {None, "active"},
            changed_at=found.updated_at,
            variants=[
                VariantDoc(external_id=str(each.id), title=each.title or "", sku=each.sku or "", price=each.price)
                for each in found.variants
            ],
        )
    ]


def _tags(told: str | list[str] | None) -> list[str] | None:
    """ "sale, wool" of the webhook, a list of the API."""
    if isinstance(told, str):
        return [tag for one in told.split(",") if (tag := one.strip())]
    return told


def _of_set(prices: PriceSet | None) -> str | float:
    return amount(prices.shop_money.amount) if prices else "0"


def _sum(*parts: Amount) -> str:
    """Exact, in the major unit; raises `Unreadable` for what is no number."""
    try:
        return str(sum((Decimal(str(amount(part))) for part in parts), Decimal(0)))
    except ArithmeticError:
        raise Unreadable(f"bad_money: one of {list(parts)} is not an amount"[:200]) from None


_READERS: dict[str, Callable[[str | bytes], list[Document]]] = {
    **dict.fromkeys(
        ("orders/create", "orders/updated", "orders/edited", "orders/paid", "orders/cancelled", "orders/fulfilled",
         "orders/partially_fulfilled"),
        _read_order,
    ),
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), _read_fulfillment),
    "refunds/create": _read_refund,
    **dict.fromkeys(("customers/create", "customers/update"), _read_customer),
    **dict.fromkeys(("products/create", "products/update"), _read_product),
}  # fmt: skip
