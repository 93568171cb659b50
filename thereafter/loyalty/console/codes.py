"""QR codes that give points: a list, one to make or change, the picture and a poster to print."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty import posters
from thereafter.loyalty.actions import codes as actions
from thereafter.loyalty.console.codes_forms import CodeForm
from thereafter.loyalty.models import EarningCode
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules.programme import Programme
from thereafter.loyalty.rules.ways import name_of

PAGE = 50
STATES = {
    "": ("Gives points", "good"),
    "early": ("Not yet", "info"),
    "over": ("Over", "neutral"),
    "used_up": ("Used up", "warn"),
    "closed": ("Closed", "neutral"),
}


@staff_page("loyalty.read")
def codes(request: StaffRequest) -> HttpResponse:
    rows = EarningCode.objects.of(request.store).order_by("-created_at", "-pk")
    listed = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    programme, now = programme_now(request.store.pk).programme, clock.now()
    facts = {
        "page_title": "QR codes",
        "page": listed,
        "rows": [_row(one, programme, now) for one in listed],
    }
    return render(request, "loyalty/console/codes.html", facts)


def _row(code: EarningCode, programme: Programme, now: Any) -> dict[str, Any]:
    action = programme.actions.get(code.action)
    state, tone = STATES[code.why_closed(now)]
    if action is None or not action.is_on or not action.points:
        state, tone = "The programme gives nothing for it", "bad"
    return {
        "code": code,
        "state": state,
        "tone": tone,
        "gives": name_of(code.action, action.label if action else ""),
        "points": action.points if action and action.is_on else 0,
    }


@staff_page("loyalty.write")
def new(request: StaffRequest) -> HttpResponse:
    form = CodeForm(request.store, programme_now(request.store.pk).programme, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.make(request.store, form.settings(), by=request.staff, now=clock.now())
        messages.success(request, "The code is ready. Print its poster, or take the picture.")
        return redirect("loyalty_console:code", request.store.slug, made.pk)
    facts = {"page_title": "New QR code", "form": form, "row": None, "has_ways": bool(form.ways)}
    return render(request, "loyalty/console/code.html", facts)


@staff_page("loyalty.write")
def code(request: StaffRequest, earning_code_id: int) -> HttpResponse:
    found = _code(request, earning_code_id)
    programme = programme_now(request.store.pk).programme
    form = CodeForm(request.store, programme, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change(found, form.settings(), by=request.staff, now=clock.now())
        messages.success(request, "Changed. What is printed already goes on working.")
        return redirect("loyalty_console:code", request.store.slug, found.pk)
    found.refresh_from_db()
    facts = {
        "page_title": found.label,
        "form": form,
        "row": _row(found, programme, clock.now()),
        "has_ways": True,
        "address": posters.address(found),
    }
    return render(request, "loyalty/console/code.html", facts)


@require_POST
@staff_page("loyalty.write")
def close(request: StaffRequest, earning_code_id: int) -> HttpResponse:
    found = _code(request, earning_code_id)
    closed = found.closed_at is None
    actions.set_closed(found, closed=closed, by=request.staff, now=clock.now())
    messages.success(request, "It gives nothing any more." if closed else "It gives points again.")
    return redirect("loyalty_console:code", request.store.slug, found.pk)


@require_safe
@staff_page("loyalty.read")
def picture(request: StaffRequest, earning_code_id: int) -> HttpResponse:
    """The code alone, for a designer."""
    found = _code(request, earning_code_id)
    response = HttpResponse(posters.picture(found), content_type="image/svg+xml")
    response.headers["Content-Disposition"] = 'attachment; filename="qr-code.svg"'
    return response


@require_safe
@staff_page("loyalty.read")
def poster(request: StaffRequest, earning_code_id: int) -> HttpResponse:
    """A page to print and hang up."""
    found = _code(request, earning_code_id)
    facts = {
        "label": found.label,
        "address": posters.address(found),
        "qr": posters.picture(found),
        "back": _back(request, found),
        **posters.said(found, programme_now(request.store.pk).programme),
    }
    return render(request, "loyalty/console/code_poster.html", facts)


def _code(request: StaffRequest, earning_code_id: int) -> EarningCode:
    rows = EarningCode.objects.of(request.store).select_related("store")
    found: EarningCode = get_object_or_404(rows, pk=earning_code_id)
    return found


def _back(request: StaffRequest, code: EarningCode) -> str:
    """Who may not change it goes back to the list."""
    args = [request.store.slug]
    if request.membership.may("loyalty.write"):
        return reverse("loyalty_console:code", args=[*args, code.pk])
    return reverse("loyalty_console:codes", args=args)
