"""What became of a document that was taken in, and the turn that takers of one shop keep."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from thereafter.stores.models import Store

D = TypeVar("D")


class Became(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept"
    REFUSED = "refused"


class Taken(NamedTuple):
    """One document's fate. `reason` is "code: a sentence" when refused; `waits_for` names what a kept one waits for."""

    external_id: str
    became: Became
    reason: str = ""
    waits_for: str = ""
    order_id: int | None = None


def refusal(external_id: str, problems: Sequence[str]) -> Taken:
    return Taken(external_id, Became.REFUSED, reason="; ".join(problems[:3]))


def order_key(source: str, external_id: str) -> str:
    """What a refund or fulfilment that came before its order waits for."""
    return f"order:{source}:{external_id}"


def wait_turn(store: Store) -> None:
    """Until the transaction ends, nobody else writes customers, products and orders of this shop.

    Two workers with the same orders in another sequence would block each other for ever; the lock of one row costs
    nothing beside a batch. On SQLite there is one writer anyhow.
    """
    Store.objects.select_for_update(no_key=True).only("pk").get(pk=store.pk)


def waves(documents: Sequence[tuple[str, D]]) -> Iterator[list[tuple[int, D]]]:
    """Splits (id, document) pairs so that no id comes twice in a wave: later versions come in later waves."""
    rounds: list[list[tuple[int, D]]] = []
    seen: dict[str, int] = {}
    for index, (external_id, document) in enumerate(documents):
        turn = seen.get(external_id, 0)
        seen[external_id] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append((index, document))
    yield from rounds
