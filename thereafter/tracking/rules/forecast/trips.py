"""Parcels as columns: who carried them, from where to where, and when each stage ended.

A time is a number of days since any fixed zero (the product: since 1970 on the store's own clock, so that a whole
number is a local midnight). `nan` is "not yet", "never" or "not known". A zone is a path, "BR-SP-013": country, state,
first three characters of the postcode, each part optional from the right.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]
Mask = npt.NDArray[np.bool_]
NEVER = float("nan")
OUTCOMES = ("handed_at", "delivered_at", "closed_at")
TIMES = ("ordered_at", *OUTCOMES, "due_at", "carrier_due_at")
PLACES = ("carrier", "service", "warehouse", "origin", "destination")


class Trip(NamedTuple):
    """One parcel: a row for `Trips.of`.

    `closed_at` is when a parcel ended without a delivery (lost, returned, cancelled): from then on nothing is learnt
    of it. `due_at` is the END of the promised day (the midnight after it): delivered later is late. `carrier_due_at`
    is the end of the day that the carrier itself expected at hand-over.
    `numbers` and `words` are what else is known when ordering, for LightGBM (see `boosting`).
    """

    ordered_at: float
    handed_at: float = NEVER
    delivered_at: float = NEVER
    closed_at: float = NEVER
    due_at: float = NEVER
    carrier_due_at: float = NEVER
    carrier: str = ""
    service: str = ""
    warehouse: str = ""
    origin: str = ""
    destination: str = ""
    numbers: Mapping[str, float] = {}
    words: Mapping[str, str] = {}


@dataclass(frozen=True)
class Trips:
    """n trips as columns of length n; the fields are those of `Trip`."""

    ordered_at: Days
    handed_at: Days
    delivered_at: Days
    closed_at: Days
    due_at: Days
    carrier_due_at: Days
    carrier: Words
    service: Words
    warehouse: Words
    origin: Words
    destination: Words
    numbers: Mapping[str, Days] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Trip]) -> "Trips":
        """Columns from rows; a number that a row lacks is nan, a word is empty."""
        listed = list(rows)
        columns = list(zip(*listed, strict=True)) or [()] * len(Trip._fields)
        named = dict(zip(Trip._fields, columns, strict=True))
        arrays: dict[str, Any] = {name: np.array(named[name], dtype=np.float64) for name in TIMES}
        arrays |= {name: np.array(named[name], dtype=np.str_) for name in PLACES}
        return cls(
            **arrays,
            numbers={name: _numbers(named["numbers"], name) for name in _names(named["numbers"])},
            words={name: _words(named["words"], name) for name in _names(named["words"])},
        )

    def __len__(self) -> int:
        return len(self.ordered_at)

    def where(self, chosen: Mask) -> "Trips":
        """The chosen trips."""
        return self._each(lambda column: column[chosen])

    def known(self, as_of: float) -> "Trips":
        """What was known at `as_of`: later orders are absent, later hand-overs and deliveries have not happened."""
        here = self.where(self.ordered_at <= as_of)
        passed: dict[str, Any] = {
            name: np.where(getattr(here, name) <= as_of, getattr(here, name), NEVER) for name in OUTCOMES
        }
        carrier_due_at = np.where(np.isnan(passed["handed_at"]), NEVER, here.carrier_due_at)
        return replace(here, **passed, carrier_due_at=carrier_due_at)

    def _each(self, change: Callable[[Any], Any]) -> "Trips":
        columns = {name: change(getattr(self, name)) for name in (*TIMES, *PLACES)}
        numbers = {name: change(column) for name, column in self.numbers.items()}
        words = {name: change(column) for name, column in self.words.items()}
        return Trips(**columns, numbers=numbers, words=words)


def _names(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({name for row in rows for name in row})


def _numbers(rows: Iterable[Mapping[str, float]], name: str) -> Days:
    return np.array([row.get(name, NEVER) for row in rows], dtype=np.float64)


def _words(rows: Iterable[Mapping[str, str]], name: str) -> Words:
    return np.array([row.get(name, "") for row in rows], dtype=np.str_)
