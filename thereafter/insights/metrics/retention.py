"""Who was active at both ends of a period. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.people import flag, histories
from thereafter.insights.metrics.tables import Scope

ACTIVE = 90


def active_sets(scope: Scope, active_days: int = ACTIVE) -> Table:
    """Per `at_start`, `at_end` (1: a net order in the `active_days` before that end of the period) and `is_new` (first
    order in the period): `customers`, without those who are none of it.

    S = at_start, E = at_end, N = is_new. Strict retention = |S ∩ E| / |S|, churn = 1 - it, reactivated = E - S - N.
    Unit: customers. Source: orders of the shop.
    """
    rows = histories(scope)
    rows = rows.mutate(
        at_start=flag((rows.day >= scope.since - active_days) & (rows.day < scope.since)),
        at_end=flag(rows.day >= scope.until - active_days),
        is_new=flag(rows.first_day >= scope.since),
    )
    people = rows.group_by("customer_id").agg(
        at_start=rows.at_start.max(), at_end=rows.at_end.max(), is_new=rows.is_new.max()
    )
    people = people.filter(people.at_start + people.at_end + people.is_new > 0)
    return people.group_by(["at_start", "at_end", "is_new"]).agg(customers=people.count())
