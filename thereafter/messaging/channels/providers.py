"""E-mail by the interfaces of providers, each spoken by django-anymail. Connections are kept.

Providers that take many different letters in one call get them so; the others get eight at a time.
"""

import io
import json
import threading
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailNotSupportedWarning, AnymailRecipientsRefused
from anymail.message import AnymailStatus
from anymail.utils import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string
from requests import RequestException, Response

from thereafter.messaging.channels.letters import (
    LONGEST_ID,
    Account,
    Answer,
    Letter,
    Verdict,
    by_status,
)
from thereafter.messaging.channels.provider_list import PROVIDERS, Batch

TIMEOUT_SECONDS = 30
AT_ONCE = 8
# Under this name our number of the letter comes back in the provider's news.
OUR_NAME = "thereafter"
# A wrong key, an unpaid bill: nothing is wrong with the letter, so it waits until somebody has mended that.
_ABOUT_THE_ACCOUNT = {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}


@lru_cache(maxsize=64)
def opened(account: Account) -> "ByProvider":
    if account.provider not in PROVIDERS:
        raise ValueError(f"{account.provider} is no provider of e-mail that we know.")
    return ByProvider(account)


class ByProvider:
    """Each thread keeps a session of its own with the provider."""

    def __init__(self, account: Account) -> None:
        self.api = PROVIDERS[account.provider]
        self.together = self.api.batch.most if self.api.batch else 5 * AT_ONCE
        self._account, self._mine, self._making = account, threading.local(), threading.Lock()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=account.provider)

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        given = list(letters)
        if self.api.batch and len(given) > 1:
            verdicts = self._by_batch(given, self.api.batch)
            if verdicts is not None:
                return iter(verdicts)
        return self._threads.map(self._one, given)

    def _one(self, letter: Letter) -> Verdict:
        try:
            backend, message = self._backend(), self._message(letter)
            # Where it is known it keeps a repetition from going out; elsewhere nobody looks at it.
            backend.session.headers["Idempotency-Key"] = _once([letter])
            backend.send_messages([message])
        except Exception as error:
            return _verdict_on(error)
        return _accepted(message)

    def _by_batch(self, letters: Sequence[Letter], batch: Batch) -> list[Verdict] | None:
        """None when the call as a whole was refused: then each letter is tried by itself, to find the one at fault."""
        try:
            backend = self._backend()
            made = [
                (message := self._message(letter), backend.build_message_payload(message, backend.send_defaults))
                for letter in letters
            ]
            calls = [payload.get_request_params(backend.api_url) for _, payload in made]
            first = calls[0]
            body = json.dumps(batch.join([json.loads(call["data"]) for call in calls]))
            headers = {**(first["headers"] or {}), "Idempotency-Key": _once(letters)}
            answer = backend.session.post(
                batch.path(first["url"]),
                data=body.encode(),
                headers=headers,
                auth=first["auth"],
                timeout=TIMEOUT_SECONDS,
            )
        except AnymailError:
            return None
        except (RequestException, OSError) as error:
            return [Verdict(Answer.LATER, f"{self.api.name} could not be reached: {error}"[:250])] * len(letters)
        if not answer.ok:
            return None if _is_about_a_letter(answer.status_code) else [_by_answer(answer)] * len(letters)
        try:
            parts = batch.split(answer.json())
            return [_read(backend, *pair, part) for pair, part in zip(made, parts, strict=True)]
        except (ValueError, KeyError, TypeError):
            # It took them; what it calls them we cannot read.
            return [Verdict(Answer.ACCEPTED)] * len(letters)

    def _message(self, letter: Letter) -> EmailMultiAlternatives:
        message = as_message(letter)
        if self.api.repeat:
            self.api.repeat(message, _once([letter]))
        return message

    def _backend(self) -> Any:
        kept = getattr(self._mine, "backend", None)
        if kept is None:
            kept = self._mine.backend = self._make()
            kept.open()
        return kept

    def _make(self) -> Any:
        given: dict[str, Any] = {name: value for name, value in self._account.fields if value and name in self._known()}
        made = import_string(f"anymail.backends.{self.api.code}.EmailBackend")
        # Filters of warnings are shared by all threads.
        with self._making, warnings.catch_warnings():
            warnings.simplefilter("ignore", AnymailNotSupportedWarning)
            return made(**given, ignore_unsupported_features=True, timeout=TIMEOUT_SECONDS)

    def _known(self) -> set[str]:
        return {field.name for field in self.api.fields}


def as_message(letter: Letter) -> EmailMultiAlternatives:
    """The letter as Django and anymail want it; who opens and clicks is our own affair (see `links.py`)."""
    message = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        EmailAddress(letter.sender_name, letter.sender).address,
        [letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={**letter.headers, "Message-ID": letter.message_id},
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    anymail: Any = message
    anymail.metadata = {OUR_NAME: str(letter.key)}
    anymail.track_opens = anymail.track_clicks = False
    return message


def _once(letters: Sequence[Letter]) -> str:
    """The same for the same letters however often they are handed over."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(letter.message_id for letter in letters)))


def _accepted(message: Any) -> Verdict:
    status = message.anymail_status
    if status.status == {"failed"}:
        return Verdict(Answer.LATER, "The provider could not take it now.")
    provider_id = status.message_id if isinstance(status.message_id, str) else ""
    return Verdict(Answer.ACCEPTED, provider_id=provider_id[:LONGEST_ID])


def _read(backend: Any, message: Any, payload: Any, part: Mapping[str, Any]) -> Verdict:
    """One letter's part of the answer to a batch, as if it had been answered by itself."""
    answer = Response()
    answer.status_code, answer.raw = HTTPStatus.OK, io.BytesIO(json.dumps(part).encode())
    message.anymail_status = AnymailStatus()
    try:
        statuses = backend.parse_recipient_status(answer, payload, message)
        message.anymail_status.set_recipient_status(statuses)
        backend.raise_for_recipient_status(message.anymail_status, answer, payload, message)
    except AnymailAPIError as error:
        return Verdict(Answer.REFUSED, _words(error))
    except AnymailError as error:
        return _verdict_on(error)
    return _accepted(message)


def _verdict_on(error: Exception) -> Verdict:
    if isinstance(error, AnymailRecipientsRefused):
        return Verdict(Answer.REFUSED, _words(error), bounced=True)
    if isinstance(error, AnymailAPIError):
        answer = getattr(error, "response", None)
        return Verdict(Answer.LATER, _words(error)) if answer is None else _by_answer(answer)
    if isinstance(error, RequestException | OSError):
        return Verdict(Answer.LATER, f"The provider could not be reached: {error}"[:250])
    return Verdict(Answer.REFUSED, f"The letter cannot be handed over: {_words(error)}"[:250])


def _by_answer(answer: Any) -> Verdict:
    said = f"{answer.status_code} {answer.text}"[:250].replace("\n", " ")
    if answer.status_code in _ABOUT_THE_ACCOUNT:
        return Verdict(Answer.LATER, said)
    # Taken, in words that cannot be read: once more would be twice.
    return by_status(answer.status_code, said)


def _is_about_a_letter(status: int) -> bool:
    return by_status(status, "").answer == Answer.REFUSED and status not in _ABOUT_THE_ACCOUNT


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:250]
