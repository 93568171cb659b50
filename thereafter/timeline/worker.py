"""The worker's loop: the same embedded beside the server, as one process, or as many."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.db import close_old_connections

from thereafter.kit import clock
from thereafter.timeline import outbox, schedule

log = logging.getLogger(__name__)
PAUSE_SECONDS = 0.25
LONG_PAUSE_SECONDS = 5.0


def one_round(now: datetime) -> int:
    """Delivers what is due and runs every drain once; returns how much there was to do."""
    return outbox.deliver_due(now) + schedule.run_drains(now)


def run_until_idle(now: datetime | None = None, most: int = 10_000) -> int:
    """Rounds until nothing is left that is due; returns how much was done. Tests and the replay use it."""
    done = 0
    for _ in range(most):
        step = one_round(now or clock.now())
        if not step:
            return done
        done += step
    raise RuntimeError(f"still busy after {most} rounds: something makes work for itself")


def work(*, until: Callable[[], bool]) -> None:
    """Works until told to stop. What fails (a database restart) is logged and tried again after a growing pause."""
    pause = PAUSE_SECONDS
    while not until():
        outcomes = [_attempt(part) for part in (one_round, schedule.run_due_jobs)]
        pause = min(pause * 2, LONG_PAUSE_SECONDS) if None in outcomes else PAUSE_SECONDS
        close_old_connections()
        if not any(outcomes):
            time.sleep(pause)


def _attempt(part: Callable[[datetime], int]) -> int | None:
    try:
        return part(clock.now())
    except Exception:
        log.exception("a part of the worker's round failed; it is tried again")
        return None
