"""What a merchant sets for tracking: warehouse, carriers, dates, alerts, the order's page, product pages."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe
from msgspec.structs import replace

from thereafter.commerce.models import Order
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.stores.models import Store
from thereafter.tracking import forecasting, offers
from thereafter.tracking.actions.settings import change_settings
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.console.settings_forms import (
    AlertsForm,
    CarrierForm,
    DatesForm,
    Part,
    WarehouseForm,
)
from thereafter.tracking.console.settings_page_forms import PageForm, WidgetForm
from thereafter.tracking.console.settings_words import alert_row, alert_words
from thereafter.tracking.models import Parcel
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules.settings import Settings

PARTS: dict[str, tuple[str, type[Part]]] = {
    "settings": ("Warehouse", WarehouseForm),
    "settings_carriers": ("Carriers", CarrierForm),
    "settings_dates": ("Dates", DatesForm),
    "settings_alerts": ("Alerts", AlertsForm),
    "settings_page": ("Order page", PageForm),
    "settings_product": ("Product page", WidgetForm),
}
MOST_CARRIERS, LOOKED_AT, EXAMPLES = 12, 300, 3


@staff_page("settings.edit")
def warehouse(request: StaffRequest) -> HttpResponse:
    return _part(request, "settings", preview=True)


@staff_page("settings.edit")
def dates(request: StaffRequest) -> HttpResponse:
    report = forecasting.learnt(request.store).told
    return _part(request, "settings_dates", preview=True, models=report("models"), chosen=report("model"))


@staff_page("settings.edit")
def alerts(request: StaffRequest) -> HttpResponse:
    settings = settings_of(request.store)
    rows = forecasting.learnt(request.store).told("alerts") or []
    told = [alert_words(rows, settings.alerts.might_be_late), alert_words(rows, settings.alerts.tell)]
    return _part(request, "settings_alerts", told=list(dict.fromkeys(told)), measured=[alert_row(row) for row in rows])


@staff_page("settings.edit")
def page(request: StaffRequest) -> HttpResponse:
    return _part(request, "settings_page")


@staff_page("settings.edit")
def product(request: StaffRequest) -> HttpResponse:
    country = settings_of(request.store).warehouse.country or request.store.country
    return _part(request, "settings_product", country=country, script=f"{_base(request)}/static/tracking/delivery.js")


def _base(request: StaffRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _part(request: StaffRequest, name: str, *, preview: bool = False, **facts: Any) -> HttpResponse:
    settings = settings_of(request.store)
    form = PARTS[name][1](request.store, settings, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_settings(request.store, form.put_into(settings), by=request.staff, now=clock.now())
        messages.success(request, "Saved.")
        return redirect(f"tracking_console:{name}", request.store.slug)
    if preview:
        facts |= {"examples": _examples(request.store, settings), "preview_of": name}
    context = {"form": form, "tabs": _tabs(request.store, name), **facts}
    return render(request, f"tracking/console/{name}.html", context)


def _tabs(store: Store, current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": url(f"tracking_console:{name}", store.slug), "current": name == current}
        for name, (label, _) in PARTS.items()
    ]


@staff_page("settings.edit")
def carriers(request: StaffRequest) -> HttpResponse:
    settings = settings_of(request.store)
    wanted = next((name.removesuffix("-of") for name in request.POST if name.endswith("-of")), "")
    forms = [
        CarrierForm(request.store, settings, key, request.POST if key == wanted else None)
        for key in _carriers(request.store, settings)
    ]
    sent = next((form for form in forms if form.is_bound), None)
    if sent is not None and sent.is_valid():
        change_settings(request.store, sent.put_into(settings), by=request.staff, now=clock.now())
        messages.success(request, f"Saved for {carrier_name(sent.key)}.")
        return redirect("tracking_console:settings_carriers", request.store.slug)
    rows = [{"form": form, "name": carrier_name(form.key), "set": form.key in settings.carriers} for form in forms]
    context = {"rows": rows, "tabs": _tabs(request.store, "settings_carriers")}
    return render(request, "tracking/console/settings_carriers.html", context)


def _carriers(store: Store, settings: Settings) -> list[str]:
    """Those that were set, that the shop uses, and that lately carried something; each once."""
    newest = Parcel.objects.of(store).exclude(carrier_key="").order_by("-ordered_at", "-id")
    seen = newest.values_list("carrier_key", flat=True)[:LOOKED_AT]
    return list(dict.fromkeys([*settings.carriers, *settings.uses, *seen]))[:MOST_CARRIERS]


@require_safe
@staff_page("settings.edit")
def preview(request: StaffRequest) -> HttpResponse:
    """What would be promised with the form as it stands; asked for while it is being filled in."""
    name = request.GET.get("part", "settings")
    settings = settings_of(request.store)
    form = PARTS[name if name in {"settings", "settings_dates"} else "settings"][1](
        request.store, settings, request.GET
    )
    if not form.is_valid():
        return render(request, "tracking/console/_promise_preview.html", {"examples": []})
    examples = _examples(request.store, form.put_into(settings))
    return render(request, "tracking/console/_promise_preview.html", {"examples": examples})


def _examples(store: Store, settings: Settings) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {"place": place, "offer": offers.offer(store, settings, address, now)}
        for place, address in _places(store, replace(settings))
    ]


def _places(store: Store, settings: Settings) -> Sequence[tuple[str, dict[str, Any]]]:
    """Where the shop's orders went lately, each country once; for a new shop its own country."""
    newest = Order.objects.of(store).order_by("-placed_at")
    places: dict[str, tuple[str, dict[str, Any]]] = {}
    for address in newest.values_list("shipping_address", flat=True)[:LOOKED_AT]:
        country = str(address.get("country") or "")
        if country and country not in places:
            places[country] = (str(address.get("city") or ""), address)
    if not places:
        home = settings.warehouse.country or store.country
        return [("", {"country": home})]
    return list(places.values())[:EXAMPLES]
