"""What comes with the calendar: birthdays, anniversaries, points that run out soon."""

from datetime import datetime

from thereafter.loyalty.actions import birthdays, milestones, warnings
from thereafter.loyalty.models import Programme


def look_after(now: datetime) -> int:
    """Gives and tells what came since the last time, for each shop; returns how much of it there was.

    Days on which it did not run are made up for. What was given stays given when it stops halfway: each is given once.
    """
    done = 0
    for row in Programme.objects.order_by("pk"):
        if row.days_done_until and row.days_done_until >= now:
            continue
        done += birthdays.run(row.store_id, now, row.days_done_until)
        done += milestones.run(row.store_id, now, row.days_done_until)
        done += warnings.run(row.store_id, now)
    return done
