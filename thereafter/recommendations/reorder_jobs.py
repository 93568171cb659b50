from datetime import datetime

from thereafter.recommendations.actions import reorders as actions
from thereafter.timeline.schedule import every


@every(days=1)
def renew_reorders(now: datetime) -> int:
    """Works out who will want what again, and tells of what is about to run out."""
    return actions.renew_all(now)
