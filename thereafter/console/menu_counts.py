"""Counts beside entries of the menu. Every page of the console asks for them, so they are at most some seconds old."""

from collections.abc import Callable

from django.core.cache import cache

from thereafter.stores.models import Store

_SECONDS = 10


def kept(name: str, count: Callable[[Store], int]) -> Callable[[Store], int]:
    def read(store: Store) -> int:
        found: int = cache.get_or_set(f"menu-count:{name}:{store.pk}", lambda: count(store), _SECONDS) or 0
        return found

    return read
