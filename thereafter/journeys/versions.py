"""Published versions ready to walk, kept in memory: a document is read once, however many runs are on it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from thereafter.journeys.models import JourneyVersion, SplitWinner
from thereafter.journeys.rules.plans import Plan, plan

_KEPT = 2000


class Ground(NamedTuple):
    """What a run walks on: its version's plan, and how its journey is now."""

    plan: Plan
    journey_id: int
    name: str
    paused_at: datetime | None


def seed_of(journey_id: int) -> str:
    """Keeps the random splits of journeys apart; the same for all versions, so that nobody changes sides."""
    return f"journey {journey_id}"


def grounds(version_ids: Collection[int]) -> dict[int, Ground]:
    """By version id. One or two small queries; documents are read when they are not known yet."""
    rows = JourneyVersion.objects.filter(pk__in=version_ids).values_list(
        "pk", "digest", "journey_id", "journey__name", "journey__paused_at"
    )
    won = _winners(version_ids)
    return {
        pk: Ground(_plan(pk, digest, journey_id, won.get(pk, ())), journey_id, name, paused_at)
        for pk, digest, journey_id, name, paused_at in rows
    }


def _winners(version_ids: Collection[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    rows = SplitWinner.objects.filter(version_id__in=version_ids).order_by("pk")
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for version_id, step, way in rows.values_list("version_id", "step", "way"):
        found[version_id] = (*found.get(version_id, ()), (step, way))
    return found


@lru_cache(maxsize=_KEPT)
def _plan(version_id: int, digest: str, journey_id: int, winners: tuple[tuple[str, str], ...]) -> Plan:
    """The digest tells two states of a document apart, and what two databases call by the same number."""
    document: Mapping[str, object] = JourneyVersion.objects.values_list("document", flat=True).get(pk=version_id)
    return plan(document, seed=seed_of(journey_id), winners=dict(winners))
