"""From counts per cohort and age to the matrix that is shown. Plain Python.

A cell is `unripe` while some of the cohort had no time to reach it, `running` while its calendar month is not over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from thereafter.insights.rules.months import first_day_of

DONE, RUNNING, UNRIPE = "done", "running", "unripe"
Counts = Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Cell:
    """`value` is a share of 1, a number per customer, or an amount; None where it is unripe. `count` is what it was
    made of."""

    value: float | None
    count: int
    state: str


@dataclass(frozen=True)
class Ages:
    """The columns: calendar months, or blocks of `step` days. `until` is the day after the last that is seen."""

    step: int
    until: int

    def state(self, cohort: int, age: int) -> str:
        """Of a cohort (a month) at an age, counted in steps: months, or blocks of days."""
        if self.step == 0:
            begins, ends = first_day_of(cohort + age), first_day_of(cohort + age + 1)
        else:
            # The last of the cohort came on the last day of the month, or is yet to come.
            last = first_day_of(cohort + 1) - 1
            begins, ends = first_day_of(cohort) + age * self.step, last + (age + 1) * self.step
        if begins >= self.until:
            return UNRIPE
        if ends <= self.until:
            return DONE
        return RUNNING if self.step == 0 else UNRIPE

    def most(self, cohort: int) -> int:
        """How many ages the cohort has, with the running one."""
        age = 0
        while self.state(cohort, age) != UNRIPE:
            age += 1
        return age


def in_period(counts: Counts, cohort: int, age: int) -> int:
    """Those who were there at that age."""
    return counts.get((cohort, age), 0)


def rolling(lasts: Counts, cohort: int, age: int) -> int:
    """Those who were there at that age or later."""
    return sum(count for (month, last), count in lasts.items() if month == cohort and last >= age)


def cumulative(seconds: Counts, cohort: int, age: int) -> int:
    """Those who had done it by that age."""
    return sum(count for (month, at), count in seconds.items() if month == cohort and at <= age)


def together(rows: Iterable[tuple[int, list[Cell]]], width: int, *, each: bool) -> list[Cell]:
    """All cohorts in one: at each age those that are done, Σ count, for `each` / Σ size. Rows are (size, cells)."""
    kept = list(rows)
    found = []
    for age in range(width):
        done = [(size, cells[age]) for size, cells in kept if age < len(cells) and cells[age].state == DONE]
        size, count = sum(one for one, _ in done), sum(cell.count for _, cell in done)
        found.append(Cell(count / (size if each else 1) if size else None, count, DONE if size else UNRIPE))
    return found
