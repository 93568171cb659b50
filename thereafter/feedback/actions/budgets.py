"""The shop's budget of asking."""

from datetime import datetime

from django.db import transaction

from thereafter.feedback.models import Ask, Budget
from thereafter.feedback.rules.budget import QUIET, Policy
from thereafter.stores.models import Staff, Store


class BadBudget(ValueError):
    """Says what cannot be."""


_MOST_PERCENT = 50


@transaction.atomic
def save(store: Store, policy: Policy, *, by: Staff, now: datetime) -> Budget:
    """Holds from now on; who waits is looked at again with it. Raises `BadBudget`."""
    if policy.most < 1 or policy.days < 1:
        raise BadBudget("Ask at least once in at least a day; to ask nobody, archive your surveys.")
    if min(policy.gap_after_ask, policy.gap_after_answer) < 0 or not 0 <= policy.holdout_percent <= _MOST_PERCENT:
        raise BadBudget("Days cannot be negative, and at most half of your customers can be left out.")
    kept, _ = Budget.objects.update_or_create(
        store=store,
        defaults={
            "most": policy.most,
            "days": policy.days,
            "gap_after_ask": policy.gap_after_ask,
            "gap_after_answer": policy.gap_after_answer,
            "quiet_while": [kind for kind in QUIET if kind in policy.quiet_while],
            "holdout_percent": policy.holdout_percent,
            "changed_at": now,
            "changed_by": by.name,
        },
    )
    # What is open may hold nobody back any more, and days may be shorter.
    Ask.objects.of(store).filter(state=Ask.State.WAITING, due_at__lte=now).update(look_at=now)
    return kept
