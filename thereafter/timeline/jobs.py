from datetime import datetime

from thereafter.timeline import inbox
from thereafter.timeline.schedule import every


@every(hours=1)
def look_again(now: datetime) -> int:
    return inbox.look_again(now)
