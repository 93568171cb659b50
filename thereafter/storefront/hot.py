"""The fast lane: an order's page straight from ASGI, past Django's middleware. It gives what `views.order` gives.

Each thread keeps its own database connection.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from django.db import InterfaceError, OperationalError, connection

from thereafter.kit import clock
from thereafter.storefront.order_page import Answer, Asked, answer, language_cookie, ready_answer
from thereafter.storefront.shell import LANGUAGE_COOKIE

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
log = logging.getLogger(__name__)

_ADDRESS = re.compile(r"/s/([a-z0-9-]+)/o/([A-Za-z0-9_:=-]+)")
# Python runs one thread at a time, so more of them would only wait for each other. What has to be gathered first may
# wait for the database, and does so elsewhere.
_ready = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pages")
_others = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pages-gather")


def takes(scope: Scope) -> bool:
    """Whether a request is for an order's page."""
    return (
        scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and _ADDRESS.fullmatch(scope["path"]) is not None
    )


async def order_page(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    loop, one = asyncio.get_running_loop(), asked(scope)
    reply = await loop.run_in_executor(_ready, respond_if_ready, one)
    if reply is None:
        reply = await loop.run_in_executor(_others, respond, one)
    await send_answer(reply, scope["method"], send)


async def send_answer(reply: Answer, method: str, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    if reply.keep_language:
        headers.append((b"set-cookie", language_cookie(reply.keep_language).encode()))
    if reply.status != HTTPStatus.NOT_MODIFIED:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else reply.body})


def asked(scope: Scope) -> Asked:
    """What the page depends on, from a raw request whose address fits."""
    found = _ADDRESS.fullmatch(scope["path"])
    slug, token = found.groups() if found else ("", "")
    headers = dict(scope["headers"])
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return Asked(
        store_slug=slug,
        token=token,
        wanted=query.get("lang", [""])[0],
        cookie=_cookie(headers.get(b"cookie", b"").decode("latin-1")),
        seen=headers.get(b"if-none-match", b"").decode("latin-1"),
    )


def _cookie(header: str) -> str:
    """Ours is a plain word. The library's reader of cookies may take seconds, and this runs where nothing may wait."""
    pairs = (part.partition("=") for part in header.split(";") if LANGUAGE_COOKIE in part)
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}.get(LANGUAGE_COOKIE, "")


def respond_if_ready(one: Asked) -> Answer | None:
    """The answer when the page's document lies ready; trouble is left to `respond`."""
    try:
        return ready_answer(one, clock.now())
    except Exception:
        log.exception("the page of an order failed in the fast lane")
        connection.close()
        return None


def respond(one: Asked) -> Answer:
    """The answer; whatever goes wrong is logged and told as a 500. A connection that broke is opened again once."""
    try:
        try:
            return answer(one, clock.now())
        except (InterfaceError, OperationalError):
            connection.close()
            return answer(one, clock.now())
    except Exception:
        log.exception("the page of an order failed")
        connection.close()
        return Answer(500, b"Something went wrong on our side. Please try again in a moment.", _PLAIN)


_PLAIN = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
