"""Starting a rehearsal."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as day_time
from typing import Any, NamedTuple

from thereafter.journeys import queries
from thereafter.journeys.models import Journey
from thereafter.journeys.rehearsing.arriving import Door, Watch, rounds
from thereafter.journeys.rehearsing.judging import judge
from thereafter.journeys.rehearsing.past import Past
from thereafter.journeys.rehearsing.playing import Play, Stage, goals_reached, play
from thereafter.journeys.rehearsing.telling import Rehearsal
from thereafter.journeys.rules import documents, goals, plans
from thereafter.journeys.versions import Ground, seed_of
from thereafter.kit import clock
from thereafter.stores.models import Store

Document = Mapping[str, Any]


class BadRehearsal(ValueError):
    """What keeps the journey from being rehearsed, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The days, both included, on the shop's clock, whose events let people in.

    `document` is None for what new people enter now. `beginning` moves all of it to a first day in the future.
    `rhythm` is how often the worker looked, for a replay that did not look all the time. `most` people are played.
    """

    first: date
    last: date
    document: Document | None = None
    beginning: date | None = None
    rhythm: timedelta | None = None
    most: int | None = None


def rehearse(journey: Journey, wanted: Wanted, now: datetime, watch: Watch = lambda count: None) -> Rehearsal:
    """Plays the journey over these days of the store's past. Reads only; raises `BadRehearsal`."""
    begun = time.monotonic()
    if wanted.first > wanted.last:
        raise BadRehearsal("The first day comes after the last one.")
    document = sound_document(journey, wanted.document)
    shift = _shift(wanted)
    since, until = (_midnight(journey.store, day) + shift for day in (wanted.first, wanted.last + timedelta(days=1)))
    stage = stage_of(journey, document, Span(since, max(now, until) + shift, shift, wanted.rhythm))
    door = Door(journey, stage)
    comers = door.comers(since, until)
    plays: list[Play] = []
    for entered in rounds(door, comers[: wanted.most], watch):
        play(entered, stage)
        plays += entered
    letters = judge(journey, plays, stage)
    return Rehearsal(
        journey=journey,
        first=wanted.first,
        last=wanted.last,
        plays=plays,
        letters=letters,
        goals=len(goals_reached(plays, stage)),
        seconds=time.monotonic() - begun,
        is_cut=wanted.most is not None and len(comers) > wanted.most,
    )


def sound_document(journey: Journey, given: Document | None) -> Document:
    """The document to play; raises `BadRehearsal` when there is none, or it could not be published."""
    document = given if given is not None else journey.version.document if journey.version else journey.draft
    if document is None:
        raise BadRehearsal(f"“{journey.name}” has no steps yet.")
    problems = documents.check(document, queries.known(journey.store))
    if problems:
        raise BadRehearsal("; ".join(str(problem) for problem in problems))
    return dict(document)


class Span(NamedTuple):
    """The stretch of virtual time that is played."""

    since: datetime
    until: datetime
    shift: timedelta = timedelta(0)
    rhythm: timedelta | None = None


def stage_of(journey: Journey, document: Document, span: Span, *, customer_id: int | None = None) -> Stage:
    """Everything a play needs, with the log read into memory; of one customer, or of all."""
    past = Past(
        journey.store_id, names_of(document), span.since - span.shift, customer_id=customer_id, shift=span.shift
    )
    plan = plans.plan(document, seed=seed_of(journey.pk))
    looked = _rhythm(past.first_told, span.rhythm) if span.rhythm and past.first_told else _at_once
    return Stage(
        store_id=journey.store_id,
        document=document,
        ground=Ground(plan, journey.pk, journey.name, None),
        past=past,
        until=span.until,
        shift=span.shift,
        looked=looked,
        keeps_facts=customer_id is not None,
    )


def names_of(document: Document) -> frozenset[str]:
    """The events that a document has to do with."""
    awaited = {str(step["event"]) for step in document["steps"] if step.get("kind") == "wait_for"}
    goal = str((document.get("goal") or {}).get("event") or goals.DEFAULT)
    begins = plans.trigger_event(document["trigger"])
    return frozenset({begins, goal, "order.cancelled", *awaited, *plans.stops_on(document)})


def _shift(wanted: Wanted) -> timedelta:
    return wanted.beginning - wanted.first if wanted.beginning else timedelta(0)


def _midnight(store: Store, day: date) -> datetime:
    return datetime.combine(day, day_time(), tzinfo=clock.zone(store.time_zone))


def _at_once(due: datetime) -> datetime:
    return due


def _rhythm(anchor: datetime, every: timedelta) -> Callable[[datetime], datetime]:
    """When a worker looks that looks so often, and looked at `anchor`."""
    return lambda due: anchor - (anchor - due) // every * every
