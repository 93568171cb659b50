"""Declarations of withdrawal: which wait for a person, until when the law waits, and the ways on."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from thereafter.commerce.console import lists
from thereafter.commerce.models import Order
from thereafter.commerce.rules.text import normal_email
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, tokens
from thereafter.kit.pages import render, url
from thereafter.returns import finding, withdrawing
from thereafter.returns.actions import withdrawals as actions
from thereafter.returns.actions.opening import CannotOpen
from thereafter.returns.actions.withdrawals import Circumstances, NotPossible
from thereafter.returns.models import Case, Withdrawal
from thereafter.returns.statements import Declared
from thereafter.stores.models import Store

PAGE, MOST_FOUND = 50, 8
STATES = {
    "new": ("Being looked up", "info"),
    "matched": ("Being opened", "info"),
    "unmatched": ("No order found", "warn"),
    "look": ("Needs a look", "warn"),
    "opened": ("Return opened", "good"),
    "set_aside": ("Set aside", "neutral"),
}
RECEIPTS = {
    "queued": ("On its way", "info"),
    "sent": ("Sent", "good"),
    "failed": ("Not sent", "bad"),
    "bounced": ("Came back", "bad"),
    "none": ("No address", "neutral"),
}
CHANNELS = {"page": "Your shop's page", "mail": "E-mail", "phone": "Phone", "letter": "Letter", "counter": "Counter"}
MATCHED = {"link": "a signed link", "email": "number and e-mail", "postcode": "number and postcode", "staff": "hand"}
VIEWS = {"todo": "To see to", "unanswered": "Money not sent", "answered": "Answered", "all": "All"}


@require_safe
@staff_page("returns.read")
def withdrawals(request: StaffRequest) -> HttpResponse:
    view = request.GET.get("view", "")
    q = request.GET.get("q", "").strip()[:80]
    every = Withdrawal.objects.of(request.store)
    view = view if view in VIEWS else "all" if q else "todo"
    today = clock.day_in(clock.now(), request.store.time_zone)
    page = Paginator(_chosen(every, view, q), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(one, today) for one in page],
        "q": q,
        "view": view,
        "tabs": [_tab(request, name, view, _chosen(every, name, "").count()) for name in VIEWS],
        "query": "?" + urlencode({"view": view, "q": q, "page": ""}),
        "is_new": not every.exists(),
        "figures": _figures(every, today),
        "may_act": request.membership.may("returns.approve"),
        "page_title": "Withdrawals",
    }
    return render(request, "returns/console/withdrawals.html", context)


def _chosen(every: Any, view: str, q: str) -> Any:
    rows = {"todo": every.to_see_to, "unanswered": every.unanswered}.get(view, every.all)()
    if view == "answered":
        rows = rows.filter(Q(answered_at__isnull=False) | Q(set_aside_at__isnull=False))
    if q:
        named = Q(name__icontains=q) | Q(email__icontains=q) | Q(contract__icontains=q) | Q(order__number__iexact=q)
        rows = rows.filter(named)
    order = ("pay_by", "pk") if view in {"todo", "unanswered"} else ("-declared_at", "-pk")
    return rows.select_related("order").order_by(*order)


def _tab(request: StaffRequest, name: str, view: str, count: int) -> dict[str, Any]:
    address = url("returns_console:withdrawals", request.store.slug)
    shown = {"count": count} if name in {"todo", "unanswered"} and count else {}
    return {"label": VIEWS[name], "url": f"{address}?view={name}", "current": name == view, **shown}


def _figures(every: Any, today: date) -> dict[str, Any]:
    """Answered in time is what the law asks of all whose day has come or who were answered before it."""
    overdue = every.unanswered().filter(pay_by__lt=today).count()
    done = every.filter(answered_at__isnull=False)
    late = done.filter(answered_at__date__gt=F("pay_by")).count()
    due = done.count() + overdue
    return {
        "overdue": overdue,
        "waiting": every.unanswered().count(),
        "due": due,
        "share": (due - overdue - late) / due if due else None,
    }


def _row(withdrawal: Withdrawal, today: date) -> dict[str, Any]:
    words, tone = STATES[withdrawal.state]
    receipt, receipt_tone = RECEIPTS[withdrawal.receipt]
    return {
        "one": withdrawal,
        "state": words,
        "tone": tone,
        "receipt": receipt,
        "receipt_tone": receipt_tone,
        "channel": CHANNELS.get(withdrawal.channel, withdrawal.channel),
        "matched": MATCHED.get(withdrawal.matched_by, ""),
        "overdue": withdrawal.is_overdue(today),
        "soon": withdrawal.is_soon(today),
        "days": (withdrawal.pay_by - today).days,
    }


@require_safe
@staff_page("returns.read")
def withdrawal(request: StaffRequest, withdrawal_id: int) -> HttpResponse:
    found = _found(request, withdrawal_id)
    today = clock.day_in(clock.now(), request.store.time_zone)
    q = request.GET.get("q", "").strip()[:80]
    may_act = request.membership.may("returns.approve")
    context = {
        **_row(found, today),
        "cases": list(Case.objects.of(request.store).filter(pk__in=found.case_ids).order_by("pk")),
        "lines": found.text.splitlines(),
        "q": q,
        "candidates": _candidates(found, q) if may_act and found.state in {"unmatched", "look"} else [],
        "items": list(found.order.lines.order_by("pk")) if found.order and found.state == "look" else [],
        "picked": {pick["line"]: pick["quantity"] for pick in found.picks},
        "may_act": may_act,
        "page_title": f"Withdrawal of {found.name}",
    }
    return render(request, "returns/console/withdrawal.html", context)


def _found(request: StaffRequest, withdrawal_id: int) -> Withdrawal:
    rows = Withdrawal.objects.of(request.store).select_related(
        "store", "order__customer", "order__store", "typed_by", "set_aside_by"
    )
    found: Withdrawal = get_object_or_404(rows, pk=withdrawal_id)
    return found


def _candidates(withdrawal: Withdrawal, q: str) -> list[Order]:
    """What was searched for; else orders whose number was named, and those of the same address."""
    if q:
        return list(lists.orders(withdrawal.store, q=q)[:MOST_FOUND])
    named = withdrawing.candidates(withdrawal)
    same = lists.orders(withdrawal.store, q=withdrawal.email)[:MOST_FOUND] if withdrawal.email else []
    found = {order.pk: order for order in (*named, *same) if order.pk != withdrawal.order_id}
    return list(found.values())[:MOST_FOUND]


@require_POST
@staff_page("returns.approve")
def change(request: StaffRequest, withdrawal_id: int) -> HttpResponse:
    """One of the ways on; `do` says which."""
    found, now = _found(request, withdrawal_id), clock.now()
    try:
        said = _WAYS.get(request.POST.get("do", ""), _nothing)(request, found, now)
        messages.success(request, said)
    except (NotPossible, CannotOpen) as why:
        messages.error(request, str(why))
    return redirect("returns_console:withdrawal", request.store.slug, found.pk)


def _match(request: StaffRequest, found: Withdrawal, now: datetime) -> str:
    given = request.POST.get("order", "")
    rows = Order.objects.of(request.store).select_related("store", "customer")
    order = rows.filter(pk=int(given) if given.isdecimal() else 0).first()
    if order is None:
        raise NotPossible("Choose one of the orders.")
    told_on = clock.day_in(found.declared_at, request.store.time_zone)
    pay_by = finding.pay_by(order, told_on) or found.pay_by
    actions.match(found, order, by=request.staff, pay_by=pay_by, now=now)
    return f"It belongs to order {order.number} now. The return is opened in a moment."


def _open(request: StaffRequest, found: Withdrawal, now: datetime) -> str:
    given = {key.removeprefix("line:"): value for key, value in request.POST.items() if key.startswith("line:")}
    units = {line: int(str(value)) for line, value in given.items() if str(value).isdecimal()}
    basis = "withdrawal" if request.POST.get("basis") == "withdrawal" else ""
    cases = withdrawing.open_chosen(found, units, basis=basis, by=request.staff, now=now)
    return f"Opened {', '.join(case.number for case in cases)}."


def _set_aside(request: StaffRequest, found: Withdrawal, now: datetime) -> str:
    actions.set_aside(found, request.POST.get("why", ""), by=request.staff, now=now)
    return "Set aside. The declaration and your reason are kept."


def _take_up(request: StaffRequest, found: Withdrawal, now: datetime) -> str:
    actions.take_up_again(found, by=request.staff, now=now)
    return "It is on the list again."


def _send_again(request: StaffRequest, found: Withdrawal, now: datetime) -> str:
    email = normal_email(request.POST.get("email", ""))
    actions.send_receipt_again(found, email, by=request.staff, now=now)
    return f"The receipt is on its way to {email}."


def _told_otherwise(request: StaffRequest, found: Withdrawal, now: datetime) -> str:
    actions.told_otherwise(found, by=request.staff, now=now)
    return "Noted: the shopper knows that it was received."


def _nothing(request: StaffRequest, found: Withdrawal, now: datetime) -> str:
    raise NotPossible("Choose what to do with it.")


_WAYS = {
    "match": _match,
    "open": _open,
    "set_aside": _set_aside,
    "take_up": _take_up,
    "send_again": _send_again,
    "told_otherwise": _told_otherwise,
}


class TypedIn(forms.Form):
    """What somebody told by mail, phone or letter."""

    channel = forms.ChoiceField(label="It came by", choices=[(key, CHANNELS[key]) for key in CHANNELS if key != "page"])
    on = forms.DateField(
        label="It reached you on",
        help_text="The days of the law count from then.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    name = forms.CharField(label="Name", max_length=120)
    contract = forms.CharField(label="Order number, or what was said of the order", max_length=200)
    email = forms.CharField(
        label="E-mail address",
        required=False,
        max_length=254,
        widget=forms.EmailInput(),
        help_text="The receipt goes there. Without one, confirm it the way it came.",
    )
    items = forms.CharField(
        label="Only some of the items",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Left empty, it is everything in the contract.",
    )
    postcode = forms.CharField(label="Postcode of the delivery", required=False, max_length=20)
    language = forms.ChoiceField(label="Language of the receipt", choices=settings.LANGUAGES)
    key = forms.CharField(widget=forms.HiddenInput(), max_length=60)

    def clean_email(self) -> str:
        given = self.cleaned_data["email"]
        email = normal_email(given) if given else ""
        if given and not email:
            raise forms.ValidationError("This is no e-mail address. It needs an @ and what stands after it.")
        return email

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > timezone.localdate(clock.now()):
            raise forms.ValidationError("This day has yet to come.")
        return on


@staff_page("returns.approve")
def type_in(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    today = clock.day_in(now, request.store.time_zone)
    initial = {"on": today, "language": request.store.locale[:2], "key": tokens.random_token()[:40]}
    form = TypedIn(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _typed_in(request, form.cleaned_data, now)
        messages.success(request, "Kept. Its order is looked up, and the receipt goes out.")
        return redirect("returns_console:withdrawal", request.store.slug, made.pk)
    return render(request, "returns/console/withdrawal_new.html", {"form": form, "page_title": "A withdrawal came in"})


def _typed_in(request: StaffRequest, given: dict[str, Any], now: datetime) -> Withdrawal:
    store = request.store
    declared = Declared(**{name: given[name] for name in ("name", "contract", "email", "items", "postcode")})
    how = Circumstances(
        source=f"staff:{given['key']}",
        language=given["language"],
        channel=given["channel"],
        by=request.staff,
    )
    at = _moment(given["on"], store, now)
    with translation.override(given["language"]):
        return actions.declare(store, declared, how, declared_at=at, now=now)


def _moment(on: date, store: Store, now: datetime) -> datetime:
    """Of another day only the day is known."""
    if on == clock.day_in(now, store.time_zone):
        return now
    return datetime.combine(on, time(12), clock.zone(store.time_zone))
