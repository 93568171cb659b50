"""The order's page, as a function of what was asked: the same for Django's view and for the fast lane in `hot.py`.

Its usual path is one read of one row, a signature and a template. It sets no session and holds no form.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection
from django.template import engines
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from thereafter.commerce.models import Order
from thereafter.kit import tokens
from thereafter.kit.clock import day_in
from thereafter.storefront.documents import gather, release
from thereafter.storefront.links import ORDER_LINK_DAYS
from thereafter.storefront.shell import LANGUAGE_COOKIE, choose_language, page_facts
from thereafter.stores.models import Store

_BRAND = ("name", "brand_colour", "logo_url", "shop_url", "support_email", "legal_address")
_STORE_FIELDS = ("id", "slug", "locale", "time_zone", "domain", "country", *_BRAND)
_DOCUMENT_FIELDS = ("version", "body", "made_on", "made_by")
# One statement, written out because building it anew would cost more than running it.
_SELECT = "SELECT {} FROM storefront_orderdocument d JOIN stores_store s ON s.id = d.store_id {}".format(  # noqa: S608 our own columns
    ", ".join([*(f"d.{name}" for name in _DOCUMENT_FIELDS), *(f"s.{name}" for name in _STORE_FIELDS)]),
    "WHERE d.order_id = %s AND d.store_id = %s AND s.slug = %s",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request the page depends on. `wanted` is the language of the address, `cookie` the one kept before."""

    store_slug: str
    token: str
    wanted: str = ""
    cookie: str = ""
    seen: str = ""
    # The one site that may show the page in a frame of its own, as an origin; whoever asks has made sure of it.
    framed_by: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    keep_language: str = ""


@dataclass(frozen=True, slots=True)
class _Document:
    version: str
    body: str
    store: Store


def answer(asked: Asked, now: datetime) -> Answer:
    """The page, 304 when the caller has seen this very page, 404 or 410 with a way on."""
    ready = ready_answer(asked, now)
    if ready is not None:
        return ready
    try:
        document = _make(asked.store_slug, *_ids(asked.token), now)
    except tokens.Expired:
        return refusal(asked, 410)
    except tokens.BadToken:
        return refusal(asked, 404)
    return _page(asked, document, day_in(now, document.store.time_zone)) if document else refusal(asked, 404)


def ready_answer(asked: Asked, now: datetime) -> Answer | None:
    """The page if its document lies ready, by one read and no write; None when `answer` has to do more."""
    try:
        document = _read(asked.store_slug, *_ids(asked.token), now)
    except tokens.BadToken:
        return None
    return _page(asked, document, day_in(now, document.store.time_zone)) if document else None


def _ids(token: str) -> tuple[int, int]:
    """Store and order of a token; raises `BadToken`."""
    parts = tokens.read("order", token, max_age_days=ORDER_LINK_DAYS)
    try:
        store_id, order_id = (int(part) for part in parts)
    except (ValueError, TypeError):
        raise tokens.BadToken("not an order's token") from None
    return store_id, order_id


def _read(slug: str, store_id: int, order_id: int, now: datetime) -> _Document | None:
    """The document that lies ready, if it is of today and of this release."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [order_id, store_id, slug])
        row = cursor.fetchone()
    if row is None:
        return None
    version, body, made_on, made_by = row[:4]
    store = Store(**dict(zip(_STORE_FIELDS, row[4:], strict=True)))
    fresh = version and made_by == release() and str(made_on) == day_in(now, store.time_zone).isoformat()
    return _Document(version, body, store) if fresh else None


def _make(slug: str, store_id: int, order_id: int, now: datetime) -> _Document | None:
    order = Order.objects.of(store_id).filter(pk=order_id, store__slug=slug).select_related("store").first()
    return _Document(*gather(order, now), order.store) if order else None


def _page(asked: Asked, document: _Document, today: date) -> Answer:
    language = choose_language(asked.wanted, asked.cookie, document.store.locale)
    frame = f".{zlib.crc32(asked.framed_by.encode()):x}" if asked.framed_by else ""
    tag = f'"{document.version}.{language}.{_look(document.store):x}.{today:%y%m%d}{frame}"'
    headers = _headers(tag, language, asked.framed_by)
    keep = language if asked.wanted == language else ""
    if asked.seen and tag in asked.seen.replace("W/", "").split(", "):
        return Answer(304, b"", headers, keep)
    facts = msgspec.json.decode(document.body)
    with timezone.override(document.store.time_zone), translation.override(language):
        shown = {"csp_nonce": _nonce(tag), "tag": tag, "token": asked.token, "framed_by": asked.framed_by}
        return Answer(200, _render(document.store, facts, language, shown), headers, keep)


def _look(store: Store) -> int:
    """Changes with anything of the shop that the page shows."""
    return zlib.crc32(repr([getattr(store, name) for name in _STORE_FIELDS]).encode())


def _nonce(tag: str) -> str:
    """The page and its tag go together, so a page that was kept fits the policy that comes with a 304."""
    return tokens.hmac_sha256(settings.SECRET_KEY, b"nonce" + tag.encode()).hex()[:24]


def _headers(tag: str, language: str, framed_by: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache", **_always(_nonce(tag), language, framed_by)}


def _always(nonce: str, language: str, framed_by: str = "") -> dict[str, str]:
    # The older header knows no single site that may.
    frames = {} if framed_by else {"X-Frame-Options": "DENY"}
    site = framed_by or "'none'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Vary": "Cookie",
        "X-Robots-Tag": "noindex",
        "X-Content-Type-Options": "nosniff",
        **frames,
        "Referrer-Policy": "same-origin",
        "Content-Security-Policy": f"default-src 'self'; style-src 'self' 'nonce-{nonce}'; script-src 'self' "
        f"'nonce-{nonce}'; img-src 'self' data: https: http:; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {site}",
    }


def _render(store: Store, facts: dict[str, Any], language: str, shown: dict[str, str]) -> bytes:
    """`shown`: nonce and tag of this page, and the token it was asked with, for links to the order's other pages."""
    shared = {**page_facts(store, language), **shown, "today": facts["today"], "order": facts}
    panels = [
        {"title": panel["title"], "html": mark_safe(_template(panel["template"]).render(shared | panel["context"]))}  # noqa: S308 an escaping template
        for panel in facts["panels"]
    ]
    return str(_template("storefront/order.html").render(shared | {"panels": panels})).encode()


@lru_cache(maxsize=64)
def _engine() -> Any:
    return engines["jinja2"].env  # type: ignore[attr-defined]  # the Jinja2 backend's


def _template(name: str) -> Any:
    return _engine().get_template(name)


def refusal(asked: Asked, status: int) -> Answer:
    """The shop's own page for a link that does not open, if there is such a shop."""
    store = Store.objects.filter(slug=asked.store_slug).first() or Store(name="Thereafter", slug="")
    language = choose_language(asked.wanted, asked.cookie, store.locale)
    nonce = _nonce(asked.token[:40])
    facts = {**page_facts(store, language), "status": status, "csp_nonce": nonce, "framed_by": asked.framed_by}
    with translation.override(language):
        body = str(_template("storefront/error.html").render(facts)).encode()
    return Answer(status, body, {"Cache-Control": "no-store", **_always(nonce, language, asked.framed_by)})


def language_cookie(language: str) -> str:
    return f"{LANGUAGE_COOKIE}={language}; Max-Age=31536000; Path=/; SameSite=Lax"
