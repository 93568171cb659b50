"""Where members find the programme: its pages, the frame for the merchant's site, cards in wallets."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.certificates import MOST_BYTES, CertificateForm
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.passes import BadCertificate
from thereafter.loyalty.actions import card_keys
from thereafter.loyalty.models import CardKey
from thereafter.loyalty.wallet import google
from thereafter.storefront import links

Wallet = CardKey.Wallet


class GoogleForm(forms.Form):
    prefix = "google"
    issuer = forms.CharField(
        label="Issuer ID", max_length=30, help_text="The number that the Google Pay and Wallet console shows."
    )
    key = forms.FileField(
        label="Key of the service account",
        help_text="The JSON file that Google Cloud made. The account must be a user of your issuer.",
        widget=forms.FileInput(attrs={"accept": ".json"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("issuer") and given.get("key"):
            try:
                if given["key"].size > MOST_BYTES:
                    raise google.BadKey("This file is too long to be a key.")
                given["account"] = google.account(given["issuer"], given["key"].read())
            except google.BadKey as wrong:
                raise forms.ValidationError(str(wrong)) from None
        return given


class OriginsForm(forms.Form):
    origins = forms.CharField(
        label="Sites that may show it",
        required=False,
        help_text="One a line, such as https://shop.example.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_safe
@staff_page("loyalty.read")
def pages(request: StaffRequest) -> HttpResponse:
    return _page(request)


def _page(request: StaffRequest, **bound: forms.Form) -> HttpResponse:
    store = request.store
    keys = {key.wallet: key for key in CardKey.objects.of(store)}
    origins = sorted(card_keys.origins_of(store))
    facts = {
        "page_url": links.page(store, "loyalty_storefront:home"),
        "script": links.page(store, "loyalty_storefront:widget_script"),
        "json": links.page(store, "loyalty_storefront:programme"),
        "origins": origins,
        "origins_form": OriginsForm(initial={"origins": "\n".join(origins)}),
        "apple": keys.get(Wallet.APPLE),
        "google": keys.get(Wallet.GOOGLE),
        "apple_form": CertificateForm(prefix="apple"),
        "google_form": GoogleForm(),
        "now": clock.now(),
        **bound,
    }
    return render(request, "loyalty/console/pages.html", facts, status=422 if bound else 200)


@require_POST
@staff_page("settings.edit")
def keep_origins(request: StaffRequest) -> HttpResponse:
    form = OriginsForm(request.POST)
    form.is_valid()
    try:
        given = form.cleaned_data.get("origins", "").split()
        card_keys.set_origins(request.store, given, by=request.staff, now=clock.now())
    except card_keys.BadOrigin as wrong:
        form.add_error("origins", str(wrong))
        return _page(request, origins_form=form)
    messages.success(request, "Saved. These sites may show the programme now.")
    return redirect("loyalty_console:pages", request.store.slug)


@require_POST
@staff_page("settings.edit")
def keep_apple(request: StaffRequest) -> HttpResponse:
    form = CertificateForm(request.POST, request.FILES, prefix="apple")
    if not form.is_valid():
        return _page(request, apple_form=form)
    try:
        card_keys.keep_apple(request.store, form.cleaned_data["signer"], by=request.staff, now=clock.now())
    except BadCertificate as wrong:
        form.add_error(None, str(wrong))
        return _page(request, apple_form=form)
    messages.success(request, "Members can now add their card to Apple Wallet.")
    return redirect("loyalty_console:pages", request.store.slug)


@require_POST
@staff_page("settings.edit")
def keep_google(request: StaffRequest) -> HttpResponse:
    form = GoogleForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, google_form=form)
    card_keys.keep_google(request.store, form.cleaned_data["account"], by=request.staff, now=clock.now())
    messages.success(request, "Members can now add their card to Google Wallet.")
    return redirect("loyalty_console:pages", request.store.slug)


@require_POST
@staff_page("settings.edit")
def drop_card_key(request: StaffRequest, wallet: str) -> HttpResponse:
    card_keys.drop(request.store, wallet, by=request.staff, now=clock.now())
    messages.success(request, "The key is gone; the button is not shown any more.")
    return redirect("loyalty_console:pages", request.store.slug)
