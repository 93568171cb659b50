from datetime import datetime

from thereafter.storefront.actions import forget_knocks
from thereafter.timeline.schedule import every


@every(days=1)
def tidy_up(now: datetime) -> int:
    return forget_knocks(now)
