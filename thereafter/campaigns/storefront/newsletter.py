"""Signing up for the newsletter: the shop's page, the same form in a frame of the merchant's site, and the yes."""

from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from thereafter.campaigns import links
from thereafter.campaigns.actions import signups
from thereafter.campaigns.actions.signups import Asked
from thereafter.campaigns.blocks import told
from thereafter.campaigns.models import SignupForm
from thereafter.campaigns.storefront.forms import NewsletterForm
from thereafter.commerce.models import Coupon
from thereafter.kit import clock, tokens
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.storefront import actions as doors
from thereafter.storefront import embedding, rules
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import page
from thereafter.stores.models import Store


@csrf_exempt
@shopper_page
def sign_up(request: ShopperRequest) -> HttpResponse:
    """The form, and after it what happens next: a mail that asks whether it was meant. Without a cookie or token:
    who is signed up by force gets one mail and has to say yes."""
    return _form_page(request, source=request.build_absolute_uri(request.path), framed_by="")


@csrf_exempt
@shopper_page
def embedded(request: ShopperRequest) -> HttpResponse:
    """The same without the shop's head and foot, for the sites that the merchant named to show in a frame."""
    wanted = embedding.site_of(request)
    form = _settings(request.store)
    if wanted not in {str(one).rstrip("/").lower() for one in form.origins}:
        return refuse(request, 403)
    response = _form_page(request, source=wanted, framed_by=wanted)
    return embedding.framed(request, response, wanted)


def _settings(store: Store) -> SignupForm:
    found = SignupForm.objects.of(store).first()
    return found or SignupForm(store=store, changed_at=clock.now())


def _form_page(request: ShopperRequest, *, source: str, framed_by: str) -> HttpResponse:
    settings_of_form = _settings(request.store)
    if not settings_of_form.is_open:
        return refuse(request, 404)
    form = NewsletterForm(request.POST or None, asks_name=settings_of_form.asks_name)
    shown = promise(settings_of_form, request.store)
    facts: dict[str, Any] = {"form": form, "promise": shown, "is_asked": False, "action": request.get_full_path()}
    facts |= {"framed_by": framed_by} if framed_by else {}
    if request.method == "POST" and form.is_valid():
        if not _may_try(request, form.cleaned_data["email"]):
            return refuse(request, 429)
        if not form.cleaned_data["website"]:
            _ask(request, form, shown, source)
        facts["is_asked"] = True
    return render(request, "campaigns/storefront/newsletter.html", facts)


def promise(form: SignupForm, store: Store) -> str:
    """What the shopper agrees to; kept as evidence word for word."""
    language = (translation.get_language() or "en").split("-")[0]
    own = str(form.promise.get(language) or "").strip()
    return own or _(
        "Yes, %(shop)s may send me news and offers by e-mail. I can end this at any time with one tap in every mail."
    ) % {"shop": store.name}


def _may_try(request: ShopperRequest, email: str) -> bool:
    tries = {f"address:{client_address(request)}": rules.FROM_ADDRESS, f"newsletter:{email}": rules.FOR_EMAIL}
    return doors.knock(request.store, tries, clock.now())


def _ask(request: ShopperRequest, form: NewsletterForm, shown: str, source: str) -> None:
    asked = Asked(
        email=form.cleaned_data["email"],
        name=form.cleaned_data.get("name", ""),
        language=(translation.get_language() or "en").split("-")[0],
        shown=shown,
        source=source,
        address=client_address(request),
    )
    signups.ask(request.store, asked, now=clock.now())


@csrf_exempt
@shopper_page
def confirm(request: ShopperRequest, token: str) -> HttpResponse:
    """Link scanners open every link of a mail, so opening this one only shows the button; a press counts."""
    try:
        signup = links.signup_of(request.store, token)
    except tokens.Expired:
        return render(request, "campaigns/storefront/newsletter_over.html", status=410)
    except tokens.BadToken:
        return refuse(request, 404)
    if signup is None:
        return refuse(request, 404)
    done, coupon = signup.confirmed_at is not None, None
    if request.method == "POST":
        coupon = signups.confirm(signup, address=client_address(request), now=clock.now())
        done = True
    facts = {"signup": signup, "done": done, "coupon": _shown(coupon, request.store) if coupon else None}
    return render(request, "campaigns/storefront/newsletter_confirm.html", facts)


def _shown(coupon: Coupon, store: Store) -> dict[str, Any]:
    return told(coupon, store.time_zone)


@require_safe
@shopper_page
def script(request: ShopperRequest) -> HttpResponse:
    """Puts the form into the merchant's page: `<div data-thereafter-newsletter></div>`."""
    return embedding.frame_script(
        request,
        place="data-thereafter-newsletter",
        page=page(request.store, "campaigns_storefront:embedded"),
        title=lambda: _("Newsletter"),
        highest=1200,
    )
