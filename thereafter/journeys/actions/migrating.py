"""Taking people along when a journey changes under them, in sets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from thereafter.journeys import rows
from thereafter.journeys.actions.holding import hold
from thereafter.journeys.actions.moving import end_rows
from thereafter.journeys.models import Journey, JourneyVersion, Passage, Run, Timer
from thereafter.journeys.rules import moves
from thereafter.journeys.rules.moves import Move, Place
from thereafter.journeys.rules.plans import MOVED, plan
from thereafter.journeys.versions import grounds, seed_of
from thereafter.stores.models import StoreQuerySet

KEEP, MOVE, END = "keep", "move", "end"
CHOICES = (KEEP, MOVE, END)
Mapped = Mapping[str, str]
Document = Mapping[str, Any]
# Why somebody left when their journey was published anew.
ENDED_BY_CHANGE = "journey changed"
State = Run.State
CHUNK = 5_000


@dataclass(frozen=True)
class Standpoint:
    """People who stand at a step of an older version, and where "move" would take them.

    `change`: their wait stays as it is (`same`), is reckoned anew from when it began (`anew`), its step is gone
    (`gone`, on they go with `to` when their time comes), or the way is over for them (`ends`).
    """

    version: int
    at: str
    count: int
    to: str
    change: str


@dataclass(frozen=True)
class Preview:
    """What publishing would do to those on the way: `keep` and `end` concern all `people` alike."""

    people: int
    standpoints: Sequence[Standpoint]

    @property
    def gone(self) -> list[str]:
        """Steps with people that are not in the new document: a mapping may say where these go on."""
        return sorted({one.at for one in self.standpoints if one.change in (moves.GONE, moves.ENDS)})


def preview_publish(journey: Journey, document: Document, mapping: Mapped | None = None) -> Preview:
    """How many stand where, and what each choice would do with them. The document must be sound."""
    new = plan(document, seed=seed_of(journey.pk))
    counted = (
        _waiting(journey).values_list("version_id", "version__number", "asleep_at", "node").annotate(count=Count("pk"))
    )
    found = list(counted)
    known = grounds({version_id for version_id, *_ in found})
    summed: Counter[tuple[int, str, str, str]] = Counter()
    for version_id, number, asleep_at, node, count in found:
        place = Place(asleep_at, node)
        goes = moves.move(place, known[version_id].plan, new, mapping or {})
        summed[number, place.at, goes.place.at, goes.change] += count
    standpoints = [Standpoint(number, at, count, to, change) for (number, at, to, change), count in summed.items()]
    order = {step: place for place, step in enumerate(new.steps)}
    standpoints.sort(key=lambda one: (order.get(one.at, -1), one.at, one.version))
    return Preview(sum(summed.values()), standpoints)


def take_along(version: JourneyVersion, *, people: str, mapping: Mapped, now: datetime) -> None:
    """Keeps, moves or ends those on the way in older versions, in the transaction of publishing."""
    if people not in CHOICES:
        raise ValueError(f"people are kept, moved or ended, not {people!r}")
    if people == KEEP:
        return
    older = _waiting(version.journey).exclude(version=version)
    hold(older)
    if people == END:
        _end(older, now)
        return
    groups = list(older.values_list("version_id", "asleep_at", "node").annotate(count=Count("pk")))
    known = grounds({version.pk, *(version_id for version_id, *_ in groups)})
    for version_id, asleep_at, node, count in groups:
        place = Place(asleep_at, node)
        goes = moves.move(place, known[version_id].plan, known[version.pk].plan, mapping)
        there = older.filter(version_id=version_id, asleep_at=asleep_at, node=node)
        if goes.change == moves.ENDS:
            _end(there, now)
        else:
            _move(there, goes, version, now)
            _count(version, (version_id, place.at, goes.place.at), count, now)


def _waiting(journey: Journey) -> StoreQuerySet[Run]:
    return Run.objects.of(journey.store_id).filter(journey=journey, state=State.WAITING).order_by()


def _move(there: StoreQuerySet[Run], goes: Move, version: JourneyVersion, now: datetime) -> None:
    """Two statements, however many they are."""
    if goes.change == moves.ANEW:
        # The engine reckons the wait anew, from when it began, with all that it may hang on.
        Timer.objects.filter(run__in=there).update(due_at=now)
    forgets = {} if goes.place.asleep_at else {"waits_for": ""}
    there.update(version=version, asleep_at=goes.place.asleep_at, node=goes.place.node, **forgets)


def _count(version: JourneyVersion, way: tuple[int, str, str], count: int, now: datetime) -> None:
    old_id, at, to = way
    out, back = (old_id, at, MOVED), (version.pk, MOVED, to)
    Passage.objects.bulk_create(
        Passage(store_id=version.store_id, version_id=pk, step=step, to=to, count=count, at=now)
        for pk, step, to in (out, back)
    )


def _end(there: StoreQuerySet[Run], now: datetime) -> None:
    """Who has ended is no longer among them."""
    while ids := list(there.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        end_rows(rows.some(ids), ENDED_BY_CHANGE, now)
