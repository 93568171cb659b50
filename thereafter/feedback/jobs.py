from datetime import datetime

from thereafter.feedback.actions import intake
from thereafter.timeline import inbox
from thereafter.timeline.schedule import every

# A call may hold a thousand answers.
CALLS_AT_ONCE = 20


@every(seconds=1)
def take_answers(now: datetime) -> int:
    """Drains what was sent to us of answers collected elsewhere."""
    return inbox.drain(intake.ROOM, lambda rows: intake.take_calls(rows, now=now), now, limit=CALLS_AT_ONCE)
