"""What the frame of every shopper's page needs: the shop, its colours, the languages."""

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from thereafter.commerce.models import Customer
from thereafter.storefront.branding import brand
from thereafter.storefront.footing import footer_links
from thereafter.stores.models import Store

LANGUAGE_COOKIE = "lang"
_LANGUAGES = dict(settings.LANGUAGES)


def choose_language(*wanted: str | None) -> str:
    """The first that we speak of what the shopper asked for, chose before, and the shop speaks; else English."""
    short = (code.replace("_", "-").split("-")[0].lower() for code in wanted if code)
    return next((code for code in short if code in _LANGUAGES), "en")


def language_of(customer: Customer) -> str:
    return choose_language(customer.locale, customer.store.locale)


def in_language_of(customer: Customer) -> AbstractContextManager[None]:
    return translation.override(language_of(customer))


def page_facts(store: Store, language: str) -> dict[str, Any]:
    """The context of `storefront/base.html` but for the nonce."""
    return {
        "store": shop_facts(store),
        "brand": _brand(store.brand_colour),
        "lang": language,
        "languages": languages(language),
        "lookup_url": _address("storefront:look_up", store.slug),
        "sign_in_url": _address("storefront:sign_in", store.slug),
        "footer_links": footer_links(store, language),
    }


def shop_facts(store: Store) -> dict[str, str]:
    return {
        "name": store.name,
        "slug": store.slug,
        "logo_url": store.logo_url,
        "shop_url": store.shop_url,
        "support_email": store.support_email,
        "legal_address": store.legal_address,
        "home_url": _address("storefront:start", store.slug),
    }


@lru_cache(maxsize=256)
def _brand(colour: str) -> dict[str, str]:
    tints = brand(colour)
    return {
        "brand": tints.colour,
        "on_brand": tints.on_colour,
        "brand_text": tints.text_light,
        "brand_text_dark": tints.text_dark,
    }


@lru_cache(maxsize=64)
def languages(current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "lang": code, "url": f"?lang={code}", "current": code == current}
        for code, label in _LANGUAGES.items()
    ]


@lru_cache(maxsize=512)
def _address(name: str, slug: str) -> str:
    return reverse(name, args=[slug]) if slug else ""
