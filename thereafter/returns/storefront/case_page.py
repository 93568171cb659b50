"""A case as its shopper sees it: where it stands, what to do next, how to send it, what comes of it."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import links, points
from thereafter.returns.actions import charges, deciding, holds, parcels
from thereafter.returns.labels import paper, phone, sheets
from thereafter.returns.models import Case, CasePayment, CaseUnit, Hold, NewGoods, Photo, Remark, ReturnParcel
from thereafter.returns.queries import parcels_to_join, refunds_of
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.storefront import portal_words
from thereafter.returns.storefront.doors import case_holder, may_try
from thereafter.storefront.guards import ShopperRequest, refuse
from thereafter.storefront.links import order_token
from thereafter.storefront.rules import FOR_ORDER

NEAREST = 5
# What an action says on the page that follows it: {?said=…: (tone, words)}.
SAID = {
    "cancelled": ("good", gettext_noop("It is cancelled. Nothing needs to be sent.")),
    "too_late": (
        "warn",
        gettext_noop("It cannot be taken back any more. Write to us, and we see what can be done."),
    ),
    "joined": ("good", gettext_noop("Both go into one parcel now. One label is enough.")),
    "number": ("good", gettext_noop("Thank you. Now we can see it coming.")),
    "paid": ("good", gettext_noop("We have your payment, thank you.")),
    "underway": ("info", gettext_noop("Your bank is still at it. We write when your payment is here.")),
    "not_needed": ("info", gettext_noop("Nothing is to be paid. Whatever was paid for it goes back to you.")),
    "not_paid": ("info", gettext_noop("Nothing was paid yet.")),
    "pay_later": ("warn", gettext_noop("The payment page cannot be opened now. Please try again in a few minutes.")),
    "held": ("good", gettext_noop("Thank you. The new goods are being packed, and your card is only held.")),
    "not_held": ("info", gettext_noop("Nothing is held on your card.")),
    "not_held_yet": ("info", gettext_noop("Your bank is still at it. Look again in a few minutes.")),
    "no_number": ("warn", gettext_noop("Enter the number that is on the carrier's receipt.")),
}
_CAN_BE_SENT = ("created", "qr_shown", "pre_transit")
_TO_US = (*_CAN_BE_SENT, "label_requested", "failed")


@case_holder
def show(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    units = list(CaseUnit.objects.of(case.store_id).filter(case=case).select_related("line__product").order_by("pk"))
    parcel = _parcel(case)
    facts: dict[str, Any] = {
        "case": case,
        "token": token,
        "order": case.order,
        "order_token": "" if case.is_gift else order_token(case.order),
        "items": _items(units),
        "steps": steps_of(case),
        "words": portal_words,
        "parcel": parcel,
        "can_send": bool(parcel and parcel.state in _CAN_BE_SENT and not case.is_over),
        "waits_for_label": bool(parcel and parcel.state == "label_requested"),
        "goods": list(NewGoods.objects.of(case.store_id).filter(case=case).order_by("pk")),
        "refunds": refunds_of(case),
        "deductions": sum(unit.deduction_minor for unit in units),
        "remarks": list(Remark.objects.of(case.store_id).filter(case=case, is_internal=False).order_by("at")),
        "photos": [links.photo_page(photo, small=True) for photo in _photos(case)],
        "others": [{"case": one, "token": links.case_token(one)} for one in _others(case)],
        "can_cancel": case.state in ("submitted", "needs_review", "open") and not deciding.has_moved(case),
        "to_pay": charges.due(case),
        "pays_here": charges.can_pay_online(case),
        "payments": _payments(case),
        "instant": holds.offer(case, now=clock.now()),
        "holds": list(_holds(case)),
        "is_new": request.GET.get("done") == "1",
        "said": SAID.get(request.GET.get("said", "")),
    }
    if facts["can_send"] and parcel:
        facts |= _way(case, parcel)
        facts["to_join"] = list(parcels_to_join(case)[:1])
    return render(request, "returns/storefront/case.html", facts)


def _payments(case: Case) -> list[CasePayment]:
    """What the bank is still at, and what goes or went back to the shopper of what was paid for the case."""
    rows = CasePayment.objects.of(case.store_id).filter(case=case, state__in=("owed", "returned", "underway"))
    return list(rows.order_by("pk")) if case.quote.get("charge") else []


def _holds(case: Case) -> Any:
    """What stands on the shopper's card, or stood."""
    rows = Hold.objects.of(case.store_id).filter(case=case, held_on__isnull=False)
    return rows.order_by("pk")


def _parcel(case: Case) -> ReturnParcel | None:
    rows = ReturnParcel.objects.of(case.store_id).filter(links__case=case).exclude(state="cancelled")
    return rows.order_by("-pk").first()


def _items(units: list[CaseUnit]) -> list[dict[str, Any]]:
    """Units of a line together."""
    found: dict[int, dict[str, Any]] = {}
    for unit in units:
        row = found.setdefault(unit.line_id, {"line": unit.line, "count": 0})
        row["count"] += 1
    return list(found.values())


def _photos(case: Case) -> Any:
    return Photo.objects.of(case.store_id).filter(case=case, taken_by="shopper").order_by("pk")[:10]


def _others(case: Case) -> Any:
    """Cases of the same visit."""
    visit = case.source.rpartition("/")[0]
    rows = Case.objects.of(case.store_id).filter(order_id=case.order_id, source__startswith=f"{visit}/")
    return rows.exclude(pk=case.pk).order_by("pk")


def _way(case: Case, parcel: ReturnParcel) -> dict[str, Any]:
    """What is needed to send it: address, code, places nearby."""
    address = case.order.shipping_address
    near = []
    if parcel.method in {"counter", "qr"}:
        country, postcode = str(address.get("country", "")), str(address.get("postcode", ""))
        near = points.near(case.store_id, country, postcode, NEAREST)
    code = phone.make(phone.counter_key(case.store_id), parcel.code)
    return {
        "near": near,
        "qr": phone.drawn(code) if parcel.method in {"counter", "qr"} else "",
        "receiver": paper.address_lines(parcel.receiver),
        "together": parcel.cases.count() > 1,
    }


def steps_of(case: Case) -> list[dict[str, Any]]:
    """The way of a case in visible steps, each done, current or still to come."""
    if case.state in ("declined", "cancelled", "expired"):
        ended = {"declined": _("Declined"), "cancelled": _("Cancelled"), "expired": _("Ended")}
        return [
            {"label": _("Asked for"), "state": "done"},
            {"label": ended[case.state], "state": "problem"},
        ]
    passed = [(_("Asked for"), True), (_("Accepted"), case.decided_at is not None)]
    if case.method != "none":
        passed += [
            (_("Handed in"), bool(case.handed_in_at or case.received_at)),
            (_("Arrived"), bool(case.received_at)),
        ]
    passed.append((_last_step(case), case.resolved_at is not None))
    current = next((place for place, (_label, is_done) in enumerate(passed) if not is_done), len(passed))
    return [
        {"label": label, "state": "done" if is_done else "current" if place == current else "todo"}
        for place, (label, is_done) in enumerate(passed)
    ]


def _last_step(case: Case) -> str:
    if case.outcome in {"refund", "keep", "donate"}:
        return _("Paid back")
    if case.outcome == "store_credit":
        return _("Credit given")
    return _("Mended") if case.outcome == "repair" else _("New goods sent")


@require_safe
@case_holder
def label(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """Label and packing slip as PDF: the carrier's where there is one, else our own."""
    parcel = _parcel(case)
    if parcel is None or parcel.state not in _TO_US:
        return refuse(request, 404)
    if parcel.label and parcel.label_type:
        content, kind = bytes(parcel.label), parcel.label_type
    else:
        try:
            content, kind = paper.papers(sheets.sheet_of(parcel)), "application/pdf"
        except paper.CannotPrint:
            # The shop has not said where parcels go; the page of the case says whom to ask.
            return refuse(request, 404)
    return _file(content, kind, f"return-{case.number}")


@require_safe
@case_holder
def slip(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """What goes into the parcel."""
    parcel = _parcel(case)
    if parcel is None:
        return refuse(request, 404)
    return _file(paper.slip(sheets.sheet_of(parcel)), "application/pdf", f"slip-{case.number}")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    ending = "pdf" if "pdf" in kind else kind.rpartition("/")[2][:4]
    response["Content-Disposition"] = f'inline; filename="{name}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@case_holder
def cancel(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    try:
        deciding.cancel(case, by=None, now=clock.now())
    except (deciding.TooLate, CannotGo):
        return _back(request, token, "too_late")
    return _back(request, token, "cancelled")


@require_POST
@case_holder
def change(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """Takes it back and begins anew, with the items of the order."""
    try:
        deciding.cancel(case, by=None, now=clock.now(), why="To be asked for anew.")
    except (deciding.TooLate, CannotGo):
        return _back(request, token, "too_late")
    if case.is_gift:
        return redirect("returns_storefront:gift", request.store.slug, links.gift_token(case.order))
    return redirect("returns_storefront:start", request.store.slug, order_token(case.order))


@require_POST
@case_holder
def together(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """Puts the case into another parcel of the same shopper, also of another order."""
    other = parcels_to_join(case).first()
    if other is not None:
        try:
            parcels.join(other, case, now=clock.now())
        except CannotGo:
            return _back(request, token, "too_late")
    return _back(request, token, "joined")


def _back(request: ShopperRequest, token: str, said: str) -> HttpResponse:
    page = reverse("returns_storefront:case", args=[request.store.slug, token])
    return HttpResponseRedirect(f"{page}?said={said}")


@require_POST
@case_holder
def number(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """The shopper sent it and tells the carrier's number."""
    parcel = _parcel(case)
    if not may_try(request, {f"number:{case.pk}": FOR_ORDER}):
        return refuse(request, 429)
    if parcel is None or case.is_over:
        return refuse(request, 404)
    carrier, given = request.POST.get("carrier", "").strip(), request.POST.get("number", "").strip()
    try:
        parcels.name_number(parcel, carrier=carrier, number=given, now=clock.now())
    except ValueError:
        return _back(request, token, "no_number")
    return _back(request, token, "number")
