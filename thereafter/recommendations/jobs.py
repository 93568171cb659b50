from datetime import datetime

from thereafter.recommendations import reorder_jobs  # noqa: F401 it is scheduled when it is read
from thereafter.recommendations.actions import building as actions
from thereafter.recommendations.actions import catching_up, habits, messages_read
from thereafter.timeline.schedule import every


@every(days=1)
def rebuild(now: datetime) -> int:
    """Finds anew what is bought together, in stores with new orders."""
    return actions.rebuild_due(now)


@every(hours=1)
def catch_up(now: datetime) -> int:
    """Brings the tables on with what was ordered since."""
    return catching_up.catch_up_all(now)


@every(days=1)
def learn_habits(now: datetime) -> int:
    """Of which categories people own one, and of which they buy again."""
    return habits.learn_all(now)


@every(hours=1)
def read_messages(now: datetime) -> int:
    """Which messages showed recommendations."""
    return messages_read.read_all(now)
