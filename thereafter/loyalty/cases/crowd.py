"""Many requests at once, each in a thread and on a connection of its own."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Barrier

from django.db import connection

Ask = Callable[[], str]
# Requests set off in the order in which the case lists them, none waiting for the one before: who is named first is
# first at the door, as in the case.
_APART_SECONDS = 0.01
# Longer than that nobody waits for the others to be ready.
_PATIENCE_SECONDS = 60


def all_of(join: Callable[[], AbstractContextManager[None]], requests: Sequence[Ask]) -> list[str]:
    """The answers, in the order of the requests. SQLite has one writer, so there they come one after the other."""
    if connection.vendor == "sqlite":
        return [ask() for ask in requests]
    ready = Barrier(len(requests))

    def one(number: int) -> str:
        try:
            with join():
                connection.ensure_connection()
                ready.wait(_PATIENCE_SECONDS)
                time.sleep(number * _APART_SECONDS)
                return requests[number]()
        except BaseException:
            ready.abort()
            raise

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(one, range(len(requests))))
