"""The fast lane of widgets, which stand on every product page of a shop: an answer that was just given is given again.

It holds for two seconds, in the memory of the process, and while one request fetches the next one the others still get
it; browsers keep theirs for a minute anyway. Whoever has it already hears 304.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

FRESH_SECONDS, LENT_SECONDS = 2.0, 10.0
# An answer is some 35 kB: 14 MB of them at most.
MOST_KEPT = 400
# On a store's own domain the address has no store in it.
_ADDRESS = re.compile(
    r"(?:/s/[a-z0-9-]+)?/(?:feedback/widgets/(?:list|stars|gallery|questions|form|stars\.json|list\.json)"
    r"|recommendations/widget/(?:product|basket))"
)
_NOT_AGAIN = {b"set-cookie", b"content-length", b"date", b"server", b"content-security-policy"}


def takes(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "GET" and _ADDRESS.fullmatch(scope["path"]) is not None


@dataclass(slots=True)
class Given:
    headers: list[Header]
    body: bytes
    tag: bytes
    fresh_until: float
    is_fetched: bool = False


class WidgetLane:
    """Before `app`, which gives what is not kept."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._given: OrderedDict[tuple[object, ...], Given] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        key = (scope["path"], scope.get("query_string", b""), headers.get(b"host"), headers.get(b"origin"))
        seen, now = headers.get(b"if-none-match", b""), asyncio.get_running_loop().time()
        kept = self._given.get(key)
        if kept is not None and (now < kept.fresh_until or (kept.is_fetched and now < kept.fresh_until + LENT_SECONDS)):
            self._given.move_to_end(key)
            await _answer(kept, seen, send)
            return
        if kept is not None:
            kept.is_fetched = True
        try:
            await self._fetch(key, scope, receive, send)
        finally:
            if kept is not None:
                kept.is_fetched = False

    async def _fetch(self, key: tuple[object, ...], scope: Scope, receive: Receive, send: Send) -> None:
        """Asks for the whole, so that it can be given to others, and answers this one."""
        asked = {**scope, "headers": [one for one in scope["headers"] if one[0] != b"if-none-match"]}
        seen = dict(scope["headers"]).get(b"if-none-match", b"")
        start: MutableMapping[str, Any] = {}
        parts: list[bytes] = []

        async def take(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(asked, receive, take)
        body = b"".join(parts)
        if start.get("status") != HTTPStatus.OK or any(name.lower() == b"set-cookie" for name, _ in start["headers"]):
            await send(start)
            await send({"type": "http.response.body", "body": body})
            return
        await _answer(self._keep(key, start["headers"], body), seen, send)

    def _keep(self, key: tuple[object, ...], headers: list[Header], body: bytes) -> Given:
        kept = [(name.lower(), value) for name, value in headers if name.lower() not in _NOT_AGAIN]
        tag = dict(kept).get(b"etag", b"")
        given = Given(kept, body, tag, asyncio.get_running_loop().time() + FRESH_SECONDS)
        self._given[key] = given
        self._given.move_to_end(key)
        while len(self._given) > MOST_KEPT:
            self._given.popitem(last=False)
        return given


async def _answer(given: Given, seen: bytes, send: Send) -> None:
    if given.tag and given.tag in seen:
        await send({"type": "http.response.start", "status": HTTPStatus.NOT_MODIFIED, "headers": given.headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers = [*given.headers, (b"content-length", str(len(given.body)).encode())]
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})
    await send({"type": "http.response.body", "body": given.body})
