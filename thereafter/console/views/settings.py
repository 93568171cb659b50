"""The shop itself: who it is, how it counts, how it looks."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console import zones
from thereafter.console.forms import BrandForm, ShopForm
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, colours
from thereafter.kit.pages import render, url
from thereafter.stores import actions, rules
from thereafter.stores.actions import BadSetting


@staff_page("settings.edit")
def shop(request: StaffRequest) -> HttpResponse:
    form = ShopForm(request.store, zones.names(), request.POST or None, initial=_values(request, ShopForm))
    if request.method == "POST" and form.is_valid() and _save(request, form):
        return redirect("console:settings", request.store.slug)
    return render(request, "console/settings/shop.html", {"form": form, "page_title": "Shop settings"})


@staff_page("settings.edit")
def brand(request: StaffRequest) -> HttpResponse:
    preview = url("console:brand_preview", request.store.slug)
    form = BrandForm(request.POST or None, initial=_values(request, BrandForm), preview=preview)
    if request.method == "POST" and form.is_valid() and _save(request, form):
        return redirect("console:brand", request.store.slug)
    context = {"form": form, "swatches": _swatches(request.store.brand_colour, request.store.accent_colour)}
    return render(request, "console/settings/brand.html", context | {"page_title": "Shop settings"})


def _values(request: StaffRequest, form: type[ShopForm] | type[BrandForm]) -> dict[str, Any]:
    return {name: getattr(request.store, name) for name in form.base_fields}


def _save(request: StaffRequest, form: ShopForm | BrandForm) -> bool:
    try:
        actions.change_settings(request.store, by=request.staff, now=clock.now(), **form.cleaned_data)
    except BadSetting as refusal:
        form.add_error(refusal.field, str(refusal))
        return False
    messages.success(request, "Saved.")
    return True


@staff_page("settings.edit")
def brand_preview(request: StaffRequest) -> HttpResponse:
    """How the colours in the form would look; asked for while they are being chosen."""
    chosen = [request.GET.get(name, "") for name in ("brand_colour", "accent_colour")]
    known = [colour if rules.is_colour(colour) else "#000000" for colour in chosen]
    return render(request, "console/settings/_preview.html", {"swatches": _swatches(*known)})


def _swatches(brand_colour: str, accent_colour: str) -> list[dict[str, Any]]:
    return [_swatch("Button", brand_colour), _swatch("Highlight", accent_colour)]


def _swatch(label: str, colour: str) -> dict[str, Any]:
    text = colours.readable_on(colour)
    on_page = colours.contrast(colour, "#ffffff")
    return {
        "label": label,
        "colour": colour,
        "text": text,
        "ratio": colours.contrast(colour, text),
        "as_text": colours.readable(colour, "#ffffff", "#000000"),
        "readable_as_text": on_page >= colours.READABLE,
        "on_page": on_page,
    }
