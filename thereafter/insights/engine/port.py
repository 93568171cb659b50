"""What an engine has to do for us. Ibis writes the query, the engine only runs it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.operations import Relation
from ibis.expr.types import Table
from numpy.typing import NDArray


class EngineTrouble(Exception):
    """The engine did not answer, or the snapshot could not be made; a sentence for who wanted to see figures."""


Row = dict[str, Any]
Given = Mapping[str, pa.Table]
Columns = Mapping[str, NDArray[np.int64]]


class Engine(Protocol):
    """Somewhere the snapshot's tables can be asked. One setting says which: see `engine/current.py`.

    A table of which nothing was exported is an empty one, never an error. All of it may be called from many threads.
    """

    name: str
    # How Ibis calls the engine's words.
    dialect: str

    def compile(self, expression: Table) -> str:
        """The query in the engine's own words."""
        return _written(expression.op(), self.dialect)

    def fetch(self, store_id: int, expression: Table, given: Given | None = None) -> Sequence[Row]:
        """The rows, whole numbers as int, texts as str. `given` are tables that come with the question (`members`)."""
        return self.run(store_id, self.compile(expression), given)

    def columns(self, store_id: int, expression: Table) -> Columns:
        """The same by column, for answers with a row for each customer: whole numbers only, none of them missing."""
        rows = self.fetch(store_id, expression)
        return {name: np.fromiter((row[name] for row in rows), np.int64, len(rows)) for name in expression.columns}

    @abstractmethod
    def run(self, store_id: int, sql: str, given: Given | None = None) -> Sequence[Row]:
        """The rows of a query that was compiled before."""

    def refresh(self, store_id: int, table: str, months: Sequence[int]) -> None:
        """The export has written these months (none: the whole table) anew."""
        return

    def forget(self, store_id: int) -> None:
        """The store's snapshot is gone."""
        return


@lru_cache(maxsize=1024)
def _written(asked: Relation, dialect: str) -> str:
    """Writing a query takes longer than a small shop's answer; equal expressions are written once."""
    return str(ibis.to_sql(asked.to_expr(), dialect=dialect, pretty=False))


def rows_of(names: Sequence[str], found: Sequence[Sequence[Any]]) -> list[Row]:
    return [dict(zip(names, map(plain, row), strict=True)) for row in found]


def plain(value: Any) -> Any:
    """Sums come as decimals from some engines and yes or no as 0 and 1 from others; figures know whole numbers only."""
    return int(value) if isinstance(value, Decimal | bool) else value
