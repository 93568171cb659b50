"""Calls to the shop's own programs: a signed POST for each.

`X-Thereafter-Signature` is the hex HMAC-SHA256 over "<timestamp>.<body>", as we want it of those who post to us.
"""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from http import HTTPStatus

from thereafter.kit import clock, tokens
from thereafter.messaging.channels import guarded
from thereafter.messaging.channels.letters import Account, Answer, Channel, Kind, Letter, Verdict, by_status
from thereafter.messaging.channels.null import Null

AT_ONCE = 8
# They say that it was not heard in time: once more is what they want.
_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}


class Hooks:
    """`letter.to` is the address, `letter.extra["document"]` what is posted. A repetition has the same id."""

    together = 3 * AT_ONCE

    def __init__(self, account: Account) -> None:
        self._account = account
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        return self._threads.map(self._one, letters)

    def _one(self, letter: Letter) -> Verdict:
        body = json.dumps(letter.extra.get("document", {}), ensure_ascii=False, default=str).encode()
        try:
            answer = guarded.post(
                letter.to, body, self._headers(letter, body), private=bool(self._account.get("private"))
            )
        except guarded.Forbidden as error:
            return Verdict(Answer.REFUSED, str(error))
        except guarded.NoAnswer as error:
            return Verdict(Answer.LATER, str(error))
        said = f"{answer.status} {' '.join(answer.text.split())}".strip()[:250]
        if answer.status in _AGAIN:
            return Verdict(Answer.LATER, said)
        verdict = by_status(answer.status, said)
        return Verdict(verdict.answer, said)

    def _headers(self, letter: Letter, body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.now().timestamp()))
        signature = tokens.hmac_sha256(self._account.get("secret"), timestamp.encode() + b"." + body).hex()
        return {
            "Content-Type": "application/json",
            "X-Thereafter-Id": letter.message_id.strip("<>").partition("@")[0],
            "X-Thereafter-Timestamp": timestamp,
            "X-Thereafter-Signature": f"sha256={signature}",
        }


@lru_cache(maxsize=64)
def _opened(account: Account) -> Channel:
    return Null() if account.provider == "null" else Hooks(account)


KIND = Kind("webhook", "Webhook", "flow", "an address of a program", _opened, to_customers=False)
