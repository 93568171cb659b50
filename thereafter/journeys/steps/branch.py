from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.journeys.registry import Go, Next, Setting, Visit, step
from thereafter.journeys.rules import conditions

Facts = Mapping[str, Mapping[str, Any]]


@step(
    "branch",
    label="Choose a way",
    settings=[
        Setting("if", "If", "condition", required=True),
        Setting("then", "Then go to", "step", required=True),
        Setting("else", "Otherwise go to", "step"),
    ],
    icon="flow",
    group="Choose",
)
def branch(visits: Sequence[Visit]) -> Sequence[Next]:
    """Down `then` when the condition `if` holds, otherwise down `else` (or on to the next step)."""
    facts = _facts(visits)
    return [_way(visit, known) for visit, known in zip(visits, facts, strict=True)]


def _way(visit: Visit, known: Facts) -> Go:
    if conditions.holds(visit.settings["if"], known):
        return Go(visit.settings["then"])
    return Go(visit.settings.get("else", ""))


def _facts(visits: Sequence[Visit]) -> list[Facts]:
    customers = Customer.objects.in_bulk({visit.customer_id for visit in visits})
    orders = Order.objects.in_bulk({visit.order_id for visit in visits if visit.order_id})
    return [
        {
            "fact": visit.facts,
            "trait": customers[visit.customer_id].traits,
            "customer": vars(customers[visit.customer_id]),
            "order": vars(orders[visit.order_id]) if visit.order_id in orders else {},
        }
        for visit in visits
    ]
