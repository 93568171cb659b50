"""Runs as the engine reads and writes them: past the ORM, in sets, a few statements for a whole batch."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from thereafter.commerce.models import Order
from thereafter.journeys.models import Passage
from thereafter.timeline.rows import insert

Edge = tuple[str, str]


class Row(NamedTuple):
    """A run as it was claimed."""

    id: int
    store_id: int
    journey_id: int
    version_id: int
    customer_id: int
    order_id: int | None
    state: str
    node: str
    visit: int
    asleep_at: str
    waits_for: str
    attempts: int
    slept: bool
    # As text: most runs are moved without a look at these.
    facts_as_text: str
    happened_as_text: str
    due_as_text: str
    entered_as_text: str

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = msgspec.json.decode(self.facts_as_text)
        return facts

    @property
    def happened_at(self) -> datetime:
        return _moment(self.happened_as_text)

    @property
    def due_at(self) -> datetime:
        return _moment(self.due_as_text)

    @property
    def entered_at(self) -> datetime:
        return _moment(self.entered_as_text)


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    """A moment as either database writes it; SQLite leaves its zone out, which is UTC."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Standing(NamedTuple):
    """How a run stands after it was moved; runs that stand alike are written by one statement."""

    state: str
    node: str
    due_at: datetime | None
    asleep_at: str = ""
    why: str = ""
    waits_for: str = ""
    entered_at: datetime | None = None
    attempts: int = 0
    outcome: str = ""
    ended_at: datetime | None = None
    slept: bool = False


_COLUMNS = (
    "r.id, r.store_id, r.journey_id, r.version_id, r.customer_id, r.order_id, r.state, r.node, r.visit, r.asleep_at, "
    "r.waits_for, r.attempts, r.slept, CAST(r.facts AS text), CAST(r.happened_at AS text), CAST(r.due_at AS text), "
    "CAST(r.entered_at AS text)"
)
_SET = (
    "state = %s, node = %s, due_at = COALESCE(%s, due_at), asleep_at = %s, why = %s, waits_for = %s, "
    "entered_at = COALESCE(%s, entered_at), attempts = %s, outcome = %s, "
    "ended_at = %s, slept = (slept OR %s)"
)


def claim(now: datetime, limit: int) -> list[Row]:
    """Runs whose timer has gone off, longest overdue first. On PostgreSQL they are locked until the transaction ends,
    and what another worker (or somebody who stops a run) has locked is passed over; SQLite has one writer anyhow."""
    lock = "FOR UPDATE OF t, r SKIP LOCKED" if connection.vendor == "postgresql" else ""
    return _read(
        f"SELECT {_COLUMNS} FROM journeys_timer t JOIN journeys_run r ON r.id = t.run_id "  # noqa: S608 constants
        f"WHERE t.due_at <= %s ORDER BY t.due_at, t.run_id LIMIT %s {lock}",
        [_time(now), limit],
    )


def some(ids: Collection[int], *, locked: bool = False) -> list[Row]:
    """These runs as they stand; with `locked` nobody else moves them until the transaction ends."""
    lock = "FOR UPDATE" if locked and connection.vendor == "postgresql" else ""
    return _read(
        f"SELECT {_COLUMNS} FROM journeys_run r WHERE {among('r.id')} ORDER BY r.id {lock}",  # noqa: S608 constants
        [listed(ids)],
    )


def _read(sql: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    return [Row._make(row) for row in found]


def cancelled(order_ids: Collection[int]) -> set[int]:
    """Those of these orders that were cancelled."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM commerce_order WHERE {among('id')} AND status = %s",  # noqa: S608 constants
            [listed(order_ids), Order.Status.CANCELLED],
        )
        return {order_id for (order_id,) in cursor.fetchall()}


def write(standings: Mapping[int, Standing]) -> None:
    """Writes how runs stand, by their ids."""
    alike: dict[Standing, list[int]] = defaultdict(list)
    for run_id, standing in standings.items():
        alike[standing].append(run_id)
    _many(
        f"UPDATE journeys_run SET {_SET} WHERE {among('id')}",  # noqa: S608 constants
        [(*map(_value, standing), listed(ids)) for standing, ids in alike.items()],
    )


def set_timers(due: Mapping[int, datetime]) -> None:
    """Moves the timers of runs that have one."""
    alike: dict[datetime, list[int]] = defaultdict(list)
    for run_id, at in due.items():
        alike[at].append(run_id)
    _many(
        f"UPDATE journeys_timer SET due_at = %s WHERE {among('run_id')}",  # noqa: S608 constants
        [(_time(at), listed(ids)) for at, ids in alike.items()],
    )


def add_timers(due: Mapping[int, datetime]) -> None:
    """Gives runs a timer, or moves the one they have."""
    _many(
        "INSERT INTO journeys_timer (run_id, due_at) VALUES (%s, %s) "
        "ON CONFLICT (run_id) DO UPDATE SET due_at = excluded.due_at",
        [(run_id, _time(at)) for run_id, at in due.items()],
    )


def drop_timers(ids: Collection[int]) -> None:
    if ids:
        _many(f"DELETE FROM journeys_timer WHERE {among('run_id')}", [(listed(ids),)])  # noqa: S608 constants


def count_passages(walked: Iterable[tuple[int, int, Iterable[Edge]]], now: datetime) -> None:
    """Adds to the counts of edges: (store id, version id, the edges a run took)."""
    passed: Counter[tuple[int, int, str, str]] = Counter()
    for store_id, version_id, edges in walked:
        for step, to in edges:
            passed[store_id, version_id, step, to] += 1
    insert(
        Passage(store_id=store_id, version_id=version_id, step=step, to=to, count=number, at=now)
        for (store_id, version_id, step, to), number in passed.items()
    )


def among(column: str) -> str:
    """Whether a column's value is one of the ids that `listed` gives, as one parameter however many they are."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 a column of ours


def listed(ids: Iterable[int]) -> str:
    text = ",".join(map(str, ids))
    return f"{{{text}}}" if connection.vendor == "postgresql" else f"[{text}]"


def _many(sql: str, values: Sequence[Sequence[Any]]) -> None:
    """One statement for one row of values, a pipeline or one prepared statement for many."""
    if not values:
        return
    with connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(sql, values[0])
        else:
            cursor.executemany(sql, values)


def _value(value: Any) -> Any:
    return _time(value) if isinstance(value, datetime) else value


def _time(moment: datetime) -> Any:
    return moment if connection.vendor == "postgresql" else connection.ops.adapt_datetimefield_value(moment)
