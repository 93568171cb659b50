"""Moving people on, and ending their way."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.events.base import ShopperEvent
from thereafter.events.journeys import JourneyEnded, JourneyStarted
from thereafter.journeys.models import Passage, Run
from thereafter.journeys.queries import due
from thereafter.journeys.registry import Go, Next, StepWork, Stop, Visit, WaitUntil, steps
from thereafter.journeys.rules import documents
from thereafter.timeline.log import record
from thereafter.timeline.models import first_line, next_try

log = logging.getLogger(__name__)
State = Run.State
_MOVED = ("state", "node", "due_at", "asleep_at", "why", "attempts", "outcome", "ended_at")


@transaction.atomic
def resume(now: datetime, limit: int) -> int:
    """Moves on up to `limit` runs whose wait is over; returns how many. One transaction moves them and all they do."""
    runs = list(due(now, limit))
    _carry(runs, now)
    return len(runs)


def _carry(runs: Sequence[Run], now: datetime) -> None:
    """A run that raises is set aside for later; it never holds up the others."""
    if not runs:
        return
    before = [{field: getattr(run, field) for field in _MOVED} for run in runs]
    try:
        with transaction.atomic():
            advance(runs, now)
    except Exception as error:
        for run, old in zip(runs, before, strict=True):
            for field, value in old.items():
                setattr(run, field, value)
        if len(runs) == 1:
            _postpone(runs[0], error, now)
            return
        for run in runs:
            _carry([run], now)


def _postpone(run: Run, error: Exception, now: datetime) -> None:
    log.warning("a run of journey %s failed at %s", run.journey_id, run.node, exc_info=error)
    run.attempts += 1
    wait = next_try(run.attempts)
    run.due_at, run.why = now + timedelta(seconds=wait or 0), f"Failed, will be tried again: {first_line(error)}"[:200]
    if wait is None:
        _end(run, State.STOPPED, f"Failed: {first_line(error)}"[:200], now)
    _write([run])


def advance(runs: Sequence[Run], now: datetime) -> None:
    """Walks all runs step by step, those at the same kind of step in one call, until each sleeps or has ended."""
    plans = {run.version_id: documents.plan(run.version.document) for run in runs}
    slept = {run.pk for run in runs if run.asleep_at}
    passed: Counter[tuple[int, int, str]] = Counter()
    moving = [run for run in runs if not _is_over(run, now)]
    while moving:
        passed.update((run.store_id, run.version_id, run.node) for run in moving)
        moving = [run for run, answer in _ask(moving, plans, now) if _move(run, answer, plans[run.version_id], now)]
    _write(runs)
    Passage.objects.bulk_create(
        [
            Passage(store_id=store_id, version_id=version_id, step=step, count=count, at=now)
            for (store_id, version_id, step), count in passed.items()
        ]
    )
    record(*filter(None, (_event(run, run.pk in slept, now) for run in runs)))


def _is_over(run: Run, now: datetime) -> bool:
    """Guards are looked at again whenever a run wakes: a cancelled order ends it even if nobody told us in time."""
    cancelled = run.order is not None and run.order.is_cancelled
    if cancelled and "order.cancelled" in documents.stops_on(run.version.document):
        _end(run, State.STOPPED, "order.cancelled", now)
        return True
    if not run.node:
        _end(run, State.DONE, "finished", now)
    return not run.node


def _ask(runs: Sequence[Run], plans: Mapping[int, documents.Plan], now: datetime) -> Iterable[tuple[Run, Next]]:
    by_kind: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_kind[plans[run.version_id].steps[run.node]["kind"]].append(run)
    for kind, group in by_kind.items():
        if kind not in steps:
            yield from ((run, Stop(f"no step of the kind {kind} is installed")) for run in group)
            continue
        visits = [_visit(run, plans[run.version_id].steps[run.node], now) for run in group]
        yield from zip(group, _effect(kind)(visits), strict=True)


def _effect(kind: str) -> StepWork:
    effect = steps[kind].effect
    if effect is None:
        raise LookupError(f"a step of the kind {kind} has nothing to do")
    return effect


def _visit(run: Run, step: Mapping[str, Any], now: datetime) -> Visit:
    return Visit(
        store_id=run.store_id,
        run_id=run.pk,
        customer_id=run.customer_id,
        order_id=run.order_id,
        step=run.node,
        settings=step,
        facts=run.facts,
        now=now,
    )


def _move(run: Run, answer: Next, plan: documents.Plan, now: datetime) -> bool:
    """Takes the answer of a step; whether the run goes on at once."""
    at = run.node
    run.attempts, run.asleep_at, run.why = 0, "", ""
    if isinstance(answer, Stop):
        _end(run, State.STOPPED, answer.outcome, now)
        return False
    to = answer.to if isinstance(answer, Go) else ""
    run.node = ("" if to == documents.END else to) if to else plan.after[at]
    if isinstance(answer, WaitUntil) and answer.at > now:
        run.due_at, run.asleep_at, run.why = answer.at, at, answer.why[:200]
        return False
    if not run.node:
        _end(run, State.DONE, "finished", now)
    return bool(run.node)


def _end(run: Run, state: str, outcome: str, now: datetime) -> None:
    run.state, run.outcome, run.ended_at, run.why = state, outcome[:200], now, ""


def _write(runs: Sequence[Run]) -> None:
    # The rows are there and locked: an upsert is several times faster than bulk_update.
    Run.objects.bulk_create(runs, update_conflicts=True, unique_fields=["id"], update_fields=_MOVED)


def _event(run: Run, had_slept: bool, now: datetime) -> ShopperEvent | None:
    """A run is told of when it first goes to sleep and when it ends; one that never slept is told by what it did."""
    told: dict[str, Any] = {
        "store_id": run.store_id,
        "customer_id": run.customer_id,
        "order_id": run.order_id,
        "occurred_at": now,
        "run_id": run.pk,
        "journey": run.journey.name,
    }
    if run.state == State.WAITING:
        return JourneyStarted(**told) if run.asleep_at and not had_slept else None
    return JourneyEnded(**told, outcome=run.outcome) if had_slept else None


@transaction.atomic
def stop_for(events: Sequence[ShopperEvent], now: datetime) -> None:
    """Ends the runs about these events' orders whose journey says that it stops on them."""
    happened: dict[int | None, str] = {event.order_id: event.name for event in events if event.order_id}
    rows = Run.objects.filter(
        store_id__in={event.store_id for event in events}, order_id__in=happened, state=State.WAITING
    )
    locked = rows.select_for_update(of=("self",)).select_related("version", "journey").order_by("id")
    ended = [run for run in locked if happened[run.order_id] in documents.stops_on(run.version.document)]
    for run in ended:
        _end(run, State.STOPPED, happened[run.order_id], now)
    _write(ended)
    record(*filter(None, (_event(run, bool(run.asleep_at), now) for run in ended)))


@transaction.atomic
def move_to(keep_id: int, merged_id: int, store_id: int) -> None:
    """The runs of a customer who turned out to be another one."""
    Run.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)


@transaction.atomic
def skip_waits(order: Order, *, now: datetime) -> int:
    """The journeys of this order go on now instead of when their wait would end; returns how many."""
    return Run.objects.of(order.store_id).filter(order=order, state=State.WAITING).update(due_at=now)
