"""Accounts with carriers: connect, try, disconnect, and how asking goes."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from thereafter.console import queries
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, tokens
from thereafter.kit.pages import render
from thereafter.stores.models import Store
from thereafter.tracking.actions import accounts
from thereafter.tracking.actions.accounts import CannotConnect
from thereafter.tracking.actions.polling import text_of
from thereafter.tracking.carriers import errands, wire
from thereafter.tracking.carriers.adapter import Adapter, Ask, Field, Poll
from thereafter.tracking.carriers.errands import Errand, Report
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.console.answers import answer_facts
from thereafter.tracking.models import CarrierAccount, PollPlan

KINDS = {
    "aggregator": ("Tracking services", "One account for all the carriers that they follow."),
    "carrier": ("Carriers", "Asked for the parcels that they bring themselves."),
}


class CredentialsForm(forms.Form):
    """What a carrier wants to have typed in; a secret is never shown again, and stays when its field is left empty."""

    def __init__(self, poll: Poll, known: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in [*poll.fields, accounts.HOST]:
            self.fields[field.name] = _form_field(field, known)

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        if host and not wire.is_safe(host):
            raise forms.ValidationError("Begin with https:// and the name of the host.")
        return host


def _form_field(field: Field, known: dict[str, str]) -> forms.CharField:
    is_kept = field.secret and field.name in known
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    widget = forms.PasswordInput(attrs | {"autocomplete": "new-password"}) if field.secret else forms.TextInput(attrs)
    return forms.CharField(
        label=field.label,
        help_text=f"{field.help} Kept; leave it empty to keep it.".strip() if is_kept else field.help,
        required=field.required and not is_kept,
        max_length=accounts.LONGEST,
        initial="" if field.secret else known.get(field.name, ""),
        widget=widget,
    )


class TryForm(forms.Form):
    number = forms.CharField(label="Tracking number", max_length=80)

    def __init__(self, needs: tuple[str, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in needs:
            self.fields[name] = forms.CharField(label=name.capitalize(), max_length=40)


@require_safe
@staff_page("settings.edit")
def carriers(request: StaffRequest) -> HttpResponse:
    """The accounts and how they do, then what else could be connected."""
    made = {one.adapter: one for one in CarrierAccount.objects.of(request.store)}
    now, followed = clock.now(), _followed(request.store)
    q = request.GET.get("q", "").strip()[:40]
    rest = [one for one in _asked() if one.code not in made and q.lower() in one.name.lower()]
    context: dict[str, Any] = {
        "accounts": [
            _account_facts(made[code], now) | {"adapter": ADAPTERS[code], "followed": followed.get(code, (0, 0))}
            for code in sorted(made)
            if code in ADAPTERS
        ],
        "groups": [
            {"title": title, "about": about, "rows": rows}
            for kind, (title, about) in KINDS.items()
            if (rows := [one for one in rest if one.kind == kind])
        ],
        "q": q,
    }
    return render(request, "tracking/console/carriers.html", context)


def _asked() -> list[Adapter]:
    return sorted((one for one in ADAPTERS.values() if one.poll), key=lambda one: one.name.lower())


def _followed(store: Store) -> dict[str, tuple[int, int]]:
    """Of each account how many parcels are asked for, and for how many asking has expired."""
    rows = PollPlan.objects.of(store).values_list("adapter").annotate(Count("pk"), Count("expired_at"))
    return {adapter: (plans - expired, expired) for adapter, plans, expired in rows}


def _account_facts(account: CarrierAccount, now: datetime) -> dict[str, Any]:
    rests = account.error and account.rests_until and account.rests_until > now
    if account.error:
        state, tone = "Needs a look", "bad"
    elif account.answered_at:
        state, tone = "Working", "good"
    else:
        state, tone = "Not asked yet", "neutral"
    return {"account": account, "state": state, "tone": tone, "rests_until": account.rests_until if rests else None}


@staff_page("settings.edit")
def carrier(request: StaffRequest, carrier: str) -> HttpResponse:
    """One carrier: credentials, a try with a number, disconnecting."""
    adapter, poll = _asked_of(carrier)
    account = CarrierAccount.objects.of(request.store).filter(adapter=carrier).first()
    known = _known(account)
    form, trial = CredentialsForm(poll, known), TryForm(tuple(poll.needs))
    tried: dict[str, Any] | None = None
    action = request.POST.get("action", "") if request.method == "POST" else ""
    if action == "disconnect" and account:
        accounts.disconnect(account, by=request.staff, now=clock.now())
        messages.success(request, f"{adapter.name} is not asked any more, and its credentials are forgotten.")
        return redirect("tracking_console:carriers", request.store.slug)
    if action == "connect":
        form = CredentialsForm(poll, known, request.POST)
        if form.is_valid() and _connected(request, adapter, form):
            return redirect("tracking_console:carrier", request.store.slug, carrier)
    if action == "try" and account:
        trial = TryForm(tuple(poll.needs), request.POST)
        tried = _try(account, trial.cleaned_data) if trial.is_valid() else None
    context = {
        "adapter": adapter,
        "poll": poll,
        "form": form,
        "trial": trial,
        "tried": tried,
        "facts": _account_facts(account, clock.now()) if account else None,
        "followed": _followed(request.store).get(carrier, (0, 0)),
        "traffic": queries.traffic(request.store).get(carrier, {}),
    }
    return render(request, "tracking/console/carrier.html", context)


def _asked_of(code: str) -> tuple[Adapter, Poll]:
    try:
        return accounts.asked_of(code)
    except CannotConnect:
        raise Http404 from None


def _known(account: CarrierAccount | None) -> dict[str, str]:
    try:
        return accounts.credentials_of(account) if account else {}
    except tokens.BadToken:
        return {}


def _connected(request: StaffRequest, adapter: Adapter, form: CredentialsForm) -> bool:
    try:
        accounts.connect(request.store, adapter.code, form.cleaned_data, by=request.staff, now=clock.now())
    except CannotConnect as wrong:
        form.add_error(None, str(wrong))
        return False
    messages.success(request, f"{adapter.name} is connected. Its parcels are asked for within a minute; try it below.")
    return True


def _try(account: CarrierAccount, given: dict[str, str]) -> dict[str, Any]:
    """Asks at once and keeps nothing: what a person wants to see before relying on it."""
    ask = Ask(**given)
    try:
        credentials = accounts.credentials_of(account)
    except tokens.BadToken:
        return {
            "error": "This installation's secret key has changed: type the credentials in again.",
            "number": ask.number,
        }
    errand = Errand(account.store_id, account.pk, account.adapter, credentials, "", (ask,), ())
    report = errands.carry_out(errand)
    return {"number": ask.number} | _tried(report)


def _tried(report: Report) -> dict[str, Any]:
    if report.answer is None:
        return {"error": report.said}
    body = text_of(report.answer)
    facts = answer_facts(report.errand.adapter, body)
    said = report.said if report.verdict != errands.ANSWERED else ""
    is_read = report.verdict in (errands.ANSWERED, errands.DECLINED) and not facts["problem"]
    return facts | {"error": "" if is_read else said or facts["problem"], "raw": body[:20_000]}
