"""A database of our own for a moment: in memory, empty, gone afterwards."""

import contextlib
from collections.abc import Iterator

from django.apps import apps
from django.db import connection, connections
from django.db.utils import load_backend

_IN_MEMORY = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}


@contextlib.contextmanager
def empty_database() -> Iterator[None]:
    """In this thread every query goes there instead of to the installation's database, which is not even opened."""
    usual = connections["default"]
    conf = connections.configure_settings({"default": dict(_IN_MEMORY)})["default"]
    connections["default"] = load_backend(_IN_MEMORY["ENGINE"]).DatabaseWrapper(conf, "default")
    try:
        with connection.schema_editor() as editor:
            for model in apps.get_models():
                editor.create_model(model)
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual
