"""How shoppers take their delivery along: on the merchant's own page, in their wallet, by text message."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.certificates import CertificateForm
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.storefront import links
from thereafter.tracking import sending
from thereafter.tracking.actions import wallet
from thereafter.tracking.models import Subscription, WalletKey
from thereafter.tracking.passes import BadCertificate
from thereafter.tracking.queries import settings_of


@require_safe
@staff_page("tracking.read")
def sharing(request: StaffRequest) -> HttpResponse:
    return _page(request, CertificateForm())


def _page(request: StaffRequest, form: CertificateForm) -> HttpResponse:
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
    form = CertificateForm(request.POST, request.FILES)
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
