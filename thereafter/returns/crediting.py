"""What happens to store credit by the clock."""

from datetime import datetime, timedelta

from thereafter.returns.actions import credit
from thereafter.returns.models import CreditAccount

MOST_AT_ONCE = 2_000


def end_bonuses(now: datetime) -> int:
    """Ends bonuses whose day has passed in their shop's own time; returns how many."""
    # West of Greenwich a day ends up to twelve hours after it did there: who is near is asked, and the action decides.
    near = CreditAccount.objects.filter(bonus_minor__gt=0, expires_on__lte=(now + timedelta(days=1)).date())
    found = near.select_related("store").order_by("expires_on", "pk")[:MOST_AT_ONCE]
    return sum(credit.expire(account, now=now) is not None for account in found)
