"""How shoppers take their delivery along: on the merchant's own page, in their wallet, by text message."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.storefront import links
from thereafter.tracking import passes, sending
from thereafter.tracking.actions import wallet
from thereafter.tracking.models import Subscription, WalletKey
from thereafter.tracking.passes import BadCertificate, Signer
from thereafter.tracking.queries import settings_of

MOST_BYTES = 64 * 1024


class WalletForm(forms.Form):
    certificate = forms.FileField(
        label="Certificate and key",
        help_text="The .p12 file that Keychain exports for your pass type, or a .pem file with both.",
        widget=forms.FileInput(attrs={"accept": ".p12,.pfx,.pem"}),
    )
    password = forms.CharField(
        label="Password of that file",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    issuer = forms.FileField(
        label="Apple's intermediate certificate",
        help_text="Worldwide Developer Relations, the one that signed yours, as Apple gives it (.cer or .pem).",
        widget=forms.FileInput(attrs={"accept": ".cer,.pem,.crt"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("certificate") and given.get("issuer"):
            try:
                given["signer"] = self._signer(given)
            except BadCertificate as wrong:
                raise forms.ValidationError(str(wrong)) from None
        return given

    def _signer(self, given: dict[str, Any]) -> Signer:
        if max(given["certificate"].size, given["issuer"].size) > MOST_BYTES:
            raise BadCertificate("These files are too long to be certificates.")
        return passes.signer(given["certificate"].read(), given["password"], given["issuer"].read())


@require_safe
@staff_page("tracking.read")
def sharing(request: StaffRequest) -> HttpResponse:
    return _page(request, WalletForm())


def _page(request: StaffRequest, form: WalletForm) -> HttpResponse:
    store, chosen = request.store, settings_of(request.store).page
    live = Subscription.objects.of(store).filter(confirmed_at__isnull=False, ended_at__isnull=True)
    facts = {
        "form": form,
        "may_edit": request.membership.may("settings.edit"),
        "key": WalletKey.objects.of(store).first(),
        "script": links.page(store, "tracking_storefront:embed_script"),
        "look_up": links.page(store, "storefront:look_up"),
        "origins": chosen.embed_origins,
        "subscribe": chosen.subscribe,
        "sms": sending.sms_account() is not None,
        "sms_from": settings.SMS_FROM,
        "followers": live.count(),
    }
    return render(request, "tracking/console/sharing.html", facts)


@require_POST
@staff_page("settings.edit")
def keep_wallet_key(request: StaffRequest) -> HttpResponse:
    form = WalletForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    try:
        wallet.keep_wallet_key(request.store, form.cleaned_data["signer"], by=request.staff, now=clock.now())
    except BadCertificate as wrong:
        form.add_error(None, str(wrong))
        return _page(request, form)
    messages.success(request, "Shoppers can now add their delivery to Apple Wallet.")
    return redirect("tracking_console:sharing", request.store.slug)


@require_POST
@staff_page("settings.edit")
def drop_wallet_key(request: StaffRequest) -> HttpResponse:
    wallet.drop_wallet_key(request.store, by=request.staff, now=clock.now())
    messages.success(request, "The certificate and its key are gone; the button is not shown any more.")
    return redirect("tracking_console:sharing", request.store.slug)
