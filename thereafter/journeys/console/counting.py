"""The figures that stand on the picture of a journey."""

from datetime import datetime

from django.db.models import Sum

from thereafter.journeys import queries
from thereafter.journeys.console.picture import Counts
from thereafter.journeys.models import JourneyVersion, Passage
from thereafter.journeys.rules.plans import HELD


def counts_of(version: JourneyVersion, since: datetime | None) -> Counts:
    """How many passed where since then, and who stands where now."""
    whole = queries.flow(version.pk)
    flow = whole if since is None else _flow_since(version, since)
    entered = sum(count for (step, to), count in flow.edges.items() if step == "" and to != HELD)
    return Counts(flow.passed, flow.edges, whole.standing, entered)


def _flow_since(version: JourneyVersion, since: datetime) -> queries.Flow:
    rows = Passage.objects.of(version.store_id).filter(version=version, at__gte=since).order_by()
    totals = rows.values_list("step", "to").annotate(total=Sum("count"))
    return queries.Flow({(step, to): total for step, to, total in totals if total})
