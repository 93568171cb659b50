"""The way out to a shop system: a request in, an answer out. No database, no clock of ours."""

import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

MOST_BYTES = 4 * 1024 * 1024
AGENT = "Thereafter (orders and coupons)"
OURSELVES = frozenset(("localhost", "127.0.0.1", "::1"))
UNAUTHORIZED, FORBIDDEN, TOO_MANY, BROKEN = 401, 403, 429, 500
# Redirects are not followed, for they would take the credentials elsewhere.
_pool = urllib3.PoolManager(
    num_pools=20, maxsize=2, retries=False, timeout=urllib3.Timeout(connect=5, read=20), headers={"User-Agent": AGENT}
)


class NotNow(Exception):
    """The shop system could not be reached or has no time for us; `seconds` when it said how long."""

    def __init__(self, text: str, seconds: int = 0) -> None:
        super().__init__(text)
        self.seconds = seconds


class Refused(Exception):
    """Our key is not good there; nothing can be done until somebody sets another one."""


class Answer(NamedTuple):
    status: int
    document: Any


def host_of(text: str) -> str:
    """ "stride.myshopify.com" or a whole address, as "https://stride.myshopify.com"; "" when it is no safe one."""
    text = text.strip().rstrip("/")
    address = text if "://" in text else f"https://{text}"
    if not address.isascii() or "\\" in address or any(letter <= " " for letter in address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_here = parts.scheme == "http" and parts.hostname in OURSELVES
    is_safe = parts.scheme == "https" or is_here
    if not is_safe or not parts.hostname or parts.username or ("." not in parts.hostname and not is_here):
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def post(url: str, document: Any, headers: dict[str, str]) -> Answer:
    """Sends JSON; raises `NotNow` or `Refused`."""
    return _ask("POST", url, json.dumps(document).encode(), headers)


def get(url: str, headers: dict[str, str]) -> Answer:
    """Reads JSON; raises `NotNow` or `Refused`."""
    return _ask("GET", url, None, headers)


def put(url: str, document: Any, headers: dict[str, str]) -> Answer:
    """Changes what is there; raises `NotNow` or `Refused`."""
    return _ask("PUT", url, json.dumps(document).encode(), headers)


def delete(url: str, headers: dict[str, str]) -> Answer:
    """Takes away what is there; raises `NotNow` or `Refused`."""
    return _ask("DELETE", url, None, headers)


def _ask(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    sent = {"User-Agent": AGENT, "Content-Type": "application/json", "Accept": "application/json", **headers}
    try:
        reply = _pool.request(method, url, body=body, headers=sent, redirect=False)
    except (HTTPError, OSError, ValueError) as wrong:
        raise NotNow(f"The shop could not be reached ({type(wrong).__name__}).") from None
    if reply.status in (UNAUTHORIZED, FORBIDDEN):
        raise Refused(f"The shop refuses our key ({reply.status}). {_first_words(reply.data)}".strip())
    if reply.status == TOO_MANY or reply.status >= BROKEN:
        words = f"The shop has no time for us ({reply.status}). {_first_words(reply.data)}".strip()
        raise NotNow(words, _seconds(reply.headers.get("Retry-After", "")))
    return Answer(reply.status, _read(reply.data))


def _read(body: bytes) -> Any:
    try:
        return json.loads(body[:MOST_BYTES])
    except ValueError:
        raise NotNow("The shop's answer cannot be read: is this the address of its API?") from None


def _seconds(text: str) -> int:
    return min(int(float(text)), 3600) if text.replace(".", "", 1).isdecimal() and len(text) < len("10000.0") else 0


def _first_words(body: bytes) -> str:
    try:
        said = json.loads(body[:MOST_BYTES])
    except ValueError:
        return ""
    words = said.get("message") or said.get("errors") or "" if isinstance(said, dict) else ""
    return str(words)[:160]
