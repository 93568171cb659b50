"""What a socket is made of: a list that modules above add to, read in the order of `place`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Socket(Generic[F]):
    """`@socket(place=10)` above a function adds it; iterating gives the functions, lowest place first."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, F]] = []

    def __call__(self, *, place: int = 50) -> Callable[[F], F]:
        def add(part: F) -> F:
            self._parts.append((place, part))
            return part

        return add

    def __iter__(self) -> Iterator[F]:
        return (part for _, part in sorted(self._parts, key=lambda placed: placed[0]))


@dataclass(frozen=True)
class Panel:
    """A part of a page that another module fills: a template and what it shows."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    wide: bool = False
