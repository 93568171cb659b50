from collections import defaultdict
from collections.abc import Sequence

from thereafter.feedback.actions import asking
from thereafter.journeys.registry import Go, Setting, Visit, step


@step(
    "ask",
    label="Ask how it went",
    settings=[Setting("survey", "Question", "survey", hint="Left empty: how satisfied are you?")],
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
