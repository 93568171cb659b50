"""Pages of ours on the merchant's own site: the script that puts one into a frame, and who may show it there."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse, HttpResponseNotModified
from django.utils import translation

from thereafter.storefront.guards import ShopperRequest
from thereafter.storefront.shell import choose_language


def frame_script(
    request: ShopperRequest, *, place: str, page: str, title: Callable[[], str], highest: int
) -> HttpResponse:
    """Puts `page` into each element with the attribute `place`, as high as it says it is; `highest` in pixels."""
    config = {
        "place": place,
        "page": page,
        "language": choose_language(request.store.locale),
        "title": {code: _in(code, title) for code, _name in settings.LANGUAGES},
        "highest": highest,
    }
    return script(request, config, name="thereafterFrame", source="storefront/embed.js")


def script(request: ShopperRequest, config: Mapping[str, Any], *, name: str, source: str) -> HttpResponse:
    """One of our static scripts, after what it reads from `globalThis` under this name."""
    written = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
    body = f"globalThis.{name}={written};\n{_source(source)}".encode()
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified()
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"], response["ETag"] = "public, max-age=3600", tag
    # Any page may load the script; what it can do there is decided when it asks.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def site_of(request: ShopperRequest) -> str:
    """The site whose page says that it shows this one; whether it may is for the room to say."""
    return request.GET.get("in", "").rstrip("/").lower()


def framed(request: ShopperRequest, response: HttpResponse, site: str) -> HttpResponse:
    """The response, for this site alone to show in a frame."""
    nonce = getattr(request, "csp_nonce", "")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; style-src 'self' 'nonce-{nonce}'; script-src 'self' 'nonce-{nonce}'; "
        f"img-src 'self' data: https:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {site}"
    )
    return response


def _in(language: str, words: Callable[[], str]) -> str:
    with translation.override(language):
        return words()


@lru_cache(maxsize=8)
def _source(path: str) -> str:
    """Without what is for our eyes alone: comments on lines of their own, and how far lines stand in."""
    with open(str(finders.find(path)), encoding="utf-8") as file:
        lines = (line.strip() for line in file)
        return "\n".join(line for line in lines if line and not line.startswith("//"))
