"""Where carriers are waited for: in threads of their own, so that a slow one holds up nothing else in the worker.

A round hands out what is due, looks whether answers came, and goes on; what is still in the air is taken in by a later
round. A worker that ends leaves its requests to the next one, see `polling.LEASE`.
"""

import logging
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from thereafter.tracking.actions import polling
from thereafter.tracking.carriers.errands import Report, carry_out

log = logging.getLogger(__name__)
THREADS = 8
# A round waits so long for what is in the air: enough for a quick carrier, and little for all others' drains.
PATIENCE_SECONDS = 0.05


class Desk:
    """The requests of one worker that are in the air."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="carriers")
        self._flying: dict[Future[Report], int] = {}

    def round(self, now: datetime) -> int:
        """Returns how many requests were sent, came back or are still out."""
        landed = self._land(now)
        sent = self._send(now) if len(self._flying) < THREADS else 0
        if self._flying:
            wait(self._flying, timeout=PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
        return landed + sent + len(self._flying)

    def _land(self, now: datetime) -> int:
        """What cannot be written down is asked for again when its lease is over, so it holds up nothing here."""
        done = [flight for flight in self._flying if flight.done()]
        for flight in done:
            del self._flying[flight]
        reports = [flight.result() for flight in done]
        try:
            if reports:
                polling.settle(reports, now)
        except Exception:
            log.exception("answers of carriers could not be kept together; each is tried by itself")
            for report in reports:
                _settle_alone(report, now)
        return len(done)

    def _send(self, now: datetime) -> int:
        claimed = polling.claim(now, most=THREADS - len(self._flying), flying=Counter(self._flying.values()))
        for errand in claimed:
            self._flying[self._threads.submit(carry_out, errand)] = errand.account_id
        return len(claimed)


def _settle_alone(report: Report, now: datetime) -> None:
    try:
        polling.settle([report], now)
    except Exception:
        log.exception("an answer of %s could not be kept; it is asked for again", report.errand.adapter)
