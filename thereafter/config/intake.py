"""The door for webhooks: POST /hooks/<store>/<source>. Plain ASGI beside Django, for it takes thousands a second.

The raw body is verified, written as text and acknowledged after its commit. What the calls say is read later, by the
room they are for.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection, connections
from django.db.utils import DatabaseError

from thereafter.commerce.webhooks import SOURCES, Call, Envelope, body_key
from thereafter.config.group_writer import Fate, GroupWriter
from thereafter.kit import clock
from thereafter.stores.models import Connection
from thereafter.timeline.inbox import Received

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/hooks/"
MOST_BYTES = 2 * 1024 * 1024
# A longer body is read to its end and dropped, so that its sender hears why; beyond this we hang up.
MOST_BYTES_HEARD = 16 * 1024 * 1024
SECRETS_HOLD_SECONDS = 5.0
MOST_DOORS = 4096


class Refused(Exception):
    """An answer other than "accepted"."""

    def __init__(self, status: int, error: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(error)
        self.status, self.error, self.headers = status, error, headers


def not_signed() -> Refused:
    """The same for a store or source that does not exist: strangers learn nothing. Some send the secret that stands in
    their address only once they are asked for it."""
    said = "This call is not signed as this store and source expect. Check the address and the secret."
    return Refused(401, said, [(b"www-authenticate", b'Basic realm="webhooks"')])


def try_later() -> Refused:
    return Refused(503, "The database does not answer. Send this again.", [(b"retry-after", b"10")])


@dataclass(frozen=True, slots=True)
class Door:
    """A store's connection to a source, as it stood a few seconds ago."""

    store_id: int
    secrets: tuple[str, ...]
    until: float


class Doors:
    """Secrets are read seldom, off the event loop; a store that does not exist is remembered as such."""

    def __init__(self) -> None:
        self._doors: dict[tuple[str, str], Door] = {}
        self._asked: dict[tuple[str, str], asyncio.Future[Door]] = {}
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake-secrets")

    async def find(self, slug: str, source: str) -> Door:
        loop = asyncio.get_running_loop()
        known = self._doors.get((slug, source))
        if known and known.until > loop.time():
            return known
        asked = self._asked.get((slug, source))
        if asked is None:
            asked = self._asked[slug, source] = asyncio.ensure_future(self._ask(slug, source, loop))
        return await asyncio.shield(asked)

    async def _ask(self, slug: str, source: str, loop: asyncio.AbstractEventLoop) -> Door:
        try:
            store_id, secrets = await loop.run_in_executor(self._reader, _read_secrets, slug, source)
        finally:
            self._asked.pop((slug, source), None)
        if len(self._doors) >= MOST_DOORS:
            self._doors.clear()
        door = self._doors[slug, source] = Door(store_id, secrets, loop.time() + SECRETS_HOLD_SECONDS)
        return door

    def close(self) -> None:
        self._reader.submit(connections.close_all)
        self._reader.shutdown()


def _read_secrets(slug: str, source: str) -> tuple[int, tuple[str, ...]]:
    try:
        found = Connection.objects.filter(store__slug=slug, source=source).first()
    except DatabaseError as error:
        log.error("the secrets of a store could not be read", exc_info=error)
        connection.close()
        raise try_later() from None
    return (found.store_id, tuple(found.secrets())) if found else (0, ())


class Intake:
    """The ASGI application for everything under /hooks/."""

    def __init__(self) -> None:
        self._writer, self._doors = GroupWriter(), Doors()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            # Mandrill looks whether anybody is there before it takes an address.
            await _send_json(send, 200, {})
            return
        try:
            body = await _body(scope, receive)
            fate = await self._take(scope, body)
            if fate is Fate.LATER:
                raise try_later()
        except Refused as refusal:
            await _send_json(send, refusal.status, {"error": refusal.error}, refusal.headers)
        else:
            await _send_json(send, 202 if fate is Fate.ACCEPTED else 200, {"status": fate.value})

    async def _take(self, scope: Scope, body: bytes) -> Fate:
        slug, source = _address(scope["path"])
        reader, door = SOURCES.get(source), await self._doors.find(slug, source)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        now = clock.now()
        envelope = reader(door.secrets, Call(headers, body, now, scope["path"])) if reader and door.secrets else None
        if envelope is None:
            raise not_signed()
        if not envelope.room:
            return Fate.DUPLICATE
        body = body if envelope.body is None else envelope.body
        unfit = problem_with(body)
        if unfit:
            await self._writer.write(_unfit(door, source, envelope, body), now, unfit)
            raise Refused(400, unfit)
        call = Received(door.store_id, envelope.room, source, envelope.topic, envelope.key, body.decode())
        return await self._writer.write(call, now)

    def close(self) -> None:
        self._writer.stop()
        self._doors.close()


def _address(path: str) -> tuple[str, str]:
    parts = path.removeprefix(PREFIX).strip("/").split("/")
    if len(parts) != 2:  # noqa: PLR2004 store and source
        raise Refused(404, "Post to /hooks/<store>/<source>.")
    if not (parts[0].isprintable() and parts[1].isprintable()):
        raise not_signed()
    return parts[0], parts[1]


_json = msgspec.json.Decoder(msgspec.Raw)


def problem_with(body: bytes) -> str:
    """Why the body cannot be kept as a call, or "". Its shape is looked at later."""
    try:
        _json.decode(body)
        body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        return f"bad_json: the body is not JSON in UTF-8: {wrong}"[:300]
    return "bad_json: the body holds a NUL character" if b"\x00" in body else ""


def _unfit(door: Door, source: str, envelope: Envelope, body: bytes) -> Received:
    text = body.decode(errors="backslashreplace").replace("\x00", "\\x00")
    return Received(door.store_id, envelope.room, source, envelope.topic, body_key(envelope.topic, body), text)


async def _body(scope: Scope, receive: Receive) -> bytes:
    if scope["method"] != "POST":
        raise Refused(405, "Webhooks are posted.", [(b"allow", b"POST")])
    parts: list[bytes] = []
    length, more = 0, True
    while more and length <= MOST_BYTES_HEARD:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The call was broken off.")
        part, more = message.get("body", b""), message.get("more_body", False)
        length += len(part)
        if length <= MOST_BYTES:
            parts.append(part)
    if length > MOST_BYTES:
        raise Refused(413, f"The body is longer than {MOST_BYTES} bytes.")
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _send_json(
    send: Send, status: int, content: dict[str, str], headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    body = msgspec.json.encode(content)
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
