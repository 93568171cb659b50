"""The one place that goes over the network to carriers. No database, no clock of ours: a request in, an answer out."""

import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError

from thereafter.tracking.carriers.adapter import Request

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 4.0, 8.0, 20.0
MOST_BYTES = 4 * 1024 * 1024
PART = 64 * 1024
AGENT = "Thereafter (parcel tracking)"
OURSELVES = frozenset(("localhost", "127.0.0.1", "::1"))


class NoAnswer(Exception):
    """The carrier could not be reached, did not answer in time, or answered too much. The text is for the merchant."""


class Answer(NamedTuple):
    """`headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Redirects are not followed, for they would take the credentials elsewhere; what to try again is decided by the plan.
_pool = urllib3.PoolManager(
    num_pools=40,
    maxsize=4,
    timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
    retries=False,
    headers={"User-Agent": AGENT},
)


def send(request: Request, host: str = "") -> Answer:
    """Makes the request; `host` (a sandbox, a proxy) takes the place of the carrier's own. Raises `NoAnswer`."""
    url = elsewhere(request.url, host)
    until = time.monotonic() + WHOLE_SECONDS
    headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate", **request.headers}
    try:
        answer = _pool.request(
            request.method,
            url,
            headers=headers,
            body=request.body or None,
            redirect=False,
            preload_content=False,
        )
        try:
            body = _body(answer, until)
        finally:
            answer.close()
    except (HTTPError, OSError, ValueError) as wrong:
        raise NoAnswer(_why(wrong)) from None
    return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)


def elsewhere(url: str, host: str) -> str:
    """The same address at another host, which begins with https:// (http:// on this machine only)."""
    if not host:
        return url
    there, wanted = urlsplit(host.strip()), urlsplit(url)
    if not is_safe(host):
        raise NoAnswer("The other address has to begin with https://.")
    return urlunsplit((there.scheme, there.netloc, there.path.rstrip("/") + wanted.path, wanted.query, ""))


def is_safe(host: str) -> bool:
    # A backslash or a blank ends the host for one reader of addresses and not for another.
    if not host.strip().isascii() or "\\" in host or any(letter <= " " for letter in host.strip()):
        return False
    try:
        there = urlsplit(host.strip())
    except ValueError:
        return False
    known = there.scheme == "https" or (there.scheme == "http" and there.hostname in OURSELVES)
    return known and bool(there.hostname)


def _body(answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
    parts, length = [], 0
    # One read of the network at a time, so that a carrier that drips is noticed as well.
    while part := answer.read1(PART, decode_content=True):
        parts.append(part)
        length += len(part)
        if length > MOST_BYTES:
            raise NoAnswer(f"The answer is longer than {MOST_BYTES // 1024 // 1024} MB.")
        if time.monotonic() > until:
            raise NoAnswer(f"The answer was not complete after {WHOLE_SECONDS:.0f} seconds.")
    return b"".join(parts)


def _why(wrong: Exception) -> str:
    match wrong:
        case urllib3.exceptions.NameResolutionError():
            return "The carrier's address cannot be found: is this server online?"
        case urllib3.exceptions.NewConnectionError():
            return "The carrier could not be reached."
        case urllib3.exceptions.ConnectTimeoutError() | urllib3.exceptions.ReadTimeoutError():
            return "The carrier did not answer in time."
        case urllib3.exceptions.SSLError():
            return "The carrier's certificate is not good, so nothing was sent."
        case _:
            return f"The carrier could not be reached ({type(wrong).__name__})."
