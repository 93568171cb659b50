"""What returns do by the clock."""

from datetime import datetime
from functools import partial

from thereafter.returns.actions import deciding, refund_news
from thereafter.returns.crediting import end_bonuses
from thereafter.returns.paying import pay_due
from thereafter.timeline import inbox
from thereafter.timeline.schedule import every


@every(hours=1)
def end_what_never_came(now: datetime) -> int:
    """Reminds shoppers of the last day, and ends what was not sent until then."""
    return deciding.expire_due(now)


@every(seconds=1)
def pay_back(now: datetime) -> int:
    """Carries refunds out that were promised."""
    return pay_due(now)


@every(seconds=1)
def hear_of_refunds(now: datetime) -> int:
    """Takes in what payment providers told."""
    return inbox.drain(refund_news.ROOM, partial(refund_news.take, now=now), now)


@every(hours=1)
def end_credit(now: datetime) -> None:
    """Books bonuses whose last day has passed."""
    end_bonuses(now)
