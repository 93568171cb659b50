"""Reporting a problem with a delivery: a link for each kind, a form, a page that says what happens next."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from thereafter.commerce.models import Order, OrderLine
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.storefront.guards import ShopperRequest, refuse
from thereafter.storefront.rules import FOR_ORDER
from thereafter.tracking import queries
from thereafter.tracking.actions import reports
from thereafter.tracking.actions.reports import Problem
from thereafter.tracking.models import Parcel, Report
from thereafter.tracking.rules import states
from thereafter.tracking.storefront.doors import may_try, order_holder
from thereafter.tracking.storefront.forms import ABOUT_ITEMS, ProblemForm

MOST_LINES = 30


@order_holder
def report(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    """Asks what happened, by kind; `?parcel=` is the parcel's place on the order's page, beginning with 1."""
    given = request.POST if request.method == "POST" else request.GET
    kind = given.get("kind", "")
    facts: dict[str, Any] = {"order": order, "token": token, "kind": kind}
    if kind not in Report.Kind.values:
        return render(request, "tracking/storefront/report_kinds.html", facts)
    if request.method == "GET" and "done" in request.GET:
        return render(request, "tracking/storefront/reported.html", facts)
    parcels = queries.parcels_of(order)
    form = _form(request, order, parcels, kind)
    if request.method != "POST" or not form.is_valid():
        parcel = _parcel(parcels, given.get("parcel", ""))
        shown = facts | {"form": form, "parcel": parcel, "has_proof": bool(parcel and any(parcel.proof.values()))}
        return render(request, "tracking/storefront/report.html", shown)
    if not may_try(request, {f"report:{order.pk}": FOR_ORDER}):
        return refuse(request, 429)
    parcel = _parcel(parcels, given.get("parcel", "")) or _parcel_with(parcels, form)
    reports.report(order, parcel, _problem(order, form, kind), clock.now())
    return redirect(f"{reverse('tracking_storefront:report', args=[request.store.slug, token])}?kind={kind}&done=1")


def _form(request: ShopperRequest, order: Order, parcels: list[Parcel], kind: str) -> ProblemForm:
    shown = [(str(place), _named(parcel, place)) for place, parcel in enumerate(parcels, 1)]
    about = _parcel(parcels, request.GET.get("parcel", ""))
    # What is in which parcel answers the question for the parcel with the items.
    packed = kind in ABOUT_ITEMS and all(list(parcel.items.all()) for parcel in parcels)
    return ProblemForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        parcels=[] if packed else shown,
        items=[(str(pk), title) for pk, title in _lines(order, about).items()],
        parcel=request.GET.get("parcel", ""),
    )


def _named(parcel: Parcel, place: int) -> str:
    goods = ", ".join(f"{item.quantity} × {item.line.title}" for item in list(parcel.items.all())[:3])
    return f"{place}: {goods or parcel.tracking_number or parcel.carrier or '–'}"


def _lines(order: Order, about: Parcel | None) -> dict[int, str]:
    """What may be wrong: what is in the parcel, if we know, else what was ordered."""
    if about is not None and about.items.all():
        return {item.line_id: _titled(item.line, item.quantity) for item in about.items.all()}
    return {line.pk: _titled(line, line.quantity) for line in order.lines.order_by("id")[:MOST_LINES]}


def _titled(line: OrderLine, quantity: int) -> str:
    title = f"{line.title}, {line.variant_title}" if line.variant_title else line.title
    return f"{quantity} × {title}"


def _parcel(parcels: list[Parcel], place: str) -> Parcel | None:
    """The parcel of that place; the only one that came when none was named."""
    if place.isascii() and place.isdigit() and 0 < int(place[:4]) <= len(parcels):
        return parcels[int(place[:4]) - 1]
    known = [parcel for parcel in parcels if parcel.status != states.CANCELLED]
    return known[0] if len(known) == 1 else None


def _parcel_with(parcels: list[Parcel], form: ProblemForm) -> Parcel | None:
    """The one that has all the chosen items."""
    chosen = {int(pk) for pk in form.cleaned_data.get("items", ())}
    with_all = (parcel for parcel in parcels if chosen and chosen <= {item.line_id for item in parcel.items.all()})
    return next(with_all, None)


def _problem(order: Order, form: ProblemForm, kind: str) -> Problem:
    chosen = {int(pk) for pk in form.cleaned_data.get("items", ())}
    lines = order.lines.filter(pk__in=chosen).order_by("id")
    items = [{"title": line.title, "variant": line.variant_title, "quantity": line.quantity} for line in lines]
    return Problem(kind=kind, text=form.cleaned_data["text"].strip(), items=items)
