"""ClickHouse as a library in our own process (chDB), where no server is: the same words, the same tables."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from chdb.session import Session

from thereafter.insights.engine.clickhouse import SETTINGS, ClickHouse, structure
from thereafter.insights.engine.port import EngineTrouble, Given

_SETTINGS = ", ".join(f"{name} = {value if value.isdigit() else repr(value)}" for name, value in SETTINGS.items())


class Library:
    """A wire that ends in this process."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._session = Session(str(scratch / "clickhouse"))
        self.do("CREATE DATABASE IF NOT EXISTS figures")
        self.do("USE figures")

    def do(self, sql: str) -> None:
        self._ask(sql, "TabSeparated")

    def load(self, table: str, path: Path) -> None:
        self.do(f"INSERT INTO {table} SELECT * FROM file('{path}', Parquet)")  # noqa: S608 names of ours

    def rows(self, sql: str, given: Given) -> tuple[list[str], list[list[Any]]]:
        """Over HTTP a given table hides the one of its name; here it fills it for as long as the question takes."""
        try:
            for name, rows in given.items():
                self._fill(name, rows)
            answer = json.loads(self._ask(f"{sql} SETTINGS {_SETTINGS}", "JSONCompact"))
        finally:
            for name in given:
                self.do(f"TRUNCATE TABLE {name}")
        return [column["name"] for column in answer["meta"]], answer["data"]

    def _fill(self, name: str, rows: Any) -> None:
        with tempfile.NamedTemporaryFile(dir=self.scratch, suffix=".parquet") as file:
            pq.write_table(rows, file.name)
            columns = structure(name)
            self.do(f"INSERT INTO {name} SELECT * FROM file('{file.name}', Parquet, '{columns}')")  # noqa: S608 ours

    def _ask(self, sql: str, form: str) -> str:
        try:
            return str(self._session.query(sql, form))
        except Exception as error:
            raise EngineTrouble(f"ClickHouse refused: {str(error)[:500]}") from error


def library(folder: Path, scratch: Path) -> ClickHouse:
    return ClickHouse(folder, Library(scratch))
