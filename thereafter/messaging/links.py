"""Who opened a mail and what was clicked: links that lead past us, and a picture of one point.

Written into a letter after it was rendered, so that what is kept of a message is what its template made. An address
stands inside of its signature: nobody can make us lead anywhere else.
"""

import base64
import binascii
import html
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
from django.conf import settings

from thereafter.kit import tokens
from thereafter.messaging.channels.letters import Letter
from thereafter.messaging.models import Message
from thereafter.messaging.rules.classes import TRANSACTIONAL
from thereafter.messaging.rules.contact_rules import Tracking
from thereafter.storefront.links import absolute

CLICK, OPEN = "click", "open"
KEPT_FOR = timedelta(days=400)
LONGEST_URL = 1_500
# The others sign somebody in, or end something: they never lead past anybody, and nothing counts who follows them.
COUNTED = frozenset({"order"})
_LINK = re.compile(r'(<(?:a|v:[a-z]+)\s[^>]*?\bhref=")(https?://[^"]+)(")', re.IGNORECASE)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_SEAL = 18


class Followed(NamedTuple):
    """What a token says."""

    store_id: int
    message_id: int
    url: str


def tracked(letter: Letter, message: Message, tracking: Tracking, now: datetime) -> Letter:
    """The letter with what the shop wants to know of its readers. Order news are never watched."""
    page = letter.html
    if message.facts.get("utm"):
        tracking = msgspec.structs.replace(tracking, utm=True)
    if message.message_class == TRANSACTIONAL or not page or not (tracking.opens or tracking.clicks or tracking.utm):
        return letter
    until = (now + KEPT_FOR - _EPOCH).days
    if tracking.clicks or tracking.utm:
        page = _led(page, message, tracking, until)
    if tracking.opens:
        address = absolute(message.store, f"/s/{message.store.slug}/messaging/o/")
        page = _with_picture(page, f"{address}{_signed(OPEN, message, until, '')}.gif")
    return replace(letter, html=page)


def _led(page: str, message: Message, tracking: Tracking, until: int) -> str:
    kept, shop = _untouched(message), urlsplit(message.store.shop_url).hostname or ""
    begin = absolute(message.store, f"/s/{message.store.slug}/messaging/c/")

    def lead(found: re.Match[str]) -> str:
        url = html.unescape(found[2])
        if url in kept or len(url) > LONGEST_URL:
            return found[0]
        if tracking.utm and shop:
            url = with_source(url, shop, message)
        there = f"{begin}{_signed(CLICK, message, until, url)}" if tracking.clicks else html.escape(url)
        return f"{found[1]}{there}{found[3]}"

    return _LINK.sub(lead, page)


def _untouched(message: Message) -> Collection[str]:
    named = message.facts.get("links") or {}
    return {str(url) for name, url in named.items() if name not in COUNTED and url}


def with_source(url: str, shop: str, message: Message) -> str:
    """For the shop's own statistics: where somebody came from, unless the link says so already."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not (host == shop or host.endswith(f".{shop}")):
        return url
    asked = parse_qsl(parts.query, keep_blank_values=True)
    told = {
        "utm_source": "thereafter",
        "utm_medium": message.channel,
        "utm_campaign": message.template,
        "utm_content": message.origin,
        **(message.facts.get("utm") or {}),
    }
    known = {name for name, _ in asked}
    more = [(name, value) for name, value in told.items() if value and name not in known]
    return urlunsplit(parts._replace(query=urlencode([*asked, *more])))


def _with_picture(page: str, address: str) -> str:
    picture = f'<img src="{address}" width="1" height="1" alt="" style="display:block;border:0;height:1px;width:1px">'
    before, end, after = page.rpartition("</body>")
    return f"{before}{picture}{end}{after}" if end else page + picture


def _signed(purpose: str, message: Message, until: int, url: str) -> str:
    told = f"{message.store_id}:{message.pk}:{until}:{url}".encode()
    return f"{_text(told)}.{_text(_seal(purpose, told))}"


def read(purpose: str, token: str, now: datetime) -> Followed:
    """What a token says; raises `tokens.BadToken`, or `tokens.Expired` when it is too old."""
    told, _, seal = token.partition(".")
    try:
        plain = _bytes(told)
        store_id, message_id, until, url = plain.decode().split(":", 3)
        followed, day = Followed(int(store_id), int(message_id), url), int(until)
        sealed = _bytes(seal)
    except (ValueError, binascii.Error):
        raise tokens.BadToken("not a token of ours") from None
    if not tokens.same(_seal(purpose, plain), sealed):
        raise tokens.BadToken("altered, or for another purpose")
    if (now - _EPOCH).days > day:
        raise tokens.Expired("too old")
    return followed


def _seal(purpose: str, told: bytes) -> bytes:
    return tokens.hmac_sha256(_key(purpose, settings.SECRET_KEY), told)[:_SEAL]


@lru_cache(maxsize=8)
def _key(purpose: str, secret: str) -> str:
    return tokens.hmac_sha256(secret, f"thereafter.links.{purpose}".encode()).hex()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
