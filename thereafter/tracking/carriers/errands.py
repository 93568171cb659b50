"""Asking a carrier for some parcels: a token if it wants one, the request, what came of it. No database."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from thereafter.tracking.carriers import wire
from thereafter.tracking.carriers.adapter import Adapter, Ask, Poll, Request, Token
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.carriers.wire import Answer, NoAnswer
from thereafter.tracking.rules.scans import BadScan

log = logging.getLogger(__name__)
UNAUTHORISED, FORBIDDEN, TOO_MANY, UNAVAILABLE, BROKEN = 401, 403, 429, 503, 500
ANSWERED, DECLINED, REFUSED, OVERLOADED, FAILED = "answered", "declined", "refused", "overloaded", "failed"


@dataclass(frozen=True, slots=True)
class Errand:
    """What to ask of whom; `token` is the one we still have, "" when there is none."""

    store_id: int
    account_id: int
    adapter: str
    credentials: Mapping[str, str]
    token: str
    asks: tuple[Ask, ...]
    plan_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an errand. `said` is for the merchant, and `token` is a new one that was got on the way."""

    errand: Errand
    verdict: str
    said: str = ""
    answer: Answer | None = None
    token: Token | None = None


class _Refused(Exception):
    """There is no token to be had. `answer` is what the carrier said instead."""

    def __init__(self, said: str, answer: Answer) -> None:
        super().__init__(said)
        self.answer = answer


def carry_out(errand: Errand) -> Report:
    """Goes over the network, once or (for a token) up to four times; raises nothing."""
    adapter = ADAPTERS[errand.adapter]
    try:
        return _ask(errand, adapter)
    except NoAnswer as wrong:
        return Report(errand, FAILED, str(wrong))
    except _Refused as wrong:
        verdict = _verdict(wrong.answer.status)
        return Report(errand, REFUSED if verdict in (ANSWERED, DECLINED) else verdict, str(wrong), wrong.answer)
    except Exception as wrong:
        # A library or an adapter that stumbles must not take the others' requests with it.
        log.exception("asking %s failed", adapter.code)
        return Report(errand, FAILED, f"Asking {adapter.name} failed: {type(wrong).__name__}.")


def _ask(errand: Errand, adapter: Adapter) -> Report:
    poll = adapter.poll
    if poll is None:
        raise NoAnswer(f"{adapter.name} cannot be asked.")
    if poll.ask is not None:
        return Report(errand, ANSWERED, answer=Answer(200, {}, poll.ask(errand.credentials, errand.asks)))
    fresh = None if errand.token else _renew(poll, errand)
    answer = _send(poll.request(errand.credentials, errand.asks, fresh.value if fresh else errand.token), errand)
    if answer.status == UNAUTHORISED and poll.token and fresh is None:
        fresh = _renew(poll, errand)
        answer = _send(poll.request(errand.credentials, errand.asks, fresh.value if fresh else ""), errand)
    verdict = _verdict(answer.status)
    return Report(errand, verdict, _said(adapter, answer.status, verdict), answer, fresh)


def _renew(poll: Poll, errand: Errand) -> Token | None:
    if poll.token is None or poll.read_token is None:
        return None
    answer = _send(poll.token(errand.credentials), errand)
    name = ADAPTERS[errand.adapter].name
    if _verdict(answer.status) not in (ANSWERED, DECLINED, REFUSED):
        raise _Refused(_said(ADAPTERS[errand.adapter], answer.status, _verdict(answer.status)), answer)
    try:
        return poll.read_token(answer.body)
    except BadScan as wrong:
        raise _Refused(f"{name} does not accept the credentials: {wrong}"[:300], answer) from None


def _send(request: Request, errand: Errand) -> Answer:
    return wire.send(request, errand.credentials.get("host", ""))


def _verdict(status: int) -> str:
    if status in (UNAUTHORISED, FORBIDDEN):
        return REFUSED
    if status in (TOO_MANY, UNAVAILABLE):
        return OVERLOADED
    if status >= BROKEN or status in range(300, 400):
        return FAILED
    return ANSWERED if status in range(200, 300) else DECLINED


def _said(adapter: Adapter, status: int, verdict: str) -> str:
    name = adapter.name
    return {
        ANSWERED: "",
        DECLINED: f"{name} could not answer for this number (HTTP {status}).",
        REFUSED: f"{name} does not accept the credentials (HTTP {status}). May they track parcels?",
        OVERLOADED: f"{name} asks us to come back later (HTTP {status}).",
        FAILED: f"{name} had a problem (HTTP {status}).",
    }[verdict]
