"""Slips for parcels: of one order, of a day, and what stands on them."""

import base64
from datetime import date
from typing import Any

from django import forms
from django.conf import settings as django_settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.campaigns.actions import inserts
from thereafter.campaigns.printing import CannotPrint, set_slips
from thereafter.campaigns.queries import orders_of_day
from thereafter.campaigns.rules.inserts import InsertPlan, Words
from thereafter.commerce.models import Order
from thereafter.commerce.queries import coupon_pools
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.stores.models import Store

FORMATS = (("a6", "A6 card"), ("a5", "A5 sheet"), ("label", "Label of 100 × 150 mm, in black"))
MOST_LOGO_BYTES = 200_000
MOST_AT_ONCE = 300
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


@require_safe
@staff_page("inserts.print")
def day(request: StaffRequest) -> HttpResponse:
    """A day's orders, to be printed together or one by one."""
    on = _day(request.GET.get("on", ""), request.store)
    shows_all = request.GET.get("show") == "all"
    orders = list(orders_of_day(request.store, on, only_open=not shows_all)[: MOST_AT_ONCE + 1])
    context = {
        "on": on,
        "shows_all": shows_all,
        "orders": orders[:MOST_AT_ONCE],
        "is_cut": len(orders) > MOST_AT_ONCE,
        "tabs": [
            {"label": "To be packed", "url": f"?on={on}", "current": not shows_all},
            {"label": "All of that day", "url": f"?on={on}&show=all", "current": shows_all},
        ],
        "page_title": "Parcel inserts",
    }
    return render(request, "campaigns/console/inserts.html", context)


def _day(asked: str, store: Store) -> date:
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return clock.day_in(clock.now(), store.time_zone)


@require_POST
@staff_page("inserts.print")
def print_day(request: StaffRequest) -> HttpResponse:
    on, only_open = _day(request.POST.get("on", ""), request.store), request.POST.get("show") != "all"
    orders = list(orders_of_day(request.store, on, only_open=only_open)[:MOST_AT_ONCE])
    if not orders:
        messages.error(request, "There is nothing to print on that day.")
        return redirect("campaigns_console:inserts", request.store.slug)
    return _printed(request, orders, f"inserts-{on}")


@require_POST
@staff_page("inserts.print")
def print_one(request: StaffRequest, order_id: int) -> HttpResponse:
    rows = Order.objects.of(request.store).select_related("customer")
    return _printed(request, [get_object_or_404(rows, pk=order_id)], f"insert-{order_id}")


def _printed(request: StaffRequest, orders: list[Order], name: str) -> HttpResponse:
    plan = inserts.plan_of(request.store)
    try:
        body = set_slips(request.store, plan, inserts.slips(request.store, plan, orders, clock.now()))
    except CannotPrint as wrong:
        messages.error(request, str(wrong))
        return redirect("campaigns_console:inserts", request.store.slug)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


class InsertForm(forms.Form):
    format = forms.ChoiceField(label="Format", choices=FORMATS, widget=forms.RadioSelect)
    pool = forms.ChoiceField(label="Coupon on each", required=False, help_text="Every order gets a code of its own.")
    shows_order = forms.BooleanField(label="QR code to the order's page", required=False)
    shows_returns = forms.BooleanField(label="A word on sending back", required=False)
    logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="SVG, PNG or JPEG of up to 200 kB. Without one the shop's name stands there.",
    )
    drop_logo = forms.BooleanField(label="Take the logo away", required=False)

    def __init__(self, store: Store, plan: InsertPlan, data: Any = None, files: Any = None) -> None:
        same = {name: getattr(plan, name) for name in ("format", "pool", "shows_order", "shows_returns")}
        words = {
            f"{part}_{code}": getattr(said, part)
            for code, said in plan.words.items()
            for part in ("greeting", "note", "returns")
        }
        super().__init__(data, files, initial=same | words)
        self.plan = plan
        pool = self.fields["pool"]
        assert isinstance(pool, forms.ChoiceField)  # noqa: S101 declared above
        pool.choices = [("", "None"), *((one.key, one.name) for one in coupon_pools(store))]
        if not plan.logo:
            del self.fields["drop_logo"]
        for code, _ in django_settings.LANGUAGES:
            self.fields[f"greeting_{code}"] = _text("Greeting", 80, code, 1)
            self.fields[f"note_{code}"] = _text("Note", 600, code, 3)
            self.fields[f"returns_{code}"] = _text("Sending back", 600, code, 2)

    def clean_logo(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["logo"]
        if file is None:
            return None
        if not file.size or file.size > MOST_LOGO_BYTES:
            raise forms.ValidationError("Up to 200 kB, please.")
        if not _kind(file):
            raise forms.ValidationError("This is no SVG, PNG or JPEG picture.")
        return file

    def filled(self) -> InsertPlan:
        given = self.cleaned_data
        words = {
            code: Words(**{part: given[f"{part}_{code}"].strip() for part in ("greeting", "note", "returns")})
            for code, _ in django_settings.LANGUAGES
        }
        kind, logo = str(self.plan.logo_kind), self.plan.logo
        if given.get("drop_logo"):
            kind, logo = "", ""
        if given["logo"]:
            kind, logo = _kind(given["logo"]), base64.b64encode(given["logo"].read()).decode()
        return InsertPlan(
            format=given["format"],
            pool=given["pool"],
            shows_order=given["shows_order"],
            shows_returns=given["shows_returns"],
            words={code: said for code, said in words.items() if said != Words()},
            logo_kind=kind,  # type: ignore[arg-type]  # one of the kinds that `_kind` names
            logo=logo,
        )


def _text(label: str, most: int, language: str, rows: int) -> forms.CharField:
    widget = (
        forms.Textarea(attrs={"rows": rows, "lang": language})
        if rows > 1
        else forms.TextInput(attrs={"lang": language})
    )
    return forms.CharField(label=label, required=False, max_length=most, widget=widget)


def _kind(file: UploadedFile) -> str:
    """By its first bytes, whatever it is called."""
    file.seek(0)
    begin = file.read(400)
    file.seek(0)
    by_sign = next((kind for sign, kind in _KINDS.items() if begin.startswith(sign)), "")
    return by_sign or ("svg" if b"<svg" in begin else "")


@staff_page("inserts.edit")
def settings(request: StaffRequest) -> HttpResponse:
    plan = inserts.plan_of(request.store)
    form = InsertForm(request.store, plan, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect("campaigns_console:insert_settings", request.store.slug)
    languages = [
        {"code": code, "name": name, "fields": [f"greeting_{code}", f"note_{code}", f"returns_{code}"]}
        for code, name in django_settings.LANGUAGES
    ]
    own = request.store.locale[:2]
    context = {
        "form": form,
        "plan": plan,
        "languages": sorted(languages, key=lambda one: one["code"] != own),
        "main": [
            name
            for name in ("format", "pool", "shows_order", "shows_returns", "logo", "drop_logo")
            if name in form.fields
        ],
        "page_title": "Parcel inserts: settings",
    }
    return render(request, "campaigns/console/insert_settings.html", context)


def _saved(request: StaffRequest, form: InsertForm) -> bool:
    """A logo that cannot be set is told here, not when the parcels are waiting."""
    plan = form.filled()
    try:
        set_slips(request.store, plan, [inserts.sample(request.store, plan, request.store.locale)])
    except CannotPrint as wrong:
        form.add_error("logo" if form.cleaned_data.get("logo") else None, str(wrong))
        return False
    inserts.change(request.store, plan, now=clock.now(), by=request.staff)
    messages.success(request, "Saved.")
    return True


@require_safe
@staff_page("inserts.print")
def sample(request: StaffRequest) -> HttpResponse:
    """What is set now, for somebody made up: a picture to look at, or the PDF to print once."""
    plan = inserts.plan_of(request.store)
    language = request.GET.get("language", request.store.locale)
    slip = inserts.sample(request.store, plan, language)
    if request.GET.get("as") == "png":
        return HttpResponse(set_slips(request.store, plan, [slip], kind="png"), content_type="image/png")
    return HttpResponse(set_slips(request.store, plan, [slip]), content_type="application/pdf")
