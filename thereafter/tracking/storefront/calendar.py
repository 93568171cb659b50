"""The delivery as a calendar: a file to keep, or a calendar to subscribe to, which follows when the date moves."""

import hashlib
from dataclasses import replace

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Order
from thereafter.messaging.composing import mail_host
from thereafter.storefront import links
from thereafter.storefront.guards import ShopperRequest
from thereafter.tracking import queries, sharing
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules import icalendar, states
from thereafter.tracking.storefront.doors import order_holder


@require_safe
@order_holder
def calendar(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    parcels = queries.bare_parcels(request.store, [order.pk]).get(order.pk, [])
    at = sharing.news_at(order, parcels)
    page = links.page(request.store, "storefront:order", token)
    base = icalendar.Delivery(
        uid=f"order-{order.pk}@{mail_host()}",
        # Minutes since the order: it only grows, and only with news.
        sequence=max(0, int((at - order.placed_at).total_seconds() // 60)),
        changed_at=at,
        first=at.date(),
        last=at.date(),
        title=_("Parcel from %(shop)s arrives") % {"shop": request.store.name},
        text=_("Order %(number)s") % {"number": order.number},
        url=page,
        cancelled=order.is_cancelled,
    )
    coming = [_parcel(parcel, place, base, request.store.name) for place, parcel in enumerate(parcels, 1)] or [
        _promise(order, base)
    ]
    name = _("Delivery from %(shop)s") % {"shop": request.store.name}
    body = icalendar.calendar(name, [one for one in coming if one]).encode()
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified()
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response.headers["ETag"] = tag
    response.headers["Content-Disposition"] = 'inline; filename="delivery.ics"'
    return response


def _parcel(parcel: Parcel, place: int, base: icalendar.Delivery, shop: str) -> icalendar.Delivery | None:
    """The first parcel goes on with the event that the order began with."""
    last = parcel.delivered_on or parcel.expected_to or parcel.promised_on
    if last is None:
        return None
    first = parcel.delivered_on or parcel.expected_from or last
    carrier, arrived = carrier_name(parcel.carrier), parcel.status == states.DELIVERED
    return replace(
        base,
        uid=base.uid if place == 1 else f"parcel-{parcel.pk}@{mail_host()}",
        first=min(first, last),
        last=last,
        title=_("Delivered: parcel from %(shop)s") % {"shop": shop} if arrived else base.title,
        text=f"{base.text}, {carrier}" if carrier else base.text,
        cancelled=parcel.status in {states.CANCELLED, states.RETURNED},
    )


def _promise(order: Order, base: icalendar.Delivery) -> icalendar.Delivery | None:
    """Nothing has left: the days that were promised."""
    promise = queries.latest_promise(order)
    if promise is None:
        return None
    return replace(base, first=min(promise.expected_from, promise.expected_to), last=promise.expected_to)
