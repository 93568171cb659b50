from datetime import datetime

from thereafter.insights import summary_jobs  # noqa: F401 its job is found here
from thereafter.insights.actions import outlooks
from thereafter.insights.export import bringing
from thereafter.timeline.schedule import every


@every(hours=1)
def bring_figures(now: datetime) -> int:
    """Brings the copy up to date on which figures are counted."""
    return bringing.bring_by_the_hour(now)


@every(days=1)
def renew_outlooks(now: datetime) -> int:
    """What is expected of each customer, where there are new orders."""
    return outlooks.renew_by_night(now)
