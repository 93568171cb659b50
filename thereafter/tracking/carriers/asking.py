"""What requests to carriers have in common."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from thereafter.tracking.carriers import reading
from thereafter.tracking.carriers.adapter import Request, Token
from thereafter.tracking.rules.scans import BadScan


def get(url: str, query: dict[str, str] | None = None, /, **headers: str) -> Request:
    """A GET; header names with underscores for hyphens."""
    return Request("GET", f"{url}?{urlencode(query)}" if query else url, _named(headers))


def post(url: str, document: Any, /, **headers: str) -> Request:
    """A POST of JSON."""
    return Request("POST", url, {"Content-Type": "application/json", **_named(headers)}, json.dumps(document).encode())


def form(url: str, fields: dict[str, str], /, **headers: str) -> Request:
    """A POST of a form, as OAuth wants it."""
    typed = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request("POST", url, {**typed, **_named(headers)}, urlencode(fields).encode())


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearer(token: str) -> str:
    return f"Bearer {token}"


def read_oauth(body: bytes) -> Token:
    """The token of an OAuth answer; raises `BadScan` with what the carrier says when there is none."""
    answer = reading.json_document(body.decode(errors="replace"))
    value, seconds = reading.text(answer, "access_token"), reading.text(answer, "expires_in")
    if not value:
        raise BadScan(f"no_token: {_complaint(answer) or 'the answer holds no token'}")
    return Token(value, int(seconds) if seconds.isdecimal() and len(seconds) < len("1000000000") else 600)


def _complaint(answer: Any) -> str:
    paths = (("error_description",), ("response", "errors", "message"), ("errors", "message"), ("error",))
    return reading.first(*(reading.text(answer, *path) for path in paths))[:200]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
