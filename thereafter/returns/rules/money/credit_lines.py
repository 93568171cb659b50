"""The lines of a credit note: what came back, less what was kept, tax by rate. Whole minor units; parts close exactly.

What was kept (a fee, wear, what had gone back before) lowers the price that is given back, so it carries tax in the
proportion of the goods it is kept from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from thereafter.returns.rules.money.allocation import half_up, spread


@dataclass(frozen=True)
class Entry:
    """A line: `what` is item, shipping or kept; `rate` such as "19%", "" without tax."""

    what: str
    title: str
    sku: str
    units: int
    rate: str
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def close(entries: Sequence[Entry], amount: int) -> list[Entry]:
    """The lines with what was kept of them, so that they add up to `amount`."""
    kept = sum(entry.gross for entry in entries) - amount
    if not kept:
        return list(entries)
    rates = sorted({entry.rate for entry in entries}) or [""]
    worth = [sum(entry.gross for entry in entries if entry.rate == rate) for rate in rates]
    parts = spread(kept, worth) if sum(worth) > 0 else [kept, *[0] * (len(rates) - 1)]
    return [*entries, *(_kept(entries, rate, part) for rate, part in zip(rates, parts, strict=True) if part)]


def _kept(entries: Sequence[Entry], rate: str, gross: int) -> Entry:
    alike = [entry for entry in entries if entry.rate == rate]
    worth, taxed = sum(entry.gross for entry in alike), sum(entry.tax for entry in alike)
    tax = half_up(Fraction(gross * taxed, worth)) if worth else 0
    return Entry("kept", "", "", 0, rate, net=-(gross - tax), tax=-tax)


def taxes(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Net and tax by rate, the highest tax first."""
    found: dict[str, list[int]] = {}
    for entry in entries:
        sums = found.setdefault(entry.rate, [0, 0])
        sums[0] += entry.net
        sums[1] += entry.tax
    rows = [{"rate": rate, "net": net, "tax": tax} for rate, (net, tax) in found.items() if net or tax]
    return sorted(rows, key=lambda row: (-abs(int(str(row["tax"]))), str(row["rate"])))
