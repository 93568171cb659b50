"""Small things every page needs: a content policy with a nonce, and answers that fit who asked."""

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

Handler = Callable[[HttpRequest], HttpResponse]
# Before Python 3.11.10 a cookie of 60 kB of backslashes takes ten seconds to read (CVE-2024-7592). Ours have few.
MOST_BACKSLASHES = 1_000


class PlainCookies:
    """Cookies that would take long to read are not read at all."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if str(request.META.get("HTTP_COOKIE", "")).count("\\") > MOST_BACKSLASHES:
            request.META["HTTP_COOKIE"] = ""
        return self.get_response(request)


class PlainPaths:
    """An address with a NUL character is nothing's: PostgreSQL refuses to look for it, and the page would break."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404
        return self.get_response(request)


class ContentPolicy:
    """Only our own scripts and styles run; images may come from the shop. Pages carry `request.csp_nonce`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(12)
        setattr(request, "csp_nonce", nonce)  # noqa: B010 HttpRequest declares no such field
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; style-src 'self' 'nonce-{nonce}'; script-src 'self' 'nonce-{nonce}'; "
            "img-src 'self' data: https: http:; object-src 'none'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'",
        )
        return response


def leave_out_nul(request: HttpRequest) -> None:
    """A NUL character in what was typed says nothing, and PostgreSQL keeps none: the page would break."""
    for name in ("GET", "POST"):
        given: QueryDict = getattr(request, name)
        if not any("\0" in text for key, texts in given.lists() for text in (key, *map(str, texts))):
            continue
        clean = QueryDict(mutable=True)
        for key, texts in given.lists():
            clean.setlist(key.replace("\0", ""), [str(text).replace("\0", "") for text in texts])
        setattr(request, name, clean)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (a boosted link wants the whole)."""
    details: Any = getattr(request, "htmx", None)
    return bool(details) and not details.boosted


def client_address(request: HttpRequest) -> str:
    """Who asks, for limits on guessing; behind our own proxy what that one says, which it adds last."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")) if settings.BEHIND_PROXY else ""
    return forwarded.split(",")[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))
