"""Taking people along when a journey changes under them, in sets."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from thereafter.journeys import rows
from thereafter.journeys.actions.moving import end_rows
from thereafter.journeys.models import Journey, JourneyVersion, Passage, Run
from thereafter.journeys.rules import moves
from thereafter.journeys.rules.moves import Move, Place
from thereafter.journeys.rules.plans import MOVED, plan
from thereafter.journeys.versions import grounds, seed_of

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
    waiting = Run.objects.of(journey.store_id).filter(journey=journey, state=State.WAITING).order_by()
    counted = waiting.values_list("version_id", "version__number", "asleep_at", "node").annotate(count=Count("pk"))
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
    groups = _older(version)
    known = grounds({version.pk, *(version_id for version_id, _ in groups)})
    if people == END:
        for ids in groups.values():
            _end(ids, now)
        return
    for (version_id, place), ids in groups.items():
        goes = moves.move(place, known[version_id].plan, known[version.pk].plan, mapping)
        if goes.change == moves.ENDS:
            _end(ids, now)
        else:
            _move(version, version_id, place, goes, ids, now)


def _older(version: JourneyVersion) -> dict[tuple[int, Place], list[int]]:
    """Who is on the way in other versions, by where they stand; locked, always in the same sequence."""
    waiting = Run.objects.of(version.store_id).filter(journey_id=version.journey_id, state=State.WAITING)
    waiting = waiting.exclude(version=version).order_by("pk").select_for_update(of=("self",))
    groups: dict[tuple[int, Place], list[int]] = defaultdict(list)
    for pk, version_id, asleep_at, node in waiting.values_list("pk", "version_id", "asleep_at", "node"):
        groups[version_id, Place(asleep_at, node)].append(pk)
    return groups


def _move(version: JourneyVersion, old_id: int, place: Place, goes: Move, ids: Sequence[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        forgets = "" if goes.place.asleep_at else ", waits_for = ''"
        cursor.execute(
            f"UPDATE journeys_run SET version_id = %s, asleep_at = %s, node = %s{forgets} "  # noqa: S608 constants
            f"WHERE {rows.among('id')}",
            [version.pk, goes.place.asleep_at, goes.place.node, rows.listed(ids)],
        )
    if goes.change == moves.ANEW:
        # The engine reckons the wait anew, from when it began, with all that it may hang on.
        rows.set_timers(dict.fromkeys(ids, now))
    out, back = (old_id, place.at, MOVED), (version.pk, MOVED, goes.place.at)
    Passage.objects.bulk_create(
        Passage(store_id=version.store_id, version_id=pk, step=step, to=to, count=len(ids), at=now)
        for pk, step, to in (out, back)
    )


def _end(ids: Sequence[int], now: datetime) -> None:
    for start in range(0, len(ids), CHUNK):
        end_rows(rows.some(ids[start : start + CHUNK]), ENDED_BY_CHANGE, now)
