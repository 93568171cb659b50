from datetime import datetime

from thereafter.journeys.actions import moving
from thereafter.timeline import peek
from thereafter.timeline.schedule import every

BATCH = 500


@every(seconds=1)
def resume_due(now: datetime) -> int:
    """Wakes the runs whose wait is over."""
    if not peek.anything("journeys_run", "state = 'waiting' AND due_at <= %s", now):
        return 0
    return moving.resume(now, BATCH)
