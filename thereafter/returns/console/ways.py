"""Ways back: where returns go, and who makes their labels."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, territory
from thereafter.returns.actions import label_accounts
from thereafter.returns.actions import ways as acts
from thereafter.returns.actions.label_accounts import CannotConnect
from thereafter.returns.actions.ways import CannotChoose
from thereafter.returns.console.ways_forms import AddressForm, DestinationForm, LabelAccountForm
from thereafter.returns.labels.registry import ADAPTERS
from thereafter.returns.models import DropOffPoint, LabelAccount, ReturnParcel
from thereafter.returns.queries import settings_of
from thereafter.stores.models import Store

PAGE = "returns_console:ways"


@staff_page("returns.settings")
def ways(request: StaffRequest) -> HttpResponse:
    """All of it on one page; the address is changed here."""
    settings = settings_of(request.store)
    initial = settings.address or {"name": f"Returns, {request.store.name}", "country": request.store.country}
    form = AddressForm(request.store, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        acts.set_address(request.store, form.cleaned_data, by=request.staff, now=clock.now())
        messages.success(request, "Returns go there from now on. Parcels that are on their way keep their address.")
        return redirect(PAGE, request.store.slug)
    accounts = {one.adapter: one for one in LabelAccount.objects.of(request.store)}
    points = DropOffPoint.objects.of(request.store).open()
    context = {
        "form": form,
        "has_address": bool(settings.address),
        "address": _lines(settings.address),
        "destinations": sorted(settings.destinations.items()),
        "chosen": settings.label_adapter,
        "adapters": [_facts(code, accounts.get(code)) for code in ADAPTERS],
        "waiting": ReturnParcel.objects.of(request.store).filter(state="label_requested").exclude(error="").count(),
        "points": points.count(),
        "counters": points.filter(is_counter=True).count(),
        "page_title": "Ways back",
    }
    return render(request, "returns/console/ways.html", context)


def _lines(address: dict[str, str]) -> list[str]:
    town = " ".join(filter(None, (address.get("postcode"), address.get("city"), address.get("region"))))
    names = (address.get("name"), address.get("company"), address.get("line1"), address.get("line2"))
    return [line for line in (*names, town, territory(address.get("country", ""))) if line]


def _facts(code: str, account: LabelAccount | None) -> dict[str, Any]:
    if account is None:
        state, tone = "Not connected", "neutral"
    elif account.error:
        state, tone = "Needs a look", "bad"
    else:
        state, tone = ("Working", "good") if account.used_at else ("Connected", "neutral")
    return {"code": code, "name": ADAPTERS[code].name, "account": account, "state": state, "tone": tone}


@require_POST
@staff_page("returns.settings")
def choose_labels(request: StaffRequest) -> HttpResponse:
    adapter = request.POST.get("adapter", "")
    try:
        acts.choose_labels(request.store, adapter, by=request.staff, now=clock.now())
    except CannotChoose as wrong:
        messages.error(request, str(wrong))
        return redirect(PAGE, request.store.slug)
    named = f"{ADAPTERS[adapter].name} makes" if adapter else "We make"
    messages.success(request, f"{named} the labels of returns from now on.")
    return redirect(PAGE, request.store.slug)


@staff_page("returns.settings")
def label_account(request: StaffRequest, code: str) -> HttpResponse:
    """One seller of labels: credentials, a usual parcel, disconnecting."""
    if code not in ADAPTERS:
        raise Http404
    adapter, account = ADAPTERS[code], LabelAccount.objects.of(request.store).filter(adapter=code).first()
    known = label_accounts.credentials(account) if account else {}
    usual = account.usual_parcel if account else {}
    if request.POST.get("action") == "disconnect" and account:
        label_accounts.drop_account(account, by=request.staff, now=clock.now())
        messages.success(request, f"{adapter.name} makes no labels any more, and its credentials are forgotten.")
        return redirect(PAGE, request.store.slug)
    form = LabelAccountForm(adapter, known, usual, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _connected(request, code, form):
        return redirect(PAGE, request.store.slug)
    context = {
        "adapter": adapter,
        "form": form,
        "credentials": [field.name for field in adapter.fields],
        "facts": _facts(code, account),
        "is_chosen": settings_of(request.store).label_adapter == code,
        "page_title": adapter.name,
    }
    return render(request, "returns/console/label_account.html", context)


def _connected(request: StaffRequest, code: str, form: LabelAccountForm) -> bool:
    given, now = form.cleaned_data, clock.now()
    try:
        label_accounts.set_account(request.store, ADAPTERS[code], given, form.usual(), by=request.staff, now=now)
    except CannotConnect as wrong:
        form.add_error(None, str(wrong))
        return False
    messages.success(request, f"{ADAPTERS[code].name} is kept. Choose it below to have it make the labels.")
    return True


@staff_page("returns.settings")
def destination(request: StaffRequest) -> HttpResponse:
    """A new destination, or the one that is named in the address."""
    name, known = request.GET.get("name", ""), settings_of(request.store).destinations
    if name and name not in known:
        raise Http404
    initial = {"called": name, **known[name]} if name else {"country": request.store.country}
    form = DestinationForm(request.store, set(known) - {name}, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        _keep_destination(request.store, form, name, request)
        return redirect(PAGE, request.store.slug)
    context = {"form": form, "name": name, "page_title": name or "New destination"}
    return render(request, "returns/console/destination.html", context)


def _keep_destination(store: Store, form: DestinationForm, before: str, request: StaffRequest) -> None:
    address = {key: value for key, value in form.cleaned_data.items() if key != "called"}
    called = form.cleaned_data["called"]
    acts.set_destination(store, called, address, before=before, by=request.staff, now=clock.now())
    messages.success(request, f"Your policy can send items to {called}.")


@require_POST
@staff_page("returns.settings")
def drop_destination(request: StaffRequest) -> HttpResponse:
    acts.drop_destination(request.store, request.POST.get("name", ""), by=request.staff, now=clock.now())
    messages.success(request, "The destination is gone; what the policy sent there goes to your usual address.")
    return redirect(PAGE, request.store.slug)
