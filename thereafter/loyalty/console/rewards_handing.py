"""What is to be handed over: gifts to send, seats, donations, what went wrong; and one taking with all of its story."""

import csv
import io
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
from thereafter.kit.tables import harmless
from thereafter.loyalty.actions import handing, reward_orders
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.console import rewards_words as words
from thereafter.loyalty.console.rewards_handing_forms import AddressForm, CancelForm, SentForm
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries import rewards as queries
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.models import Store, StoreQuerySet

PAGE = 50
MOST_AT_ONCE = 500
VIEWS = {
    "gifts": "Gifts to send",
    "sent": "Gifts sent",
    "seats": "Seats",
    "donations": "Donations",
    "paid": "Donations paid out",
    "problems": "Went wrong",
}


@staff_page("loyalty.hand_over")
def index(request: StaffRequest) -> HttpResponse:
    """One list at a time."""
    store, now = request.store, clock.now()
    view = request.GET.get("show", "gifts")
    view = view if view in VIEWS else "gifts"
    context = {"page_title": "To hand over", "view": view, "tabs": _tabs(store, view), "form": SentForm()}
    return render(request, "loyalty/console/rewards_handing.html", context | _list(request, view, now))


def _tabs(store: Store, view: str) -> list[dict[str, Any]]:
    counts = {
        "gifts": queries.waiting(store, rules.GIFT).count(),
        "donations": queries.waiting(store, rules.DONATION).count(),
        "problems": queries.troubles(store, clock.now()).count(),
    }
    return [
        {"label": label, "url": f"?show={name}", "current": name == view}
        | ({"count": counts[name]} if name in counts else {})
        for name, label in VIEWS.items()
    ]


def _list(request: StaffRequest, view: str, now: Any) -> dict[str, Any]:
    store, tz = request.store, clock.zone(request.store.time_zone)
    if view == "seats":
        return {"events": [(one, guests, words.gives(one)) for one, guests in queries.seats(store)]}
    if view in ("donations", "paid"):
        rows = queries.waiting(store, rules.DONATION) if view == "donations" else queries.handed(store, rules.DONATION)
        donated = queries.donated(rows.iterator(chunk_size=1000), tz)
        return {"donated": donated, "months": {one.month: words.month(one.month) for one in donated}}
    page = Paginator(_rows(store, view, now), PAGE).get_page(request.GET.get("page"))
    return {"page": page, "rows": [_facts(one, now) for one in page]}


def _rows(store: Store, view: str, now: Any) -> StoreQuerySet[Redemption]:
    if view == "problems":
        return queries.troubles(store, now)
    return queries.waiting(store, rules.GIFT) if view == "gifts" else queries.handed(store, rules.GIFT)


def _facts(one: Redemption, now: Any) -> dict[str, Any]:
    return {
        "one": one,
        "name": one.said.get("name") or "Points at the checkout",
        "state": words.state(one, now),
        "story": words.story(one, now),
        "address": words.address_lines(one),
        "lacks": rules.missing_in(one.address),
    }


@require_POST
@staff_page("loyalty.hand_over")
def handed(request: StaffRequest) -> HttpResponse:
    """Many at once: gifts are sent, or the donations to somebody are paid out."""
    wanted = [int(pk) for row in request.POST.getlist("row")[:MOST_AT_ONCE] for pk in row.split(",") if pk.isdecimal()]
    note = " ".join(request.POST.get("note", "").split())
    count = handing.hand_over(request.store, wanted, by=request.staff, now=clock.now(), note=note)
    left = len(wanted) - count
    if not wanted:
        messages.error(request, "Choose at least one first.")
    elif count:
        messages.success(request, "One is handed over." if count == 1 else f"{count:,} are handed over.")
    if left:
        said = "One was left out" if left == 1 else f"{left:,} were left out"
        messages.warning(request, f"{said}: cancelled or handed over meanwhile, or without an address.")
    show = "donations" if request.POST.get("show") == "donations" else "gifts"
    return redirect(f"{reverse('loyalty_console:hand_over', args=[request.store.slug])}?show={show}")


@require_safe
@staff_page("loyalty.hand_over")
def addresses(request: StaffRequest) -> HttpResponse:
    """The gifts to send as a table, for labels."""
    rows = queries.waiting(request.store, rules.GIFT).iterator(chunk_size=1000)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["reward", *rules.ADDRESS_FIELDS, "email", "taken"])
    for one in rows:
        said = [str(one.address.get(field, "")) for field in rules.ADDRESS_FIELDS]
        cells = [str(one.said.get("name", "")), *said, one.account.customer.email or "", one.made_at.date().isoformat()]
        table.writerow([harmless(cell) for cell in cells])
    return _download(text.getvalue(), "gifts-to-send.csv")


@require_safe
@staff_page("loyalty.hand_over")
def guests(request: StaffRequest, reward_id: int) -> HttpResponse:
    """Who comes to an event, as a table for the door."""
    get_object_or_404(Reward.objects.of(request.store), pk=reward_id)
    rows = queries.redemptions(request.store).filter(
        reward_id=reward_id, reward__kind=rules.SEAT, state=Redemption.State.TAKEN
    )
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["name", "email", "taken"])
    for one in rows.order_by("made_at", "id"):
        customer = one.account.customer
        table.writerow([harmless(str(customer)), harmless(customer.email or ""), one.made_at.date().isoformat()])
    return _download(text.getvalue(), "guests.csv")


def _download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _one(request: StaffRequest, redemption_id: int) -> Redemption:
    return get_object_or_404(queries.redemptions(request.store), pk=redemption_id)


@staff_page("loyalty.hand_over")
def redemption(request: StaffRequest, redemption_id: int) -> HttpResponse:
    """One taking: what it was, what became of it, and what can be done."""
    one, now = _one(request, redemption_id), clock.now()
    kind, waits = one.said.get("kind", ""), one.handing == Redemption.Handing.WAITING
    is_open = one.state == Redemption.State.TAKEN
    context = {
        "page_title": str(one.said.get("name") or "Points at the checkout"),
        "facts": _facts(one, now),
        "one": one,
        "is_gift": kind == rules.GIFT,
        "cancel_form": CancelForm() if is_open and request.membership.may("loyalty.adjust") else None,
        "address_form": AddressForm(initial=one.address) if is_open and waits and kind == rules.GIFT else None,
        "sent_form": SentForm() if is_open and waits and kind in rules.BY_HAND else None,
        "again": bool(one.coupon and one.coupon.push_state == "failed"),
    }
    return render(request, "loyalty/console/rewards_taken.html", context)


def _back(request: StaffRequest, redemption_id: int) -> HttpResponse:
    return redirect("loyalty_console:redemption", request.store.slug, redemption_id)


@require_POST
@staff_page("loyalty.adjust")
def cancel(request: StaffRequest, redemption_id: int) -> HttpResponse:
    one, form = _one(request, redemption_id), CancelForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why it is cancelled: your colleagues may ask.")
        return _back(request, redemption_id)
    try:
        reward_orders.cancel(one, why=form.cleaned_data["reason"], by=request.staff, now=clock.now())
    except Refused as refusal:
        messages.error(request, f"It cannot be cancelled. {refusal}")
    else:
        messages.success(request, f"It is cancelled, and {words.points(one.points - one.restored)} are back.")
    return _back(request, redemption_id)


@require_POST
@staff_page("loyalty.hand_over")
def again(request: StaffRequest, redemption_id: int) -> HttpResponse:
    try:
        handing.try_again(_one(request, redemption_id), by=request.staff, now=clock.now())
    except handing.NotPossible as no:
        messages.error(request, str(no))
    else:
        messages.success(request, "The code is told to the shop system again.")
    return _back(request, redemption_id)


@require_POST
@staff_page("loyalty.hand_over")
def address(request: StaffRequest, redemption_id: int) -> HttpResponse:
    one, form = _one(request, redemption_id), AddressForm(request.POST)
    try:
        if not form.is_valid():
            raise handing.NotPossible("Give a name, a street with its number, a town and a country by two letters.")
        handing.set_address(one, form.cleaned_data, now=clock.now())
    except handing.NotPossible as no:
        messages.error(request, str(no))
    else:
        messages.success(request, "The address is kept.")
    return _back(request, redemption_id)


@require_POST
@staff_page("loyalty.hand_over")
def sent(request: StaffRequest, redemption_id: int) -> HttpResponse:
    """One gift is sent, one donation is paid out."""
    one, note = _one(request, redemption_id), " ".join(request.POST.get("note", "").split())
    if handing.hand_over(request.store, [one.pk], by=request.staff, now=clock.now(), note=note):
        messages.success(request, "It is handed over.")
    else:
        messages.error(request, "It cannot be handed over: it lacks an address, or was cancelled or done meanwhile.")
    return _back(request, redemption_id)
