"""Who hears of what: `@on(ParcelDelivered)` above a function in a module's `handlers.py`."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from thereafter.events.base import Event

H = TypeVar("H", bound=Callable[[Any], object])


@dataclass(frozen=True)
class Subscriber:
    name: str
    events: tuple[type[Event], ...]
    handle: Callable[[Any], object]
    batch: bool

    def __call__(self, events: Sequence[Event]) -> None:
        if self.batch:
            self.handle(list(events))
            return
        for event in events:
            self.handle(event)


_by_name: dict[str, Subscriber] = {}
_by_event: dict[str, list[str]] = defaultdict(list)


def on(*events: type[Event], batch: bool = False) -> Callable[[H], H]:
    """Calls the function for each of these events, at least once, in the worker, within a transaction.

    With `batch=True` it gets a list. It does database work only (no network), and what it calls carries a unique
    source, because it may be called twice.
    """

    def subscribe(handle: H) -> H:
        module = handle.__module__.removeprefix("thereafter.").split(".")[0]
        name = f"{module}.{handle.__name__}"
        if name in _by_name:
            raise TypeError(f"two handlers are named {name}")
        _by_name[name] = Subscriber(name, events, handle, batch)
        for event in events:
            _by_event[event.name].append(name)
        return handle

    return subscribe


def subscribers_of(event_name: str) -> list[str]:
    return _by_event.get(event_name, [])


def subscriber(name: str) -> Subscriber:
    """Raises KeyError when the module that subscribed is gone; its deliveries then go to the dead-letter list."""
    return _by_name[name]
