"""What returns cost, what of their value stays with the shop, and how long shoppers wait. Plain Python.

Figures are of cases whose money or goods went out in the period. Amounts are minor units of the store's currency.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from thereafter.kit.shares import Share, Spread, share, spread
from thereafter.returns.rules.policy.outcomes import EXCHANGES

# Fewer cases say nothing of how long they take.
ENOUGH = 10
_WHOLE = 100
# What of its value is lost, in per cent, by what becomes of a unit. Assumptions, shown beside the figure.
WRITE_DOWN: Mapping[str, int] = {
    "restock": 0,
    "refurbish": 30,
    "resale": 40,
    "vendor_return": 0,
    "donate": 100,
    "recycle": 100,
    "destroy": 100,
    "kept": 100,
    "missing": 100,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A case whose money or goods went out. `kept_minor` went into other goods, `upsell_minor` was paid on top.
    `credit_minor` and `refunded_minor` went out; `days` by their beginning: asked, handed_in, received."""

    outcome: str
    policy: int
    value_minor: int
    refunded_minor: int = 0
    kept_minor: int = 0
    credit_minor: int = 0
    credit_spent_minor: int = 0
    upsell_minor: int = 0
    fees_minor: int = 0
    label_minor: int = 0
    units: int = 0
    letters: int = 0
    # (what became of it, its value) of each unit that came back.
    fates: tuple[tuple[str, int], ...] = ()
    days: Mapping[str, float] = field(default_factory=dict)


class Retained(NamedTuple):
    """Revenue that stayed: other goods, credit (spent and not yet), and what was paid on top."""

    exchanged: int
    credit_spent: int
    credit_unspent: int
    upsell: int
    returned: int

    @property
    def total(self) -> int:
        return self.exchanged + self.credit_spent + self.credit_unspent + self.upsell

    @property
    def share(self) -> float | None:
        return self.total / self.returned if self.returned else None


class Cost(NamedTuple):
    """Of all cases together; `each` is for one case."""

    labels: int
    handling: int
    write_down: int
    fees: int
    cases: int

    @property
    def total(self) -> int:
        return self.labels + self.handling + self.write_down - self.fees

    @property
    def each(self) -> int | None:
        return round(self.total / self.cases) if self.cases else None


class Recovery(NamedTuple):
    """Units that went one way, what they were worth and what of that is not lost."""

    fate: str
    units: int
    value: int
    recovered: int


def exchange_share(cases: Iterable[Closed]) -> Share | None:
    """Exchange cases / cases."""
    outcomes = [one.outcome for one in cases]
    return share(sum(one in EXCHANGES for one in outcomes), len(outcomes))


def refund_ratio(cases: Iterable[Closed]) -> float | None:
    """Refunded / returned value."""
    listed = list(cases)
    value = sum(one.value_minor for one in listed)
    return sum(one.refunded_minor for one in listed) / value if value else None


def retained(cases: Iterable[Closed]) -> Retained:
    listed = list(cases)
    spent = sum(min(one.credit_spent_minor, one.credit_minor) for one in listed)
    return Retained(
        exchanged=sum(one.kept_minor for one in listed),
        credit_spent=spent,
        credit_unspent=sum(one.credit_minor for one in listed) - spent,
        upsell=sum(one.upsell_minor for one in listed),
        returned=sum(one.value_minor for one in listed),
    )


def cost(cases: Iterable[Closed], handling_minor: int) -> Cost:
    """Label + handling + write-down − fees; `handling_minor` is for one unit."""
    listed = list(cases)
    return Cost(
        labels=sum(one.label_minor for one in listed),
        handling=handling_minor * sum(one.units for one in listed),
        write_down=sum(value - recovered(fate, value) for one in listed for fate, value in one.fates),
        fees=sum(one.fees_minor for one in listed),
        cases=len(listed),
    )


def recovered(fate: str, value: int) -> int:
    """What of a unit's value is not lost; one that nobody decided on yet has lost nothing."""
    return value - value * WRITE_DOWN.get(fate, 0) // _WHOLE


def recovery(cases: Iterable[Closed]) -> list[Recovery]:
    """By what became of the units, most units first."""
    sums: dict[str, list[int]] = {}
    for one in cases:
        for fate, value in one.fates:
            if fate in WRITE_DOWN:
                row = sums.setdefault(fate, [0, 0, 0])
                row[0], row[1], row[2] = row[0] + 1, row[1] + value, row[2] + recovered(fate, value)
    return sorted((Recovery(fate, *row) for fate, row in sums.items()), key=lambda each: (-each.units, each.fate))


def waits(cases: Iterable[Closed], since: str) -> Spread | None:
    """Days until the money had arrived, from "asked", "handed_in" or "received"."""
    return spread([one.days[since] for one in cases if since in one.days], ENOUGH)


def letters_per_return(cases: Iterable[Closed]) -> float | None:
    """How often shoppers wrote about a return, per return."""
    listed = list(cases)
    return sum(one.letters for one in listed) / len(listed) if listed else None
