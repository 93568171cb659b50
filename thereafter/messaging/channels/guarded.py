"""Calls to addresses that people type in: never to a machine of our own network, unless the installation allows it.

The name is looked up once, and the connection goes to that very number: a name that answers with another number the
second time gets nothing.
"""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from time import monotonic
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3

TIMEOUT = urllib3.Timeout(connect=5, read=10)
MOST_BYTES = 64 * 1024
AGENT = "Thereafter"


class Forbidden(ValueError):
    """This address may not be called; the text says why."""


class NoAnswer(OSError):
    """The other side could not be reached, or did not answer in time."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def is_fine(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> Answer:
    """Redirects are not followed. Raises `Forbidden` and `NoAnswer`."""
    parts = checked(url, private=private)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    number = number_of(host, port, private=private)
    named = {"User-Agent": AGENT, "Host": parts.netloc.rpartition("@")[2], **headers}
    target = parts.path or "/"
    try:
        answer = _pool(parts.scheme, host, port, number).urlopen(
            "POST",
            f"{target}?{parts.query}" if parts.query else target,
            body=body,
            headers=named,
            redirect=False,
            retries=False,
            timeout=TIMEOUT,
            preload_content=False,
        )
        try:
            text = answer.read(MOST_BYTES, decode_content=True).decode("utf-8", "replace")
        finally:
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise NoAnswer(f"{host} could not be reached ({type(error).__name__}).") from None
    return Answer(answer.status, text)


@dataclass(frozen=True)
class Fetched:
    """`text` is what was read before the limits were met; `to` is where a redirect leads, "" when it is none."""

    status: int
    text: str
    to: str = ""
    is_cut: bool = False


@dataclass(frozen=True)
class File:
    """`body` is what was read before the limits were met; `to` is where a redirect leads, "" when it is none."""

    status: int
    body: bytes
    to: str = ""
    is_cut: bool = False


def get(url: str, *, private: bool = False, most_bytes: int = MOST_BYTES, seconds: float = 10) -> Fetched:
    """Reads a page, at most so much of it and no longer than that. Redirects are told and not followed. Raises
    `Forbidden` and `NoAnswer`."""
    found = download(url, accept="text/html", private=private, most_bytes=most_bytes, seconds=seconds)
    return Fetched(found.status, found.body.decode("utf-8", "replace"), found.to, found.is_cut)


def download(url: str, *, accept: str, private: bool = False, most_bytes: int, seconds: float = 10) -> File:
    """Reads a file as it is; otherwise as `get`."""
    parts = checked(url, private=private)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    number = number_of(host, port, private=private)
    target = parts.path or "/"
    until = monotonic() + seconds
    try:
        answer = _pool(parts.scheme, host, port, number).urlopen(
            "GET",
            f"{target}?{parts.query}" if parts.query else target,
            headers={"User-Agent": AGENT, "Host": parts.netloc, "Accept": accept, "Accept-Encoding": "identity"},
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(total=seconds),
            preload_content=False,
        )
        try:
            body, is_cut = _read(answer, most_bytes, until)
        finally:
            # What was not read must not be taken for the next answer.
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise NoAnswer(f"{host} could not be reached ({type(error).__name__}).") from None
    to = answer.headers.get("Location", "") if answer.status in _REDIRECTS else ""
    return File(answer.status, body, urljoin(url, to) if to else "", is_cut)


_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE = 16 * 1024


def _read(answer: urllib3.BaseHTTPResponse, most: int, until: float) -> tuple[bytes, bool]:
    """A server that sends a byte a second is left in time, too."""
    body = bytearray()
    while len(body) <= most:
        if monotonic() > until:
            raise NoAnswer("The page took too long.")
        piece = answer.read1(_PIECE)
        if not piece:
            return bytes(body), False
        body += piece
    return bytes(body[:most]), True


def checked(url: str, *, private: bool = False) -> SplitResult:
    """The parts of an address that may be called. Raises `Forbidden`."""
    # A backslash or a blank ends the host for one reader of addresses and not for another.
    if not url.isascii() or "\\" in url or any(letter <= " " for letter in url):
        raise Forbidden("The address holds signs that no address has.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("This is no address.") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Forbidden("The address has to begin with https://.")
    if not host or parts.username or parts.password:
        raise Forbidden("The address needs a host, and may hold no user name.")
    return parts


def number_of(host: str, port: int, *, private: bool = False) -> str:
    """The number that a name stands for, if every one of its numbers may be called."""
    try:
        found = [str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        raise NoAnswer(f"{host} cannot be found.") from None
    if not found:
        raise NoAnswer(f"{host} cannot be found.")
    if not private and not all(is_public(number) for number in found):
        raise Forbidden(f"{host} is in a private network, which this installation does not allow to be called.")
    return found[0]


def is_public(number: str) -> bool:
    """Whether the whole world may call it. An old number inside a new one counts as the old one."""
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        # 64:ff9b::/96 stands for old numbers too (RFC 6052).
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@lru_cache(maxsize=64)
def _pool(scheme: str, host: str, port: int, number: str) -> urllib3.HTTPConnectionPool:
    """Connections to one number of one name; its certificate has to be the name's."""
    if scheme == "http":
        return urllib3.HTTPConnectionPool(number, port, maxsize=4)
    context = ssl.create_default_context()
    return urllib3.HTTPSConnectionPool(
        number, port, maxsize=4, ssl_context=context, server_hostname=host, assert_hostname=host
    )
