"""What was made lately, in the memory of this process: bounded in number and in age, safe between threads."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

Key = tuple[object, ...]
V = TypeVar("V")


class Kept(Generic[V]):
    """At most `most`, each good for `good_for`; what was asked for longest ago goes first."""

    def __init__(self, most: int, good_for: timedelta) -> None:
        self._most, self._good_for = most, good_for
        self._rows: OrderedDict[Key, tuple[datetime, V]] = OrderedDict()
        self._lock = Lock()

    def read(self, key: Key, now: datetime) -> V | None:
        with self._lock:
            row = self._rows.get(key)
            # A clock that was set back must not keep anything for ever.
            if row is None or not timedelta(0) <= now - row[0] <= self._good_for:
                return None
            self._rows.move_to_end(key)
            return row[1]

    def keep(self, key: Key, value: V, now: datetime) -> None:
        with self._lock:
            self._rows[key] = (now, value)
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
