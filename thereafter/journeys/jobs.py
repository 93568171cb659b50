from datetime import datetime

from thereafter.journeys import actions
from thereafter.timeline.schedule import every

BATCH = 500


@every(seconds=1)
def resume_due(now: datetime) -> int:
    """Wakes the runs whose wait is over."""
    return actions.resume(now, BATCH)
