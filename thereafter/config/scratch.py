"""A database of our own for a moment: empty, gone afterwards."""

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

_IN_MEMORY = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
_PATIENCE_SECONDS = 60


class Scratch:
    """A database that several threads can reach, each with `joined`."""

    def __init__(self, conf: dict[str, Any]) -> None:
        self._conf = connections.configure_settings({"default": conf})["default"]

    @contextlib.contextmanager
    def joined(self) -> Iterator[None]:
        """In this thread every query goes there instead of to the installation's database."""
        # A thread of its own has none yet; the usual one of this thread is not even opened.
        usual = connections["default"]
        connections["default"] = self._open()
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = usual

    def _open(self) -> BaseDatabaseWrapper:
        opened: BaseDatabaseWrapper = load_backend(self._conf["ENGINE"]).DatabaseWrapper(self._conf, "default")
        return opened


@contextlib.contextmanager
def empty_database() -> Iterator[None]:
    """In memory, for this thread alone."""
    with Scratch(dict(_IN_MEMORY)).joined():
        _make_tables()
        yield


@contextlib.contextmanager
def empty_database_for_threads() -> Iterator[Scratch]:
    """Of the kind that the installation has: a file of SQLite, or a schema of its own in the PostgreSQL database."""
    if connection.vendor == "postgresql":
        with _schema() as conf:
            yield from _filled(conf)
    else:
        with tempfile.TemporaryDirectory(prefix="cases") as folder:
            yield from _filled(_file(Path(folder)))


def _filled(conf: dict[str, Any]) -> Iterator[Scratch]:
    scratch = Scratch(conf)
    with scratch.joined():
        _make_tables()
        yield scratch


def _make_tables() -> None:
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)


def _file(folder: Path) -> dict[str, Any]:
    return {
        "ENGINE": _IN_MEMORY["ENGINE"],
        "NAME": str(folder / "cases.db"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": _PATIENCE_SECONDS,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;",
        },
    }


@contextlib.contextmanager
def _schema() -> Iterator[dict[str, Any]]:
    """A schema that is all that who joins can see. It is made and dropped on a connection of its own: the usual one may
    be in the middle of something."""
    name = f"cases_{secrets.token_hex(8)}"
    conf = {key: connection.settings_dict[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")}
    options = connection.settings_dict["OPTIONS"]
    outside = Scratch({**conf, "OPTIONS": options})
    with outside.joined(), connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{name}"')
    try:
        yield {**conf, "OPTIONS": {**options, "options": f"-c search_path={name}"}}
    finally:
        with outside.joined(), connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{name}" CASCADE')
