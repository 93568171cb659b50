"""What other pages show of parcels."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.commerce.panels import Told, telling
from thereafter.commerce.panels import order_panel as console_order_panel
from thereafter.console import sources
from thereafter.console.nav import nav_item
from thereafter.console.tiles import Period, Tile, tile
from thereafter.kit import clock
from thereafter.kit.pages import short_day
from thereafter.kit.sockets import Panel
from thereafter.storefront.panels import order_panel
from thereafter.stores.models import Store
from thereafter.tracking import facts, queries, watching
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.models import Parcel, Report
from thereafter.tracking.words import PROBLEM, STATUS, flag_words, reason_words, row_facts

nav_item(
    "Watch list", url_name="tracking_console:watch", icon="warning", verb="tracking.read", group="Orders", place=22
)
nav_item("Parcels", url_name="tracking_console:parcels", icon="truck", verb="tracking.read", group="Orders", place=20)
nav_item(
    "Carriers", url_name="tracking_console:scorecard", icon="chart", verb="tracking.read", group="Insights", place=40
)

_GROUPS = {"carrier": sources.CARRIERS, "aggregator": sources.AGGREGATORS, "shop": sources.SHOPS}
_ABOUT = {
    "carrier": "Scans as they happen, pushed by {}.",
    "aggregator": "Scans of every carrier that {} follows for you, pushed as they happen.",
    "shop": "Scans that {} knows of.",
}
for _adapter in ADAPTERS.values():
    if _adapter.verify and sources.find(_adapter.code) is None:
        sources.connection_source(
            sources.Source(
                name=_adapter.code,
                title=_adapter.name,
                icon="flow" if _adapter.kind == "aggregator" else "truck",
                about=_ABOUT[_adapter.kind].format(_adapter.name),
                path=f"/hooks/{{store}}/{_adapter.code}",
                steps=tuple(_adapter.steps),
                their_secret=_adapter.their_secret,
                group=_GROUPS[_adapter.kind],
            )
        )


@order_panel(place=10)
def where_it_is(request: HttpRequest, order: Order) -> Panel:
    """The head of the order's page: when it comes, and where it is."""
    today = clock.day_in(clock.now(), order.store.time_zone)
    return Panel("tracking/storefront/_delivery.html", facts.delivery(order, today))


@order_panel(place=16)
def something_wrong(request: HttpRequest, order: Order) -> Panel:
    """Where to go when it is damaged, wrong, missing or late."""
    return Panel("tracking/storefront/_help.html", facts.help_with(order))


@order_panel(place=60)
def pieces_of_the_shop(request: HttpRequest, order: Order) -> Panel | None:
    """What the merchant put on the page, above what to buy next."""
    slots = facts.pieces_of_the_shop(order)
    return Panel("tracking/storefront/_slots.html", {"slots": slots}) if slots else None


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


@console_order_panel(place=15)
def reports_in_console(request: HttpRequest, order: Order) -> Panel | None:
    """What the shopper reported, the newest first."""
    rows = Report.objects.of(order.store_id).filter(order=order).select_related("parcel").order_by("-reported_at")
    reports = [
        {
            "title": PROBLEM.get(row.kind, row.kind),
            "text": row.text,
            "items": row.items,
            "at": row.reported_at,
            "settled": row.settled_at is not None,
            "number": row.parcel.tracking_number if row.parcel else "",
        }
        for row in rows[:20]
    ]
    return Panel("tracking/console/_reports.html", {"reports": reports}, title="Reported") if reports else None


@telling("parcel.problem_reported")
def told_problem(payload: dict[str, Any]) -> Told:
    return "chat", "The shopper reports a problem", PROBLEM.get(payload.get("kind", ""), "")


@telling("parcel.shipped")
def told_shipped(payload: dict[str, Any]) -> Told:
    named = " ".join(part for part in (payload.get("carrier"), payload.get("tracking_number")) if part)
    return "truck", "Parcel shipped", named


@telling("parcel.moved")
def told_moved(payload: dict[str, Any]) -> Told:
    return "parcel", STATUS.get(payload.get("status", ""), "Parcel moved"), ""


@telling("return_parcel.moved")
def told_back(payload: dict[str, Any]) -> Told:
    status = {**STATUS, "label_created": "Announced"}.get(payload.get("status", ""), "Moved")
    return "return", f"Return parcel: {status.lower()}", ""


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
    return "warning", "Exception", reason_words(str(payload.get("reason", "")))


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


@telling("parcel.flagged", "parcel.flag_cleared")
def told_flag(payload: dict[str, Any]) -> Told:
    words = flag_words(payload["kind"], payload.get("cause", ""))
    if "by" not in payload:
        return "warning", words, "Needs a look"
    return "check", f"Over: {words}", {"staff": "Seen to", "delivered": "The parcel is there"}.get(payload["by"], "")


@telling("parcel.available_for_pickup")
def told_pickup(payload: dict[str, Any]) -> Told:
    until = payload.get("until")
    return "pin", "Ready for pickup", f"Until {short_day(until)}" if until else ""


@telling("parcel.attempted")
def told_attempted(payload: dict[str, Any]) -> Told:
    return "warning", "Missed at the door", ""


@telling("parcel.estimate_moved")
def told_estimate(payload: dict[str, Any]) -> Told:
    first, last = payload["expected_from"], payload["expected_to"]
    days = short_day(first) if first == last else f"{short_day(first)} – {short_day(last)}"
    return "calendar", f"Now expected {days}", ""


@tile(place=45)
def on_the_watch_list(store: Store, period: Period) -> Tile | None:
    """What needs somebody right now, whatever the period."""
    count = watching.counts(store)[""]
    if not Parcel.objects.of(store).exists():
        return None
    hint = "Nothing needs you" if not count else "late, stuck or reported"
    address = reverse("tracking_console:watch", args=[store.slug])
    return Tile("On the watch list", str(count), hint=hint, url=address)
