"""The way out to those who make labels: a request in, an answer out. No database, no clock of ours."""

import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from thereafter.commerce.connectors.wire import host_of
from thereafter.returns.labels.adapter import BadAccount, Credentials, NotNow, Refused

MOST_BYTES = 4 * 1024 * 1024
AGENT = "Thereafter (return labels)"
UNAUTHORIZED, UNPAID, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY, BROKEN = 401, 402, 403, 404, 409, 429, 500
_PDF = b"%PDF-"
# Redirects are not followed, for they would take the credentials elsewhere.
_pool = urllib3.PoolManager(num_pools=10, maxsize=2, retries=False, timeout=urllib3.Timeout(connect=5, read=40))


class Answer(NamedTuple):
    status: int
    document: Any


class Line:
    """A line to one of them: its name in sentences, its address (or the one the merchant gave), what it signs with."""

    def __init__(self, name: str, address: str, credentials: Credentials, authorization: str) -> None:
        self.name = name
        self.address = host_of(credentials.get("host", "")) or address
        self.headers = {"Authorization": authorization, "Accept": "application/json", "User-Agent": AGENT}

    def get(self, path: str) -> Answer:
        return self._send("GET", path, b"")

    def post(self, path: str, document: Any) -> Answer:
        return self._send("POST", path, json.dumps(document).encode())

    def _send(self, method: str, path: str, body: bytes) -> Answer:
        """The answer, also one that says no (400 to 499); raises `NotNow` or `BadAccount`."""
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        reply = self._ask(method, self.address + path, headers, body)
        document = _read(reply.data)
        if reply.status in (UNAUTHORIZED, UNPAID, FORBIDDEN):
            raise BadAccount(f"{self.name} does not accept the account ({reply.status}). {complaint(document)}".strip())
        if reply.status in (CONFLICT, TOO_MANY) or reply.status >= BROKEN or document is None:
            raise NotNow(f"{self.name} has no time for us ({reply.status}).", _seconds(reply.headers))
        return Answer(reply.status, document)

    def made(self, answer: Answer) -> dict[str, Any]:
        """The document of an answer that says yes; raises `Refused`."""
        if answer.status >= 300 or not isinstance(answer.document, dict):  # noqa: PLR2004 what HTTP calls success
            raise Refused(f"{self.name} refuses: {complaint(answer.document) or f'HTTP {answer.status}'}")
        return answer.document

    def download(self, url: str) -> tuple[bytes, str]:
        """The label and its type. Fetched without our key, for it lies in somebody's store of files."""
        if not host_of(url):
            raise NotNow(f"{self.name} says no address of the label yet.")
        reply = self._ask("GET", url, {"User-Agent": AGENT}, b"")
        if reply.status >= 300 or not reply.data or len(reply.data) > MOST_BYTES:  # noqa: PLR2004 as above
            raise NotNow(f"The label of {self.name} cannot be fetched yet ({reply.status}).")
        return reply.data, kind_of(reply.data, reply.headers.get("Content-Type", ""))

    def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        try:
            return _pool.request(method, url, headers=headers, body=body or None, redirect=False)
        except (HTTPError, OSError, ValueError) as wrong:
            raise NotNow(f"{urlsplit(url).hostname} could not be reached ({type(wrong).__name__}).") from None


def kind_of(content: bytes, said: str = "") -> str:
    """PDF or PNG by its first bytes, else as it was said; never a type that a browser would run."""
    if content.startswith(_PDF):
        return "application/pdf"
    if content.startswith(b"\x89PNG"):
        return "image/png"
    return "application/zpl" if "zpl" in said else "application/octet-stream"


def complaint(document: Any) -> str:
    """What they say went wrong, in one line: {"error": {"message", "errors"}}, {"detail"}, {"field": ["why"]}."""
    return " ".join(dict.fromkeys(_said(document, 0)))[:240]


def _said(document: Any, depth: int) -> list[str]:
    if isinstance(document, str):
        return [" ".join(document.split())] if " " in document.strip() else []
    if depth > 4 or not isinstance(document, dict | list):  # noqa: PLR2004 deeper says nobody what is wrong
        return []
    parts = document.values() if isinstance(document, dict) else document
    return [text for part in list(parts)[:20] for text in _said(part, depth + 1)]


def _read(body: bytes) -> Any:
    try:
        return json.loads(body[:MOST_BYTES]) if body else {}
    except ValueError:
        return None


def _seconds(headers: Any) -> int:
    said = str(headers.get("Retry-After", ""))
    return min(int(said), 3600) if said.isdecimal() and len(said) < len("10000") else 0
