from collections import defaultdict
from collections.abc import Sequence

from thereafter.journeys.registry import Go, Setting, Visit, step
from thereafter.loyalty.actions import points


@step(
    "award",
    label="Give points",
    settings=[
        Setting("points", "Points", "number", required=True),
        Setting("reason", "What the member reads", hint="Such as: for your patience"),
    ],
    icon="gift",
    group="Reward",
)
def award(visits: Sequence[Visit]) -> Sequence[Go]:
    """Gives `points`, once per visit; `reason` is what the member reads."""
    by_store: dict[int, list[points.Award]] = defaultdict(list)
    for visit in visits:
        by_store[visit.store_id].append(_award(visit))
    for store_id, awards in by_store.items():
        points.award_many(store_id, awards, now=visits[0].now)
    return [Go()] * len(visits)


def _award(visit: Visit) -> points.Award:
    return points.Award(
        customer_id=visit.customer_id,
        points=int(visit.settings["points"]),
        source=visit.source,
        reason=str(visit.settings.get("reason") or "journey"),
        at=visit.now,
        order_id=visit.order_id,
    )
