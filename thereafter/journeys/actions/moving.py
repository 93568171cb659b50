"""Moving people on when their time has come, and ending their way."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.events.base import ShopperEvent
from thereafter.events.journeys import JourneyEnded
from thereafter.journeys import rows
from thereafter.journeys.actions import waking
from thereafter.journeys.actions.walking import advance
from thereafter.journeys.hearing import is_about
from thereafter.journeys.models import Journey, JourneyVersion, Run
from thereafter.journeys.rows import Edge, Row, Standing
from thereafter.journeys.rules.plans import STOPPED
from thereafter.journeys.versions import grounds
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff
from thereafter.timeline.log import record
from thereafter.timeline.models import first_line, next_try

log = logging.getLogger(__name__)
State = Run.State


class NotThere(ValueError):
    """The run cannot be put where it was asked to be; the text says why."""


def resume(now: datetime, limit: int) -> int:
    """Moves on up to `limit` runs whose time has come; returns how many. One transaction moves them and all they do.

    Who fell asleep waiting for an event is looked at once more afterwards: it may have come at that very moment.
    """
    with transaction.atomic():
        claimed = rows.claim(now, limit)
        asleep = _carry(claimed, now)
    if asleep:
        waking.look_up(asleep, now)
    return len(claimed)


def _carry(claimed: Sequence[Row], now: datetime) -> list[int]:
    """A run that raises is set aside for later, and holds up nobody: the batch is halved until it stands alone."""
    if not claimed:
        return []
    try:
        with transaction.atomic():
            return _move_on(claimed, now)
    except Exception as error:
        if len(claimed) == 1:
            _postpone(claimed[0], error, now)
            return []
    middle = len(claimed) // 2
    return [*_carry(claimed[:middle], now), *_carry(claimed[middle:], now)]


def _move_on(claimed: Sequence[Row], now: datetime) -> list[int]:
    """Who has ended or whose journey is paused does not move, and loses the timer (`pausing.go_on` gives it back)."""
    known = grounds({row.version_id for row in claimed})
    moving = [row for row in claimed if row.state == State.WAITING and known[row.version_id].paused_at is None]
    if len(moving) < len(claimed):
        rows.drop_timers({row.id for row in claimed} - {row.id for row in moving})
    return advance(moving, known, now) if moving else []


def _postpone(row: Row, error: Exception, now: datetime) -> None:
    log.warning("a run of journey %s failed at %s", row.journey_id, row.node, exc_info=error)
    attempts = row.attempts + 1
    wait = next_try(attempts)
    if wait is None:
        end_rows([row], f"Failed: {first_line(error)}", now, attempts=attempts)
        return
    # It stands where it stood; only the timer and the reason change.
    due_at = now + timedelta(seconds=wait)
    why = f"Failed, will be tried again: {first_line(error)}"[:200]
    rows.write({row.id: Standing(row.state, row.node, due_at, row.asleep_at, why, row.waits_for, attempts=attempts)})
    rows.set_timers({row.id: due_at})


def end(runs: Collection[Run], outcome: str, now: datetime) -> None:
    """Ends runs that are still on their way, in the caller's transaction."""
    end_rows(rows.some([run.pk for run in runs], locked=True), outcome, now)


def end_rows(found: Sequence[Row], outcome: str, now: datetime, attempts: int = 0) -> None:
    """Ends those of these runs that are still on their way, in the caller's transaction."""
    waiting = [row for row in found if row.state == State.WAITING]
    if not waiting:
        return
    standing = Standing(State.STOPPED, "", None, outcome=outcome[:200], ended_at=now, attempts=attempts)
    rows.write({row.id: standing for row in waiting})
    rows.drop_timers([row.id for row in waiting])
    rows.count_passages(((row.store_id, row.version_id, [_out(row)]) for row in waiting), now)
    names = dict(Journey.objects.filter(pk__in={row.journey_id for row in waiting}).values_list("pk", "name"))
    record(*(_ended(row, names[row.journey_id], outcome, now) for row in waiting if row.slept))


def _out(row: Row) -> Edge:
    return row.asleep_at or row.node, STOPPED


def _ended(row: Row, journey: str, outcome: str, now: datetime) -> JourneyEnded:
    return JourneyEnded(
        store_id=row.store_id,
        customer_id=row.customer_id,
        order_id=row.order_id,
        occurred_at=now,
        run_id=row.id,
        journey=journey,
        outcome=outcome[:200],
    )


@transaction.atomic
def stop_for(events: Sequence[ShopperEvent], now: datetime) -> None:
    """Ends the runs that these events are about (of the order, else of the customer) whose journey stops on them."""
    stops = _stops({event.store_id for event in events})
    names = {event.name for event in events} & set().union(*stops.values())
    told: dict[int, list[ShopperEvent]] = defaultdict(list)
    for event in events:
        if event.name in names:
            told[event.customer_id].append(event)
    if not told:
        return
    found = Run.objects.filter(
        customer_id__in=told, version_id__in=[pk for pk, on in stops.items() if on & names], state=State.WAITING
    )
    ended: dict[str, list[int]] = defaultdict(list)
    for run in found.only("customer_id", "order_id", "version_id", "happened_at"):
        name = next((one.name for one in told[run.customer_id] if _stops_on(run, one, stops[run.version_id])), "")
        if name:
            ended[name].append(run.pk)
    for name, ids in ended.items():
        end_rows(rows.some(ids, locked=True), name, now)


def _stops_on(run: Run, event: ShopperEvent, names: Collection[str]) -> bool:
    """Not on what started it, nor on what was over before."""
    if event.name not in names or not is_about(event.name, event.order_id, run.order_id):
        return False
    is_own_order = event.name == "order.placed" and event.order_id == run.order_id
    return not is_own_order and event.occurred_at >= run.happened_at


def _stops(store_ids: Collection[int]) -> dict[int, frozenset[str]]:
    ids = JourneyVersion.objects.filter(store_id__in=store_ids).values_list("pk", flat=True)
    return {version_id: ground.plan.stops_on for version_id, ground in grounds(list(ids)).items()}


@transaction.atomic
def move_to(keep_id: int, merged_id: int, store_id: int) -> None:
    """The runs of a customer who turned out to be another one."""
    Run.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)


@transaction.atomic
def skip_waits(order: Order, *, now: datetime) -> int:
    """The journeys of this order go on now instead of when their wait would end; returns how many."""
    waiting = Run.objects.of(order.store_id).filter(order=order, state=State.WAITING)
    ids = list(waiting.values_list("pk", flat=True))
    waiting.update(due_at=now)
    rows.add_timers(dict.fromkeys(ids, now))
    return len(ids)


@transaction.atomic
def reschedule(run: Run, *, due_at: datetime, by: Staff | None, now: datetime) -> None:
    """The run wakes at another moment. Raises `NotThere` when it has ended."""
    (row,) = _waiting(run)
    Run.objects.filter(pk=row.id).update(due_at=due_at, why=_by_hand(by))
    rows.add_timers({row.id: due_at})
    audit(run.store, by=by, verb="journeys.reschedule", now=now, subject=str(run.journey))


@transaction.atomic
def stop(run: Run, *, by: Staff | None, now: datetime) -> None:
    """Takes the customer out of the journey. Raises `NotThere` when the run has ended."""
    end_rows(_waiting(run), "stopped by hand", now)
    audit(run.store, by=by, verb="journeys.stop_run", now=now, subject=str(run.journey))


@transaction.atomic
def put_on(run: Run, step: str, *, by: Staff | None, now: datetime) -> None:
    """The run goes on with this step at once; steps it had done before do their work once more.

    Raises `NotThere` when it has ended or its version has no such step.
    """
    (row,) = _waiting(run)
    if step not in grounds([row.version_id])[row.version_id].plan.steps:
        raise NotThere(f"The version that this run is on has no step “{step}”.")
    Run.objects.filter(pk=row.id).update(
        node=step,
        visit=row.visit + 1,
        due_at=now,
        entered_at=now,
        # Not asleep any more: put on the wait where it slept, it waits from now, and its time is not up.
        asleep_at="",
        why=_by_hand(by),
        waits_for="",
        attempts=0,
    )
    rows.count_passages([(row.store_id, row.version_id, [(row.asleep_at or row.node, step)])], now)
    rows.add_timers({row.id: now})
    audit(run.store, by=by, verb="journeys.put_on", now=now, subject=str(run.journey), detail={"step": step})


def _waiting(run: Run) -> list[Row]:
    found = [row for row in rows.some([run.pk], locked=True) if row.state == State.WAITING]
    if not found:
        raise NotThere("This run has ended.")
    return found


def _by_hand(by: Staff | None) -> str:
    return f"Set by {by.name if by else 'the system'}"[:200]
