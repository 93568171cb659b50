"""Purchases in a CSV file, as distinct histories: read and grouped by DuckDB, never row by row."""

import csv
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import numpy as np

from thereafter.insights.rules.clv import gamma_gamma, grouping
from thereafter.insights.rules.clv.gamma_gamma import Spends
from thereafter.insights.rules.clv.grouping import Floats, Histories, Ints

COLUMNS = ("customer", "date", "amount")
# Money is summed in ten-thousandths, so that sums are exact and alike ones are alike.
UNIT = 1e-4
MEMORY = "1GB"
EPOCH = date(1970, 1, 1)

# `1997-01-31`, with or without a time, and `19970131`.
_DAY = "coalesce(try_cast(date AS TIMESTAMP), try_strptime(date, '%Y%m%d'))::DATE - DATE '1970-01-01'"
_MONEY = "try_cast(amount AS DECIMAL(18, 4))"

_PURCHASES = f"""
    CREATE TABLE purchases AS
    SELECT customer, {_DAY} AS day, sum({_MONEY}) AS money,
           bool_or({_MONEY} IS NULL OR {_MONEY} < 0) AS wrong
    FROM file GROUP BY ALL"""  # noqa: S608 our own expressions
_CUSTOMERS = """
    CREATE TABLE customers AS
    SELECT count(*) FILTER (day <= $cut) - 1 AS x, max(day) FILTER (day <= $cut) - min(day) AS t_x,
           $cut - min(day) AS t, count(*) FILTER (day > $cut) AS held,
           (10000 * (coalesce(sum(money) FILTER (day <= $cut), 0) - arg_min(money, day)))::BIGINT AS total,
           (10000 * coalesce(sum(money) FILTER (day > $cut), 0))::BIGINT AS held_total
    FROM purchases GROUP BY customer HAVING min(day) <= $cut"""
_FIRST_WRONG = f"""
    SELECT * FROM (SELECT row_number() OVER () + 1 AS line, * FROM file)
    WHERE customer IS NULL OR customer = '' OR {_DAY} IS NULL OR {_MONEY} IS NULL OR {_MONEY} < 0
    ORDER BY line LIMIT 1"""  # noqa: S608 our own expressions


class Held(NamedTuple):
    """Customers by history and number of later purchases: the row of the history, purchases, and how many customers."""

    places: Ints
    orders: Ints
    weight: Floats


class Transactions(NamedTuple):
    """Up to the cut: histories, and repeat spending in UNIT; after it: what came, over `days`.

    `totals` is the sum of repeat spending of each history's customers, `held_total` all money after the cut, in UNIT.
    """

    histories: Histories
    totals: Floats
    spends: Spends
    held: Held
    held_total: float
    days: int


def read(path: Path, cut: date) -> Transactions:
    """ValueError with a sentence for a file that cannot be read; several purchases on one day are one."""
    columns, delimiter = _header(path)
    with (
        TemporaryDirectory() as spill,
        duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": spill}) as told,
    ):
        # It would draw its bar into the output.
        told.execute("SET enable_progress_bar = false")
        try:
            _open(told, path, columns, delimiter)
            told.execute(_PURCHASES)
        except duckdb.Error as wrong:
            raise ValueError(f"{path} cannot be read: {str(wrong).splitlines()[0]}") from None
        _refuse_wrong(told, path)
        return _transactions(told, path, cut)


def _header(path: Path) -> tuple[list[str], str]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            line = file.readline()
    except (OSError, UnicodeDecodeError) as wrong:
        raise ValueError(f"{path} cannot be read: {wrong}") from None
    delimiter = max(",;\t", key=line.count)
    columns = [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter), [])]
    if lacking := [name for name in COLUMNS if name not in columns]:
        there = ", ".join(columns) if any(columns) else "none"
        raise ValueError(f"{path} has no column {' or '.join(lacking)}; its first line names: {there}.")
    if len(set(columns)) < len(columns):
        raise ValueError(f"{path} names a column twice in its first line.")
    return columns, delimiter


def _open(told: duckdb.DuckDBPyConnection, path: Path, columns: list[str], delimiter: str) -> None:
    file = told.read_csv(
        str(path),
        header=True,
        delimiter=delimiter,
        quotechar='"',
        columns=dict.fromkeys(columns, "VARCHAR"),
        auto_detect=False,
        store_rejects=True,
    )
    file.select(*COLUMNS).create_view("file")


def _refuse_wrong(told: duckdb.DuckDBPyConnection, path: Path) -> None:
    broken = told.execute("SELECT line FROM reject_errors ORDER BY line LIMIT 1").fetchone()
    if broken:
        raise ValueError(f"{path}, line {broken[0]}: it does not have as many columns as the first line names.")
    bad = "SELECT 1 FROM purchases WHERE wrong OR day IS NULL OR customer IS NULL OR customer = '' LIMIT 1"
    if told.execute(bad).fetchone():
        found = told.execute(_FIRST_WRONG).fetchone()
        raise ValueError(f"{path}, {_sentence(*found)}" if found else f"{path} has a line that cannot be read.")


def _sentence(line: int, customer: str | None, day: str | None, amount: str | None) -> str:
    if not customer:
        return f"line {line}: it names no customer."
    try:
        sound = float(amount or "") >= 0
    except ValueError:
        return f"line {line}: the amount “{amount or ''}” is no number; write it as 12.50."
    if not sound:
        return f"line {line}: the amount {amount} is below nought; take refunds off the purchase they belong to."
    return f"line {line}: the date “{day or ''}” is none; write it as 1997-09-30 or 19970930."


def _transactions(told: duckdb.DuckDBPyConnection, path: Path, cut: date) -> Transactions:
    number = (cut - EPOCH).days
    first, last = told.execute("SELECT min(day), max(day) FROM purchases").fetchone() or (None, None)
    if first is None:
        raise ValueError(f"{path} holds no purchase.")
    if first > number:
        raise ValueError(f"{path} begins on {EPOCH + timedelta(first)}, after {cut}: there is nothing to learn from.")
    if last <= number:
        raise ValueError(f"{path} ends on {EPOCH + timedelta(last)}; nothing follows {cut} to hold the model against.")
    told.execute(_CUSTOMERS, {"cut": number})
    told.execute("DROP TABLE purchases")
    rows = told.execute(
        "SELECT x, t_x, t, held, count(*) AS n, sum(total)::DOUBLE AS total FROM customers GROUP BY ALL"
    )
    x, t_x, t, held, n, total = (_column(column) for column in rows.fetchnumpy().values())
    histories = grouping.group(x, t_x, t, n)
    places = histories.where(x, t_x, t)
    paid = told.execute("SELECT x, total, count(*) AS n FROM customers WHERE x > 0 GROUP BY ALL").fetchnumpy().values()
    after = told.execute("SELECT sum(held_total)::DOUBLE FROM customers").fetchone() or (0.0,)
    return Transactions(
        histories,
        np.bincount(places, total, len(histories)).astype(np.float64),
        gamma_gamma.group(*(_column(column) for column in paid)),
        Held(places, held, n.astype(np.float64)),
        float(after[0]),
        last - number,
    )


def _column(column: Any) -> Ints:
    """DuckDB hands out a masked array where it saw that nulls might be."""
    plain: Ints = np.ma.getdata(column)
    return plain
