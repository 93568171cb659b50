"""The delivery as a pass for Apple Wallet, where the shop has a certificate for it."""

from datetime import date, datetime, time

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.kit.pages import day, short_day
from thereafter.storefront import links
from thereafter.storefront.branding import brand
from thereafter.storefront.guards import ShopperRequest, refuse
from thereafter.tracking import passes, queries
from thereafter.tracking.actions.wallet import signer_of
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.models import Parcel, WalletKey
from thereafter.tracking.storefront.doors import order_holder


@require_safe
@order_holder
def wallet(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    key = WalletKey.objects.of(request.store).first()
    if key is None or key.expires_at <= clock.now():
        return refuse(request, 404)
    body = passes.package(_delivery(order, token), signer_of(key))
    response = HttpResponse(body, content_type=passes.MEDIA_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="delivery.pkpass"'
    return response


def _delivery(order: Order, token: str) -> passes.Delivery:
    store, tints = order.store, brand(order.store.brand_colour)
    parcels = queries.bare_parcels(store, [order.pk]).get(order.pk, [])
    coming = [parcel for parcel in parcels if not parcel.is_finished]
    leading = min(coming or parcels, key=lambda parcel: parcel.expected_to or date.max, default=None)
    first, last = _days(order, leading)
    carrier = carrier_name(leading.carrier) if leading else ""
    page = links.page(store, "storefront:order", token)
    secondary = [passes.field("order", _("Order"), order.number)]
    if carrier:
        secondary.append(passes.field("carrier", _("Carrier"), carrier))
    return passes.Delivery(
        serial=f"order-{order.pk}",
        shop=store.name,
        description=_("Delivery from %(shop)s") % {"shop": store.name},
        colour=tints.colour,
        on_colour=tints.on_colour,
        primary=passes.field("arrival", *_arrival(leading, first, last)),
        secondary=secondary,
        back=[passes.field("page", _("Where it is now"), page), *_numbers(parcels)],
        relevant=datetime.combine(last, time(8), clock.zone(store.time_zone)) if last else None,
        over=order.is_cancelled,
    )


def _days(order: Order, parcel: Parcel | None) -> tuple[date | None, date | None]:
    if parcel is not None:
        last = parcel.delivered_on or parcel.expected_to or parcel.promised_on
        return parcel.delivered_on or parcel.expected_from or last, last
    promise = queries.latest_promise(order)
    return (promise.expected_from, promise.expected_to) if promise else (None, None)


def _arrival(parcel: Parcel | None, first: date | None, last: date | None) -> tuple[str, str]:
    """Label and value of what the pass says first."""
    label = _("Delivered") if parcel and parcel.delivered_on else _("Arriving")
    if first is None or last is None:
        return label, "–"
    return label, day(last) if first == last else f"{short_day(first)} – {short_day(last)}"


def _numbers(parcels: list[Parcel]) -> list[dict[str, str]]:
    return [
        passes.field(f"number-{place}", _("Tracking number"), parcel.tracking_number)
        for place, parcel in enumerate(parcels, 1)
        if parcel.tracking_number
    ]
