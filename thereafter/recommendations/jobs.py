from datetime import datetime

from thereafter.recommendations import actions
from thereafter.timeline.schedule import every


@every(days=1)
def rebuild(now: datetime) -> int:
    """Finds anew what is bought together, in stores with new orders."""
    return actions.rebuild_due(now)
