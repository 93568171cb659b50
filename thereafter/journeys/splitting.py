"""How the ways of a random split compare: who took each, and what they are judged by. Reads only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thereafter.journeys.attribution import origin_of
from thereafter.journeys.models import Conversion, Journey, JourneyVersion, Run, SplitWinner
from thereafter.journeys.queries import flow
from thereafter.journeys.rules import splits
from thereafter.journeys.rules.deciding import chosen_way
from thereafter.journeys.rules.plans import DONE, END, Plan, plan
from thereafter.journeys.rules.splits import Way
from thereafter.journeys.versions import seed_of
from thereafter.messaging.models import Receipt

GOAL, CLICK = "goal", "click"


@dataclass(frozen=True)
class Split:
    """A random split of a version. `chances` are those of being the best way; `winner` is "" while none is named."""

    step: str
    by: str
    ways: list[Way]
    chances: Mapping[str, float]
    winner: str


def of_version(version: JourneyVersion) -> list[Split]:
    """Every random split of a version with its figures by now."""
    return [of_step(version, step) for step in version.document["steps"] if step["kind"] == "split"]


def of_step(version: JourneyVersion, step: Mapping[str, Any]) -> Split:
    made = plan(version.document, seed=seed_of(version.journey_id))
    won = SplitWinner.objects.of(version.store_id).filter(version=version, step=step["id"]).first()
    by = (step.get("winner") or {}).get("by", GOAL)
    took = _took(version, made, step)
    reached = Counter(_name(made, step["id"], customer) for customer in set(_customers(version, made, step["id"], by)))
    ways = [
        Way(way["name"], way["weight"], took[way["name"]], min(reached[way["name"]], took[way["name"]]))
        for way in step["ways"]
    ]
    return Split(step["id"], by, ways, splits.chances(ways), won.way if won else "")


def _name(made: Plan, step: str, customer_id: int) -> str:
    return str(chosen_way(made, step, customer_id).get("name", ""))


def _took(version: JourneyVersion, made: Plan, step: Mapping[str, Any]) -> Counter[str]:
    """How many went each way. Where two ways lead to the same step, those there are shared out by weight."""
    edges = flow(version.pk).edges
    leads = {way["name"]: made.after[step["id"]] if not way.get("to") else way["to"] for way in step["ways"]}
    leads = {name: DONE if to in ("", END) else to for name, to in leads.items()}
    weights: Counter[str] = Counter()
    for way in step["ways"]:
        weights[leads[way["name"]]] += way["weight"]
    return Counter(
        {
            way["name"]: round(
                edges.get((step["id"], leads[way["name"]]), 0) * way["weight"] / weights[leads[way["name"]]]
            )
            for way in step["ways"]
            if weights[leads[way["name"]]]
        }
    )


def _customers(version: JourneyVersion, made: Plan, step: str, by: str) -> Iterable[int]:
    """Who did what the split is judged by: readers' clicks in what was sent behind it, or the goal."""
    if by == CLICK:
        return _clickers(version, behind(made, step))
    rows = Conversion.objects.of(version.store_id).filter(run__version=version).exclude(run__state=Run.State.HELD)
    return rows.values_list("customer_id", flat=True)


def _clickers(version: JourneyVersion, steps: Sequence[str]) -> Iterable[int]:
    origins = [f"{origin_of(version.journey)}{step}" for step in steps]
    rows = Receipt.objects.of(version.store_id).filter(kind=Receipt.Kind.CLICKED, machine=False)
    return rows.filter(message__origin__in=origins).values_list("message__customer_id", flat=True)


def behind(made: Plan, step: str) -> list[str]:
    """The steps below a split, to which its ways may lead."""
    ids = list(made.steps)
    return ids[ids.index(step) + 1 :]


def undecided() -> list[tuple[JourneyVersion, Mapping[str, Any]]]:
    """The splits of published versions that ask for a winner and have none yet."""
    live = Journey.objects.filter(live=True, version__isnull=False)
    won = set(SplitWinner.objects.filter(version__in=live.values("version")).values_list("version_id", "step"))
    return [
        (journey.version, step)
        for journey in live.select_related("version", "version__journey", "store")
        if journey.version
        for step in journey.version.document["steps"]
        if step["kind"] == "split" and step.get("winner") and (journey.version.pk, step["id"]) not in won
    ]
