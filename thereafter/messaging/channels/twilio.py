"""Text messages and WhatsApp by Twilio's library, or by whoever speaks its language at another address."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from thereafter.messaging.channels.letters import LONGEST_ID, Account, Answer, Verdict, by_status

TIMEOUT_SECONDS = 15.0
HOME = "https://api.twilio.com"
# Twilio's words for "this person has answered STOP" and for numbers that can never take a message.
STOPPED = 21610
NO_SUCH_NUMBER = frozenset({21211, 21214, 21614, 30005, 30006, 63024})


class _Elsewhere(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """Twilio's interface at another address."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self._at = urlsplit(url.rstrip("/"))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        asked = urlsplit(url)
        there = urlunsplit((self._at.scheme, self._at.netloc, self._at.path + asked.path, asked.query, ""))
        return super().request(method, there, *args, **kwargs)


@lru_cache(maxsize=64)
def client(account: Account) -> Client:
    """Keeps its connections."""
    url = account.get("url") or HOME
    http = TwilioHttpClient(timeout=TIMEOUT_SECONDS) if url == HOME else _Elsewhere(url)
    return Client(account.get("account"), account.get("token"), http_client=http)


def send(account: Account, message: Mapping[str, Any]) -> Verdict:
    """Hands one message over; `message` is what the library's `messages.create` takes."""
    try:
        made = client(account).messages.create(**message)
    except (TwilioRestException, TwilioServiceException) as refused:
        return _verdict(refused.status, refused.code, str(getattr(refused, "msg", "") or refused))
    except (TwilioException, RequestException, OSError) as error:
        return Verdict(Answer.LATER, f"The SMS service could not be reached: {error}"[:250])
    except ValueError as error:
        # It said yes in words we cannot read: once more would be twice.
        return Verdict(Answer.REFUSED, f"The SMS service's answer cannot be read: {error}"[:250])
    return Verdict(Answer.ACCEPTED, provider_id=str(getattr(made, "sid", None) or "")[:LONGEST_ID])


def _verdict(status: int, code: int | None, words: str) -> Verdict:
    said = f"{status} {words}"[:250]
    if code == STOPPED:
        return Verdict(Answer.GONE, said)
    verdict = by_status(status, said)
    if verdict.answer == Answer.REFUSED and code in NO_SUCH_NUMBER:
        return Verdict(Answer.REFUSED, said, bounced=True)
    # Redirected, or answered in no words of Twilio's: that was not Twilio.
    return verdict if verdict.answer != Answer.ACCEPTED else Verdict(Answer.REFUSED, said)


def sender(account: Account, country: str) -> dict[str, str]:
    """Who it comes from: a messaging service, or the sender that fits the country (`senders`: {"DE": "Stride"})."""
    by_country: Any = json.loads(account.get("senders") or "{}")
    chosen = str(by_country.get(country) or account.get("from"))
    return {"messaging_service_sid": chosen} if chosen.startswith("MG") else {"from_": chosen}


class Approval(NamedTuple):
    """What WhatsApp says of a content: pending, approved, rejected, paused …"""

    state: str
    category: str
    reason: str


def approval(account: Account, content_sid: str) -> Approval:
    """Asks whether WhatsApp has approved a content. Raises what the library raises."""
    found = client(account).content.v1.contents(content_sid).approval_fetch().fetch()
    told: Mapping[str, Any] = found.whatsapp or {}
    return Approval(
        str(told.get("status") or ""), str(told.get("category") or ""), str(told.get("rejection_reason") or "")
    )
