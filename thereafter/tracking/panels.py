"""What other pages show of parcels."""

from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Order
from thereafter.commerce.panels import Told, telling
from thereafter.commerce.panels import order_panel as console_order_panel
from thereafter.console.nav import nav_item
from thereafter.kit import clock
from thereafter.kit.pages import short_day
from thereafter.kit.sockets import Panel
from thereafter.storefront.panels import order_panel
from thereafter.tracking import facts, queries
from thereafter.tracking.models import Parcel
from thereafter.tracking.words import STATUS, row_facts

nav_item("Parcels", url_name="tracking_console:parcels", icon="truck", verb="tracking.read", group="Orders", place=20)


@order_panel(place=10)
def where_it_is(request: HttpRequest, order: Order) -> Panel:
    """The head of the order's page: when it comes, and where it is."""
    today = clock.day_in(clock.now(), order.store.time_zone)
    return Panel("tracking/storefront/_delivery.html", facts.delivery(order, today))


@console_order_panel(place=20)
def parcels_in_console(request: HttpRequest, order: Order) -> Panel:
    """Read by one query when there are parcels: the order's page has few to spare."""
    today = clock.day_in(clock.now(), order.store.time_zone)
    parcels = Parcel.objects.of(order.store_id).filter(order=order).order_by("id")
    rows = [row_facts(parcel, today) for parcel in parcels]
    promise = None if rows else queries.latest_promise(order)
    return Panel(
        "tracking/console/_order.html",
        {"rows": rows, "promise": promise, "cancelled": order.is_cancelled},
        title="Parcels",
    )


@telling("parcel.shipped")
def told_shipped(payload: dict[str, Any]) -> Told:
    named = " ".join(part for part in (payload.get("carrier"), payload.get("tracking_number")) if part)
    return "truck", "Parcel shipped", named


@telling("parcel.moved")
def told_moved(payload: dict[str, Any]) -> Told:
    return "parcel", STATUS.get(payload.get("status", ""), "Parcel moved"), ""


@telling("parcel.out_for_delivery")
def told_out(payload: dict[str, Any]) -> Told:
    return "truck", "Out for delivery", ""


@telling("parcel.delivered")
def told_delivered(payload: dict[str, Any]) -> Told:
    late = payload.get("late")
    body = "" if late is None else "Later than promised" if late else "On time"
    return "check", "Parcel delivered", body


@telling("parcel.exception")
def told_trouble(payload: dict[str, Any]) -> Told:
    return "warning", "Delivery problem", str(payload.get("reason", "")).replace("_", " ")


@telling("parcel.late")
def told_late(payload: dict[str, Any]) -> Told:
    return (
        "clock",
        "Running late",
        f"Promised for {short_day(payload['promised_on'])}" if payload.get("promised_on") else "",
    )


@telling("parcel.returned")
def told_returned(payload: dict[str, Any]) -> Told:
    return "return", "Back at the sender", ""
