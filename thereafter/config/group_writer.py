"""Writing calls to the inbox: those that wait at the same moment share one commit.

A single thread per process with a database connection of its own takes everything there is, writes it in one
statement, and answers all. If that fails, each is tried alone, so that one bad call never holds up the others.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db import connection, transaction

from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received

log = logging.getLogger(__name__)
MOST_AT_ONCE = 500
ANSWER_WITHIN_SECONDS = 25.0


class Fate(Enum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A verified call that waits for its commit. `unfit` says why it goes straight to the dead-letter list."""

    call: Received
    now: datetime
    answer: "asyncio.Future[Fate]"
    unfit: str = ""


class GroupWriter:
    """One thread and one connection per process; everything that waits goes into one commit."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    async def write(self, call: Received, now: datetime, unfit: str = "") -> Fate:
        self._start()
        answer: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        self._waiting.put(Waiting(call, now, answer, unfit))
        try:
            return await asyncio.wait_for(answer, ANSWER_WITHIN_SECONDS)
        except TimeoutError:
            return Fate.LATER

    def stop(self) -> None:
        """Writes what waits, then ends."""
        if self._thread:
            self._waiting.put(None)
            self._thread.join(ANSWER_WITHIN_SECONDS)
            self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        going = True
        while going:
            group = self._next_group()
            going = None not in group
            waiting = [each for each in group if each]
            if waiting:
                _answer(waiting, self._fates(waiting))
        connection.close()

    def _next_group(self) -> list[Waiting | None]:
        group = [self._waiting.get()]
        while group[-1] is not None and len(group) < MOST_AT_ONCE:
            try:
                group.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return group

    def _fates(self, waiting: Sequence[Waiting]) -> list[Fate]:
        try:
            return _put(waiting)
        except Exception as error:
            log.warning("a group of %s calls was not written; trying each", len(waiting), exc_info=error)
            connection.close()
        return [_put_alone(each) for each in waiting]


def _put(waiting: Sequence[Waiting]) -> list[Fate]:
    # Sorted, so that two processes with the same deliveries never wait for each other in a circle.
    fit = sorted(
        (each.call for each in waiting if not each.unfit), key=lambda call: (call.store_id, call.source, call.key)
    )
    unfit = [each for each in waiting if each.unfit]
    with transaction.atomic():
        new = inbox.put(fit, waiting[0].now) if fit else set()
        if unfit:
            inbox.refuse([(each.call, each.unfit) for each in unfit], waiting[0].now)
    return [_fate(each, new) for each in waiting]


def _fate(waiting: Waiting, new: set[tuple[int, str, str]]) -> Fate:
    key = (waiting.call.store_id, waiting.call.source, waiting.call.key)
    if key not in new:
        return Fate.DUPLICATE
    # Of two that wait together with the same key, one is new.
    new.discard(key)
    return Fate.ACCEPTED


def _put_alone(waiting: Waiting) -> Fate:
    try:
        return _put([waiting])[0]
    except Exception as error:
        log.error("a call was not written", exc_info=error)
        connection.close()
        return Fate.LATER


def _answer(waiting: Sequence[Waiting], fates: Sequence[Fate]) -> None:
    def tell() -> None:
        for each, fate in zip(waiting, fates, strict=True):
            if not each.answer.done():
                each.answer.set_result(fate)

    waiting[0].answer.get_loop().call_soon_threadsafe(tell)
