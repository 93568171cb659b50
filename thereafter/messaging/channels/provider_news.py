"""What providers of e-mail post to us of letters: is it theirs, and what does it say. Read by anymail's own readers.

Bytes in, plain values out; no database, no signals.
"""

import hashlib
import re
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import msgspec
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.core.handlers.wsgi import WSGIRequest

from thereafter.messaging.channels.providers import OUR_NAME
from thereafter.messaging.channels.tellers import OURS, TELLERS, Teller, value_at

# Who stands before our secret in an address: https://thereafter:<secret>@…
USER = "thereafter"


class Unreadable(ValueError):
    """Not what this provider posts; the text says why."""


@dataclass(frozen=True)
class Told:
    """One piece of news. `what` is a kind of receipt, "unsubscribed", or "" for what is of no interest."""

    what: str
    at: datetime | None
    ours: int | None
    theirs: str
    key: str
    recipient: str
    url: str
    detail: str
    agent: str
    hard: bool
    machine: bool


def is_genuine(code: str, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, url: str) -> bool:
    """Whether the call is of this provider, by one of these secrets; compared in constant time."""
    for secret in secrets:
        try:
            reader = _reader(code, secret, url)
            reader.run_validators(_request(headers, body))
        except (AnymailError, AnymailWebhookValidationFailure, ValueError, TypeError, KeyError, AttributeError):
            continue
        return True
    return False


def read(code: str, body: bytes, content_type: str) -> list[Told]:
    """What a call says, in order. Raises `Unreadable`."""
    teller = TELLERS[code]
    headers = {"content-type": content_type}
    try:
        events = _reader(code, "", "").parse_events(_request(headers, body))
        return [_told(event, teller) for event in events]
    except Exception as error:
        # Another's reader on a stranger's words: whatever it raises, the words cannot be read.
        raise Unreadable(f"{type(error).__name__}: {error}"[:250]) from None


_making = threading.Lock()


@lru_cache(maxsize=256)
def _reader(code: str, secret: str, url: str) -> Any:
    teller = TELLERS[code]
    given: dict[str, Any] = {"webhook_url": url} if code == "mandrill" else {}
    if teller.is_ours:
        given[OURS] = [f"{USER}:{secret}"] if secret else []
    elif secret or code not in {"sendgrid", "mailtrap"}:
        given[teller.secret] = secret
    with _making, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return teller.reader(**given)


def _request(headers: Mapping[str, str], body: bytes) -> WSGIRequest:
    """The call as anymail's readers want it."""
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": headers.get("content-type", "application/json"),
            **named,
        }
    )


_KINDS = {
    "delivered": "delivered",
    "bounced": "bounced",
    "rejected": "bounced",
    "failed": "bounced",
    "complained": "complained",
    "opened": "opened",
    "clicked": "clicked",
    "unsubscribed": "unsubscribed",
}
# Why a provider would not even try: the address is known to it to be dead.
_DEAD = frozenset({"invalid", "bounced"})


def _told(event: Any, teller: Teller) -> Told:
    what = _KINDS.get(str(event.event_type), "")
    if what == "bounced" and event.reject_reason == "unsubscribed":
        what = "unsubscribed"
    refused = event.event_type in {"rejected", "failed"}
    hard = event.reject_reason in _DEAD if refused else teller.hard(event.esp_event)
    detail = " ".join(str(part) for part in (event.description, event.mta_response) if part)
    return Told(
        what=what,
        at=event.timestamp,
        ours=_our_number(event.metadata),
        theirs=str(event.message_id or ""),
        key=str(event.event_id or ""),
        recipient=str(event.recipient or ""),
        url=str(event.click_url or ""),
        detail=" ".join(detail.split())[:300],
        agent=str(event.user_agent or ""),
        hard=what == "bounced" and hard,
        machine=_is_machine(event.esp_event),
    )


def _our_number(metadata: Any) -> int | None:
    number = value_at(metadata, OUR_NAME)
    return int(number) if re.fullmatch(r"\d{1,18}", number) else None


def _is_machine(event: Any) -> bool:
    """Where the provider knows that nobody looked: SendGrid, Brevo and Mailgun say so."""
    return (
        value_at(event, "sg_machine_open") == "True"
        or value_at(event, "event").endswith("proxy_open")
        or bool(value_at(event, "event-data", "client-info", "bot"))
    )


def key_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def confirmation(body: str) -> str:
    """Where Amazon wants a subscription to be confirmed, or "". Only an address of Amazon's is one."""
    try:
        told = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ""
    url = str(told.get("SubscribeURL", ""))
    is_theirs = re.match(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/\?", url)
    return url if told.get("Type") == "SubscriptionConfirmation" and is_theirs else ""
