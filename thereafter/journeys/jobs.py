from datetime import datetime

from thereafter.journeys.actions import dates, moving, segments, sweeping, syncing, telling, winning
from thereafter.timeline import peek
from thereafter.timeline.schedule import every

BATCH = 500


@every(seconds=1)
def resume_due(now: datetime) -> int:
    """Wakes the runs whose wait is over."""
    if not peek.anything("journeys_timer", "due_at <= %s", now):
        return 0
    return moving.resume(now, BATCH)


@every(seconds=1)
def take_told(now: datetime) -> int:
    """Takes what the API was told into the log."""
    return telling.drain(now, BATCH)


@every(minutes=5)
def sweep(now: datetime) -> int:
    """Finds who should have moved and did not, says so, and helps where it can."""
    return sweeping.sweep(now)


@every(hours=1)
def add_up(now: datetime) -> int:
    """Keeps the table of counts short."""
    return sweeping.add_up_passages(now)


@every(hours=1)
def name_winners(now: datetime) -> int:
    """Lets the better way of a split take over once it is beyond doubt."""
    return winning.name_winners(now)


@every(minutes=10)
def recount_segments(now: datetime) -> int:
    """Lets customers into segments and out of them."""
    return segments.recount_due(now)


@every(seconds=15)
def sync_segments(now: datetime) -> int:
    """Tells programs that keep a copy of a segment who came and who left."""
    if not peek.anything("journeys_segmentsync", "state = 'on' AND due_at <= %s", now):
        return 0
    return syncing.tell_due(now)


@every(hours=1)
def tell_of_days(now: datetime) -> int:
    """Birthdays and the like that came."""
    return dates.tell_of_days(now)
