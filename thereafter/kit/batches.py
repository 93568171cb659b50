"""Rows in batches, for queries and documents that take only so many at once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """`rows` in their order, `size` at a time, the last batch maybe smaller; read only as far as is asked for."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch
