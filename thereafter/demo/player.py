"""Playing a shop's past through the intake, in time order on a virtual clock, as if it happened now."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction

from thereafter.kit import clock
from thereafter.timeline import inbox, schedule
from thereafter.timeline.inbox import Received
from thereafter.timeline.worker import run_until_idle


@dataclass(frozen=True)
class Happening:
    """Something the shop, a carrier or a shopper tells us at a moment. `document` is the body as JSON values."""

    at: datetime
    kind: str
    key: str
    document: Any


Receive = Callable[[Happening], Received]


@dataclass
class Played:
    """What a play sent, and how much of it the inbox had before."""

    sent: int = 0
    duplicates: int = 0


def play(
    happenings: Iterable[Happening],
    *,
    receive: Receive,
    until: datetime,
    step: timedelta,
    tell: Callable[[int], object] = lambda done: None,
) -> Played:
    """Sends each happening at its time and lets the workers do their work, slice by slice, until `until`.

    `receive` turns a happening into the verified call that the intake would keep; `tell` hears how many were sent.
    """
    played = Played()
    for end, group in _slices(sorted(happenings, key=lambda one: one.at), step, until):
        with clock.at(end):
            _send(group, receive, played, end)
        catch_up(end)
        tell(len(group))
    return played


def catch_up(now: datetime) -> None:
    """Lets the workers do what actions left for them."""
    with clock.at(now):
        run_until_idle(now)
        if schedule.run_due_jobs(now):
            run_until_idle(now)


def _send(group: list[Happening], receive: Receive, played: Played, now: datetime) -> None:
    for first in range(0, len(group), 500):
        calls = [receive(one) for one in group[first : first + 500]]
        with transaction.atomic():
            new = inbox.put(calls, now)
        played.sent += len(calls)
        played.duplicates += len(calls) - len(new)


def _slices(
    happenings: list[Happening], step: timedelta, until: datetime
) -> Iterator[tuple[datetime, list[Happening]]]:
    """Every slice of time from the first happening to `until`, the empty ones too: waits end in them."""
    if not happenings:
        return
    begin = happenings[0].at
    grouped = {index: list(group) for index, group in groupby(happenings, key=lambda one: (one.at - begin) // step)}
    for index in range((until - begin) // step + 1):
        yield min(begin + (index + 1) * step, until), grouped.get(index, [])
