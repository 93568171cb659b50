"""A night's work, shop by shop."""

from collections.abc import Callable

from thereafter.stores.models import Store


def in_each_store(work: Callable[[Store], int]) -> int:
    """The sum over all stores. One that fails keeps no other waiting, and is raised when all had their turn."""
    done, failed = 0, []
    for store in Store.objects.order_by("pk"):
        try:
            done += work(store)
        except Exception as error:
            error.add_note(f"in the store {store.slug}")
            failed.append(error)
    if failed:
        raise failed[0]
    return done
