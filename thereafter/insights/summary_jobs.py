"""Sending the weekly summaries."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import connection

from thereafter.insights.actions import summaries as actions
from thereafter.insights.engine.port import EngineTrouble
from thereafter.insights.export.bringing import bring
from thereafter.insights.figures.asking import as_of
from thereafter.insights.figures.weekly import Weekly, weekly
from thereafter.insights.models import SummarySent
from thereafter.insights.summary_mail import hand_over
from thereafter.kit import clock
from thereafter.messaging.channels.letters import Answer
from thereafter.stores.models import Store
from thereafter.timeline.schedule import every

log = logging.getLogger(__name__)
State = SummarySent.State


@every(minutes=10)
def send_summaries(now: datetime) -> int:
    """Every Monday at eight, shop by shop: the figures are worked out once for all who read them."""
    actions.queue_due(now)
    claimed = sorted(actions.claim(now), key=lambda row: (row.store_id, row.week))
    for _, rows in groupby(claimed, key=lambda row: (row.store_id, row.week)):
        _send_week(list(rows), now)
    return len(claimed)


def _send_week(rows: Sequence[SummarySent], now: datetime) -> None:
    welcome = actions.may_read(rows)
    for row in rows:
        if (row.store_id, row.staff_id) not in welcome:
            actions.settle(row, State.SKIPPED, "May not see these figures any more.")
    going = [row for row in rows if (row.store_id, row.staff_id) in welcome]
    if not going:
        return
    try:
        week = _worked_out(going[0], now)
    except Exception as wrong:
        # Whatever it was: shops beside this one get theirs, and nobody learns that a mail may have gone out.
        if connection.needs_rollback:
            raise
        log.exception("the summary of %s could not be written", going[0].store.slug)
        for row in going:
            actions.put_off(row, str(wrong), now)
        return
    for row in going:
        _send(row, week, now)


def _worked_out(row: SummarySent, now: datetime) -> Weekly:
    """The copy must hold the whole week."""
    end = row.week + timedelta(days=7)
    if not _holds(row.store, end):
        bring(row.store, now=now)
        if not _holds(row.store, end):
            # Somebody else is at it: what we have is the copy before.
            raise EngineTrouble("The figures of the week are being worked out.")
    return weekly(row.store, row.week)


def _holds(store: Store, day: date) -> bool:
    held = as_of(store)
    return held is not None and clock.day_in(held, store.time_zone) >= day


def _send(row: SummarySent, week: Weekly, now: datetime) -> None:
    if week.is_quiet:
        actions.settle(row, State.SKIPPED, "No order in nine weeks.")
        return
    verdict = hand_over(week, row.staff, f"summary:{row.week}:{row.staff_id}")
    if verdict.answer == Answer.ACCEPTED:
        actions.settle(row, State.SENT)
    elif verdict.answer == Answer.LATER:
        actions.put_off(row, verdict.detail, now)
    else:
        actions.settle(row, State.FAILED, verdict.detail)
