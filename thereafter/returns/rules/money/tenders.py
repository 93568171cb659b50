"""Which payment takes money back: in the given order, each up to what it captured and has not given back.

Amounts are whole minor units.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Where a shop sets no order: what is spent again in the shop first, then cards and all else as they were paid.
_FIRST = ("gift_card", "store_credit")


@dataclass(frozen=True, kw_only=True)
class Tender:
    """A payment of the order. `settled` went back already, `pending` is under way and may no longer be promised."""

    id: str
    kind: str
    captured: int
    settled: int = 0
    pending: int = 0

    @property
    def room(self) -> int:
        return max(0, self.captured - self.settled - self.pending)


@dataclass(frozen=True, slots=True)
class Share:
    """So much of a refund goes to this payment, or to the fallback of that name."""

    tender: str
    amount: int


def in_default_order(tenders: Iterable[Tender]) -> tuple[Tender, ...]:
    """Gift cards, then store credit, then the others as they stand."""
    return tuple(sorted(tenders, key=lambda one: _FIRST.index(one.kind) if one.kind in _FIRST else len(_FIRST)))


def pour(amount: int, tenders: Iterable[Tender], fallback: str | None) -> tuple[tuple[Share, ...], int]:
    """Shares of `amount` without empty ones, and what nobody takes (0 where there is a fallback)."""
    taken: dict[str, int] = {}
    rest = amount
    for tender in tenders:
        part = min(rest, tender.room)
        taken[tender.id] = taken.get(tender.id, 0) + part
        rest -= part
    if fallback is not None:
        taken[fallback] = taken.get(fallback, 0) + rest
        rest = 0
    return tuple(Share(name, part) for name, part in taken.items() if part), rest
