"""Where the snapshot of a store lies, and which of its files hold.

`<folder>/<store>/<table>/<month>-<serial>.parquet`, and beside the tables `snapshot.json`, which names the files that
hold. A file is never written twice: what changes gets a new name, and replacing `snapshot.json` makes all of it hold at
once. So a query that runs reads on in the files it began with; those that hold no longer are taken away an hour later.
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from thereafter.insights.metrics.tables import SCHEMAS

# The month of a table that is written whole.
WHOLE = 0
KEPT_SECONDS = 3600
_ARROW = {"int64": pa.int64(), "string": pa.string()}
ARROW = {name: pa.schema([(key, _ARROW[kind]) for key, kind in fields.items()]) for name, fields in SCHEMAS.items()}
# `members` comes with the question.
EXPORTED = tuple(name for name in SCHEMAS if name != "members")


class Part(msgspec.Struct, frozen=True):
    """One file that holds: its name in the table's folder, and how many rows are in it."""

    file: str
    rows: int


class Manifest(msgspec.Struct, frozen=True):
    """What holds. `basis` is what all of it was made with (zone, currency, shape of the tables): where that changes,
    everything is made anew. `entry_to` is the last line of the log that was seen."""

    serial: str
    basis: str
    entry_to: int
    parts: dict[str, dict[int, Part]]

    def rows(self, table: str) -> int:
        return sum(part.rows for part in self.parts.get(table, {}).values())


def new_serial() -> str:
    return secrets.token_hex(6)


def read_manifest(folder: Path, store_id: int) -> Manifest | None:
    """None where there is none, or one that cannot be read: then everything is exported again."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.json.decode(_manifest(folder, store_id).read_bytes(), type=Manifest)
    return None


def put_manifest(folder: Path, store_id: int, manifest: Manifest) -> None:
    target = _manifest(folder, store_id)
    _make(folder, target.parent)
    beside = target.with_name(f"snapshot-{manifest.serial}.json")
    beside.write_bytes(msgspec.json.encode(manifest))
    os.replace(beside, target)


def _manifest(folder: Path, store_id: int) -> Path:
    return folder / str(store_id) / "snapshot.json"


def table_folder(folder: Path, store_id: int, table: str) -> Path:
    """Made when it is not there."""
    made = folder / str(store_id) / table
    _make(folder, made.parent, made)
    return made


def _make(*folders: Path) -> None:
    """Only the server's own user looks into them."""
    for each in folders:
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


def paths(folder: Path, store_id: int, table: str, manifest: Manifest | None) -> Mapping[int, Path]:
    """The files of a table that hold, by month; those without rows are left out."""
    parts = manifest.parts.get(table, {}) if manifest else {}
    home = folder / str(store_id) / table
    return {month: home / part.file for month, part in sorted(parts.items()) if part.rows}


def file_name(month: int, serial: str) -> str:
    return f"all-{serial}.parquet" if month == WHOLE else f"{month // 12}-{month % 12 + 1:02d}-{serial}.parquet"


def put(folder: Path, store_id: int, table: str, month: int, serial: str, rows: pa.Table) -> Part:
    """Writes one month of a table (or all of it) as a new file."""
    name = file_name(month, serial)
    pq.write_table(rows, table_folder(folder, store_id, table) / name, compression="zstd")
    return Part(name, rows.num_rows)


def sweep(folder: Path, store_id: int, manifest: Manifest, before: Manifest | None = None) -> None:
    """Takes away files that hold no longer and that no query reads any more; what held `before`, until now, has an hour
    left."""
    held, ended = _named(manifest), _named(before) if before else set()
    oldest = time.time() - KEPT_SECONDS
    for path in _files(folder / str(store_id)):
        with suppress(FileNotFoundError):
            if path.name in held:
                continue
            if path.name in ended:
                os.utime(path)
            elif path.stat().st_mtime < oldest:
                path.unlink()


def _named(manifest: Manifest) -> set[str]:
    return {part.file for parts in manifest.parts.values() for part in parts.values()}


def _files(home: Path) -> Iterator[Path]:
    yield from home.glob("*/*.parquet")
    yield from home.glob("snapshot-*.json")


def take_away(folder: Path, store_id: int) -> None:
    shutil.rmtree(folder / str(store_id), ignore_errors=True)


def empty(table: str) -> pa.Table:
    return ARROW[table].empty_table()
