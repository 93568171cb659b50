"""The frame of every page of figures: its filters, as of when it is true, and what to say while there is nothing."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from thereafter.commerce.models import Order
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.insights.actions import outlooks
from thereafter.insights.console import filters as filtering
from thereafter.insights.console.filters import Filters
from thereafter.insights.console.spec import Spec
from thereafter.insights.engine.port import EngineTrouble
from thereafter.insights.figures.asking import as_of
from thereafter.kit import clock
from thereafter.kit.http import wants_fragment
from thereafter.kit.pages import render
from thereafter.stores.models import Store

log = logging.getLogger(__name__)
YEAR = 364


def dashboard(spec: Spec) -> Callable[..., HttpResponseBase]:
    @require_safe
    @staff_page("insights.read")
    def shown(request: StaffRequest) -> HttpResponse:
        return _answer(request, spec)

    return shown


def _answer(request: StaffRequest, spec: Spec) -> HttpResponse:
    store, now = request.store, clock.now()
    told: dict[str, Any] = {"page_title": spec.title, "spec": spec, "as_of": as_of(store)}
    if told["as_of"] is None:
        return render(request, "insights/console/waiting.html", told | {"has_orders": _has_orders(store)})
    filters = replace(filtering.asked(store, request.GET, now, spec.own), may=request.membership.may)
    told |= {"filters": filters, "export": filters.query(), "files": True}
    try:
        told |= {"page": spec.build(filters), "offered": filtering.offered(filters), "size": filters.size}
    except Exception:
        # Engines fail in ways of their own; who reads figures must learn what to do, whatever it was.
        log.exception("the page %s of %s", spec.key, store.slug)
        if connection.needs_rollback:
            raise
        return _troubled(request, told)
    return _found(request, told)


def _found(request: StaffRequest, told: dict[str, Any]) -> HttpResponse:
    is_looked_for = told["spec"].is_narrowed or not _has_orders(request.store)
    nothing = _nothing(told["filters"]) if is_looked_for else {"nothing": ""}
    if nothing["nothing"] == "none":
        return render(request, "insights/console/waiting.html", told | {"has_orders": False})
    answer = render(request, "insights/console/page.html", told | nothing)
    if wants_fragment(request):
        answer["HX-Push-Url"] = request.path + told["filters"].query()
    return answer


def _troubled(request: StaffRequest, told: dict[str, Any]) -> HttpResponse:
    """A part of a page cannot say it: htmx shows no part that failed."""
    if wants_fragment(request):
        return HttpResponseClientRedirect(request.path + told["filters"].query())
    return render(request, "insights/console/trouble.html", told, 503)


def _has_orders(store: Store) -> bool:
    return Order.objects.of(store).exists()


def _nothing(filters: Filters) -> dict[str, Any]:
    """Where to look instead when no order fits: without what it is narrowed to, or in the last year with orders."""
    if filters.size.orders:
        return {"nothing": ""}
    if filters.chips:
        return {"nothing": "narrowed", "elsewhere": filters.cleared}
    last = Order.objects.of(filters.view.store).order_by("-placed_at").values_list("placed_at", flat=True).first()
    if last is None:
        return {"nothing": "none"}
    day = clock.day_in(last, filters.view.store.time_zone)
    if day >= filters.view.days.first:
        return {"nothing": "undone"}
    return {"nothing": "still", "last": day, "elsewhere": _year_until(filters, day)}


def _year_until(filters: Filters, day: date) -> str:
    return filters.query(days="", since=(day - timedelta(days=YEAR)).isoformat(), until=day.isoformat())


@require_POST
@staff_page("insights.write")
def refresh(request: StaffRequest) -> HttpResponse:
    """Takes over what happened since the figures were worked out last, and goes back to the page one was on."""
    try:
        if outlooks.refresh(request.store, now=clock.now()):
            messages.success(request, "The figures are up to date.")
        else:
            messages.info(request, "The figures are being taken over already. Look again in a few minutes.")
    except EngineTrouble:
        # Its text is the database's own.
        messages.error(request, "The figures could not be taken over. Try again in a minute; the old ones still stand.")
    back = request.POST.get("back", "")
    home = reverse("insights_console:retention", args=[request.store.slug])
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/console/")
    return redirect(back if is_ours else home)
