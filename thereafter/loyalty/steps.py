"""What journeys do with points and membership."""

from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.models import Customer
from thereafter.journeys.registry import Go, Setting, Visit, step
from thereafter.loyalty.actions import deeds, members, points
from thereafter.loyalty.actions.earning import Deed
from thereafter.loyalty.models import Member


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


@step(
    "earn",
    label="Points for an action",
    settings=[
        Setting(
            "action",
            "Action of the programme",
            required=True,
            hint="Its key, such as recycling. The programme says how many points it brings, and how often",
        ),
    ],
    icon="star",
    group="Reward",
)
def earn(visits: Sequence[Visit]) -> Sequence[Go]:
    """Does an action of the programme for the customer, within its limits, once per visit. One that the programme does
    not have, or that is used up, gives nothing."""
    by_store: dict[int, list[Deed]] = defaultdict(list)
    for visit in visits:
        action = str(visit.settings["action"]).strip()
        by_store[visit.store_id].append(Deed(visit.customer_id, action, visit.source, visit.now, visit.order_id))
    for store_id, done in by_store.items():
        deeds.thank(store_id, done, now=visits[0].now)
    return [Go()] * len(visits)


@step("join_programme", label="Add to the points programme", icon="star", group="Customer")
def join_programme(visits: Sequence[Visit]) -> Sequence[Go]:
    """Makes the customer a member. Who left stays away: nobody is taken back in without asking."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for visit in visits:
        by_store[visit.store_id].add(visit.customer_id)
    for store_id, people in by_store.items():
        here = Customer.objects.of(store_id).filter(pk__in=people, merged_into=None).values_list("pk", flat=True)
        members.ensure(store_id, list(here), source=Member.Source.CONSOLE, now=visits[0].now)
    return [Go()] * len(visits)
