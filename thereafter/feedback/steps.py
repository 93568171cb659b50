from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from thereafter.feedback.actions import asking, review_plans
from thereafter.feedback.actions.review_requests import REMINDER, TEMPLATE
from thereafter.feedback.queries.surveys import names
from thereafter.journeys.registry import Go, Setting, Visit, alike_templates, step

# Whom these go to is never chosen by what somebody said of the shop.
alike_templates |= {TEMPLATE, REMINDER}


@step(
    "ask",
    label="Ask how it went",
    settings=[
        Setting("survey", "Survey", "survey", hint="Left empty: how satisfied they are with the order.", offers=names)
    ],
    icon="heart",
    group="Message",
    sends="satisfaction",
)
def ask(visits: Sequence[Visit]) -> Sequence[Go]:
    """Asks the question of `survey` (by itself: satisfaction), once per visit."""
    by_store: dict[int, list[asking.Asking]] = defaultdict(list)
    for visit in visits:
        survey = str(visit.settings.get("survey", asking.SATISFACTION))
        by_store[visit.store_id].append(
            asking.Asking(visit.customer_id, visit.source, visit.order_id, survey, visit.origin)
        )
    for store_id, askings in by_store.items():
        asking.ask(store_id, askings, now=visits[0].now)
    return [Go()] * len(visits)


@step(
    "ask_reviews",
    label="Ask for reviews",
    settings=[
        Setting(
            "days",
            "Days after delivery",
            "number",
            hint="Left empty: as under Reviews. Categories and products with a wait of their own keep it.",
        )
    ],
    icon="star",
    group="Message",
    sends=TEMPLATE,
    alike=True,
)
def ask_reviews(visits: Sequence[Visit]) -> Sequence[Go]:
    """Plans when the buyer is asked about what came; everybody alike, and within the budget of what a person is asked.

    The journey goes on at once: the waiting is done by the plan, product by product.
    """
    by_settings: dict[tuple[int, int | None], list[review_plans.Delivered]] = defaultdict(list)
    for visit in visits:
        if visit.order_id is not None:
            days = visit.settings.get("days")
            by_settings[visit.store_id, None if days is None else int(days)].append(_delivered(visit, visit.order_id))
    for (store_id, days), deliveries in by_settings.items():
        review_plans.plan(store_id, deliveries, now=visits[0].now, wait_days=days)
    return [Go()] * len(visits)


def _delivered(visit: Visit, order_id: int) -> review_plans.Delivered:
    number = str(visit.facts.get("tracking_number") or "")
    return review_plans.Delivered(visit.customer_id, order_id, _at(visit), visit.source, number, visit.origin)


def _at(visit: Visit) -> datetime:
    """When the goods came, if what started the journey says so; else now."""
    told = visit.facts.get("delivered_on")
    day = date.fromisoformat(told) if isinstance(told, str) and told else told
    return min(datetime.combine(day, time(12), UTC), visit.now) if isinstance(day, date) else visit.now
