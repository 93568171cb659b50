"""The membership card: a code for the till, a number to read out, and the wallets of phones."""

import io
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.passes import MEDIA_TYPE
from thereafter.loyalty import words
from thereafter.loyalty.actions import card_keys
from thereafter.loyalty.models import CardKey
from thereafter.loyalty.queries.standings import Standing
from thereafter.loyalty.storefront.doors import member_page
from thereafter.loyalty.wallet import apple as apple_pass
from thereafter.loyalty.wallet import google as google_pass
from thereafter.loyalty.wallet.card import Card, spaced
from thereafter.storefront import links
from thereafter.storefront.branding import brand
from thereafter.storefront.guards import ShopperRequest, refuse

Wallet = CardKey.Wallet


@require_safe
@member_page
def card(request: ShopperRequest, one: Standing) -> HttpResponse:
    now = clock.now()
    facts = {
        "number": spaced(one.member.card_code),
        "has_apple": card_keys.key_of(request.store, Wallet.APPLE, now) is not None,
        "has_google": card_keys.key_of(request.store, Wallet.GOOGLE, now) is not None,
    }
    return render(request, "loyalty/storefront/card.html", facts)


@require_safe
@member_page
def card_qr(request: ShopperRequest, one: Standing) -> HttpResponse:
    """Dark on white with the white border that cameras want, whatever the page looks like."""
    drawn = io.BytesIO()
    code = segno.make(one.member.card_code, error="m", micro=False)
    code.save(drawn, kind="svg", border=4, light="#fff", omitsize=True)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@require_safe
@member_page
def apple(request: ShopperRequest, one: Standing) -> HttpResponse:
    key = card_keys.key_of(request.store, Wallet.APPLE, clock.now())
    if key is None:
        return refuse(request, 404)
    body = apple_pass.package(card_of(one), card_keys.apple_signer(key))
    response = HttpResponse(body, content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="card.pkpass"'
    return response


@require_safe
@member_page
def google(request: ShopperRequest, one: Standing) -> HttpResponse:
    """To Google, with the signed card in the address."""
    now = clock.now()
    key = card_keys.key_of(request.store, Wallet.GOOGLE, now)
    if key is None:
        return refuse(request, 404)
    account = card_keys.google_account(key)
    there = google_pass.save_link(card_of(one), account, origin=_origin(one), now=now)
    return HttpResponseRedirect(there)


def _origin(one: Standing) -> str:
    parts = urlsplit(links.page(one.member.customer.store, "loyalty_storefront:home"))
    return f"{parts.scheme}://{parts.netloc}"


def card_of(one: Standing) -> Card:
    """The card in the language in force."""
    member, programme = one.member, one.version.programme
    store, tints = member.customer.store, brand(member.customer.store.brand_colour)
    return Card(
        serial=f"thereafter-{store.slug}-{member.pk}",
        shop=store.name,
        programme=words.programme_name(programme, store.name),
        member=member.customer.name,
        code=member.card_code,
        number=spaced(member.card_code),
        points=one.account.available,
        points_label=words.unit(programme, one.account.available),
        tier=words.tier_name(one.tier),
        tier_label=_("Tier"),
        colour=tints.colour,
        on_colour=tints.on_colour,
        page=links.page(store, "loyalty_storefront:home"),
        page_label=_("My points and rewards"),
        logo_url=_absolute(store.logo_url),
    )


def _absolute(address: str) -> str:
    return f"{settings.PUBLIC_URL}{address}" if address.startswith("/") else address
