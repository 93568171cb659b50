"""Every metric is the same whole numbers wherever it is counted; and what DuckDB may and may not."""

import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from thereafter.insights.engine import files
from thereafter.insights.engine.clickhouse import ClickHouse, ddl
from thereafter.insights.engine.current import engine
from thereafter.insights.engine.database import Lite, Postgres
from thereafter.insights.engine.duck import Duck
from thereafter.insights.engine.port import Engine, EngineTrouble
from thereafter.insights.metrics import tables, value
from thereafter.insights.metrics.tables import Scope
from thereafter.insights.tests import comparing
from thereafter.insights.tests.comparing import MEMBERS, compare, found, questions


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Snapshots of the made-up shops."""
    made = tmp_path_factory.mktemp("snapshots")
    comparing.write(made)
    return made


@pytest.fixture(scope="module")
def duck(folder: Path) -> Duck:
    return Duck(folder)


@pytest.fixture
def other(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Engine:
    """The database that these tests run on."""
    if connection.vendor == "sqlite":
        return Lite(folder, tmp_path)
    request.getfixturevalue("db")
    told = connection.settings_dict
    host = told["OPTIONS"].get("host", told["HOST"])
    port = told["OPTIONS"].get("port", told["PORT"])
    return Postgres(folder, f"postgresql://{told['USER']}:{told['PASSWORD']}@/{told['NAME']}?host={host}&port={port}")


def test_metrics_are_found() -> None:
    assert {"cohorts.by_month", "products.pairs", "value.customers"} <= set(found())


@pytest.mark.timeout(400)  # some hundred questions, on a machine that may be busy
def test_every_metric_is_the_same_on_duckdb_and_on_this_database(duck: Duck, other: Engine) -> None:
    verdicts = compare([duck, other], list(questions(few=True)))
    wrong = [f"{metric} on {name}: {verdict.example}" for (metric, name), verdict in verdicts.items() if verdict.differ]
    assert not wrong, "\n".join(wrong)


def test_members_come_with_the_question(duck: Duck) -> None:
    asked = tables.orders(Scope(1, 0, 30_000, in_segment=True))
    assert duck.fetch(1, asked) == []
    rows = duck.fetch(1, asked, {"members": MEMBERS})
    assert {row["customer_id"] for row in rows} <= set(MEMBERS["customer_id"].to_pylist())
    assert rows
    assert duck.fetch(1, asked) == []


def test_columns_hold_what_the_rows_hold(duck: Duck, other: Engine) -> None:
    asked = value.lives(Scope(1, 0, 30_000))
    rows = duck.fetch(1, asked)
    for one in (duck, other):
        columns = one.columns(1, asked)
        found = zip(*(column.tolist() for column in columns.values()), strict=True)
        assert sorted(found) == sorted(tuple(row[name] for name in columns) for row in rows)


def test_many_threads_may_ask_at_once(duck: Duck) -> None:
    said: list[Any] = []

    def ask(customer: int) -> None:
        given = {"members": pa.table({"customer_id": pa.array([customer], pa.int64())})}
        for _ in range(10):
            rows = duck.fetch(1, tables.orders(Scope(1, 0, 30_000, in_segment=True)), given)
            said.append({row["customer_id"] for row in rows} <= {customer})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [True] * 80


def test_a_new_snapshot_is_seen_at_once_and_another_shop_never(tmp_path: Path) -> None:
    duck = Duck(tmp_path)
    everything = tables.table("orders").count().as_table()
    assert duck.run(1, duck.compile(everything))[0] == {duck_name(everything): 0}
    comparing.put(tmp_path, 1, comparing.lonely())
    comparing.put(tmp_path, 2, comparing.lively())
    for _ in range(5):
        comparing.put(tmp_path, 1, comparing.lonely())
        assert duck.run(1, duck.compile(everything))[0] == {duck_name(everything): 1}
    assert duck.run(2, duck.compile(everything))[0] == {duck_name(everything): 400}


def duck_name(expression: Any) -> str:
    return str(expression.columns[0])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO 'figures-should-not.csv'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "ATTACH 'figures-should-not.db'",
    ],
)
def test_no_query_reaches_beyond_the_snapshot(duck: Duck, sql: str) -> None:
    with pytest.raises(EngineTrouble):
        duck.run(1, sql)


def test_equal_questions_are_written_once(duck: Duck) -> None:
    one, two = (found()["cohorts.by_month"](Scope(1, 5, 9)) for _ in range(2))
    assert one is not two
    assert duck.compile(one) is duck.compile(two)


def test_an_engine_nobody_knows_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "FIGURES_ENGINE", "oracle://host")
    with pytest.raises(ImproperlyConfigured, match="THEREAFTER_ENGINE"):
        engine()


class Paper:
    """Writes down what ClickHouse would be told, and remembers what it was sent."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.loaded: list[tuple[str, str]] = []
        self.parts: dict[tuple[str, int], str] = {}

    def do(self, sql: str) -> None:
        self.told.append(sql)
        if sql.startswith("INSERT INTO parts"):
            table, month, file = sql.partition("VALUES (")[2].split(", ")[1:4]
            self.parts[table.strip("'"), int(month)] = file.strip("'")

    def load(self, table: str, path: Path) -> None:
        assert path.exists()
        self.loaded.append((table, path.name))

    def rows(self, sql: str, given: Any) -> tuple[list[str], list[list[Any]]]:
        if "FROM parts" in sql:
            return ["name", "month", "file"], [[*key, file] for key, file in self.parts.items()]
        return ["n"], [[1]]


@pytest.fixture
def wire() -> Paper:
    return Paper()


def test_clickhouse_is_sent_what_differs_and_nothing_twice(tmp_path: Path, wire: Paper) -> None:
    made = comparing.lonely()
    comparing.put(tmp_path, 1, made)
    house = ClickHouse(tmp_path, wire)
    house.run(1, "SELECT 1")
    manifest = files.read_manifest(tmp_path, 1)
    assert manifest
    (month,) = manifest.parts["orders"]
    beside = {table.rsplit("_", 1)[0]: table for table, _ in wire.loaded}
    assert set(beside) == {"orders_1", "lines_1"} - (set() if made["lines"] else {"lines_1"})
    # Nobody else's: two processes may send the same month at once.
    assert len(beside["orders_1"]) == len("orders_1_") + 12
    assert f"ALTER TABLE orders REPLACE PARTITION (1, {month}) FROM {beside['orders_1']}" in wire.told
    assert f"DROP TABLE {beside['orders_1']}" in wire.told
    before = len(wire.told)
    house.run(1, "SELECT 1")
    # Nor does a server that was started anew send what is there.
    ClickHouse(tmp_path, wire).run(1, "SELECT 1")
    assert len(wire.told) == before + len(list(ddl()))
    comparing.put(tmp_path, 1, comparing.empty())
    house.refresh(1, "orders", [month])
    assert f"ALTER TABLE orders DROP PARTITION (1, {month})" in wire.told
