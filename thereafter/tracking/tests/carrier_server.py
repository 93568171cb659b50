"""A carrier on this machine: a real HTTP server that answers as a test says, and remembers what it was asked."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from thereafter.tracking.carriers import asking, ours
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Poll, Request
from thereafter.tracking.carriers.registry import ADAPTERS


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b'{"parcels": []}'
    headers: dict[str, str] = field(default_factory=dict)
    slowly: float = 0.0


@dataclass
class Asked:
    path: str
    numbers: list[str]
    headers: dict[str, str]


@dataclass
class Carrier:
    """`answer` is called with each request; `asked` are the requests for parcels, `tokens` counts those for tokens."""

    host: str = ""
    answer: Callable[[Asked], Reply] = lambda asked: Reply()
    asked: list[Asked] = field(default_factory=list)
    tokens: int = 0

    def says(self, *replies: Reply) -> None:
        """These one after the other, then the last of them again and again."""
        waiting = list(replies)
        self.answer = lambda asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def reply(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            self.tokens += 1
            return Reply(body=json.dumps({"access_token": f"token-{self.tokens}", "expires_in": 3600}).encode())
        self.asked.append(asked)
        return self.answer(asked)


class _Handler(BaseHTTPRequestHandler):
    carrier: Carrier

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer()

    def _answer(self) -> None:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.carrier.reply(Asked(url.path, parse_qs(url.query).get("number", []), headers))
        time.sleep(reply.slowly)
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def carrier_server() -> Iterator[Carrier]:
    carrier = Carrier()
    handler = type("Handler", (_Handler,), {"carrier": carrier})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    carrier.host = f"http://127.0.0.1:{server.server_port}"
    try:
        yield carrier
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def news(number: str, *scans: dict[str, str], carrier: str = "testpost") -> bytes:
    """What our test carrier says of a parcel: documents of ours."""
    return msgspec.json.encode({"parcels": [{"tracking_number": number, "carrier": carrier, "scans": list(scans)}]})


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    query = "&".join(f"number={ask.number}" for ask in asks)
    key = asking.bearer(token) if token else credentials["key"]
    return Request("GET", f"https://api.testpost.example/track?{query}", {"Authorization": key})


def an_adapter(code: str = "testpost", kind: str = "carrier", **poll: Any) -> Adapter:
    return Adapter(
        code=code,
        name=code.title(),
        kind=kind,
        parse=ours.parse,
        codes={"KNOWN": Meaning("")},
        poll=Poll(fields=(Field("key", "API key", "From their portal."),), request=_request, **poll),
    )


def with_oauth(**poll: Any) -> Adapter:
    def token(credentials: Credentials) -> Request:
        return asking.form("https://api.testpost.example/token", {"key": credentials["key"]})

    return an_adapter(token=token, read_token=asking.read_oauth, **poll)


def known(monkeypatch: pytest.MonkeyPatch, adapter: Adapter) -> Adapter:
    monkeypatch.setitem(cast(dict[str, Adapter], ADAPTERS), adapter.code, adapter)
    return adapter
