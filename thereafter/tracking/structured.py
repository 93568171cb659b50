"""Deliveries as schema.org's ParcelDelivery, for the programs that read mails.

Mailboxes show them as a card with the day and a button. Required there: address, carrier, last day, items, merchant
and order number (Google's "Parcel Delivery" of its e-mail markup).
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.storefront.links import order_page
from thereafter.stores.models import Store
from thereafter.tracking.carrier_pages import carrier_name, carrier_page
from thereafter.tracking.models import Parcel, ParcelItem
from thereafter.tracking.rules import states

MOST_PARCELS, MOST_ITEMS = 10, 25
_ADDRESS = {
    "name": "name",
    "streetAddress": "line1",
    "addressLocality": "city",
    "addressRegion": "region",
    "postalCode": "postcode",
    "addressCountry": "country",
}
_NAMES = {
    states.LABEL_CREATED: "Label created",
    states.PICKED_UP: "Picked up",
    states.IN_TRANSIT: "In transit",
    states.OUT_FOR_DELIVERY: "Out for delivery",
    states.AVAILABLE_FOR_PICKUP: "Available for pickup",
    states.ATTEMPTED: "Delivery attempted",
    states.EXCEPTION: "Held up",
    states.DELIVERED: "Delivered",
    states.RETURNING: "Returning",
    states.RETURNED: "Returned",
    states.CANCELLED: "Cancelled",
}
_ORDER_STATUS = {states.DELIVERED: "OrderDelivered", states.AVAILABLE_FOR_PICKUP: "OrderPickupAvailable"}


def for_messages(orders: Sequence[Order]) -> dict[int, list[dict[str, Any]]]:
    """One document for each parcel of each order, by order, in two reads; orders are of one store."""
    rows = Parcel.objects.of(orders[0].store_id).filter(order_id__in=[order.pk for order in orders]).order_by("id")
    parcels: dict[int, list[Parcel]] = {}
    for parcel in rows.prefetch_related("items__line"):
        parcels.setdefault(parcel.order_id, []).append(parcel)
    return {
        order.pk: [parcel_delivery(order, parcel) for parcel in parcels[order.pk][:MOST_PARCELS]]
        for order in orders
        if order.pk in parcels
    }


def parcel_delivery(order: Order, parcel: Parcel) -> dict[str, Any]:
    """What is not known is left out; days are whole days where the shop is."""
    store, page = order.store, order_page(order)
    last = parcel.expected_to or parcel.promised_on
    first = parcel.expected_from or last
    return _said(
        {
            "@context": "http://schema.org",
            "@type": "ParcelDelivery",
            "deliveryAddress": _address(order),
            "expectedArrivalFrom": _moment(first, time(), store),
            "expectedArrivalUntil": _moment(last, time(23, 59, 59), store),
            "carrier": _organisation(carrier_name(parcel.carrier)),
            "itemShipped": [_product(item) for item in list(parcel.items.all())[:MOST_ITEMS]],
            "trackingNumber": parcel.tracking_number,
            "trackingUrl": carrier_page(parcel) or page,
            "deliveryStatus": _status(parcel),
            "partOfOrder": {
                "@type": "Order",
                "orderNumber": order.number,
                "orderStatus": f"http://schema.org/{_ORDER_STATUS.get(parcel.status, 'OrderInTransit')}",
                "merchant": _said({"@type": "Organization", "name": store.name, "url": store.shop_url}),
            },
            "potentialAction": {"@type": "TrackAction", "target": page},
        }
    )


def _address(order: Order) -> dict[str, Any]:
    address = order.shipping_address
    told = {name: str(address.get(ours, "")) for name, ours in _ADDRESS.items()}
    street = ", ".join(part for part in (told["streetAddress"], str(address.get("line2", ""))) if part)
    return _said({"@type": "PostalAddress", **told, "streetAddress": street})


def _status(parcel: Parcel) -> dict[str, Any]:
    if parcel.status not in _NAMES or parcel.status_at is None:
        return {}
    until = str(parcel.pickup.get("until", "")) if parcel.status == states.AVAILABLE_FOR_PICKUP else ""
    return _said(
        {
            "@type": "DeliveryEvent",
            "name": _NAMES[parcel.status],
            "startDate": parcel.status_at.isoformat(),
            "availableThrough": until,
        }
    )


def _product(item: ParcelItem) -> dict[str, Any]:
    title = f"{item.line.title}, {item.line.variant_title}" if item.line.variant_title else item.line.title
    return _said({"@type": "Product", "name": title, "sku": item.line.sku})


def _organisation(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name} if name else {}


def _moment(day: date | None, at: time, store: Store) -> str:
    return datetime.combine(day, at, clock.zone(store.time_zone)).isoformat() if day else ""


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, [], {})}
