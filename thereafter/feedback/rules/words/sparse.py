"""A sparse matrix of row sums and column sums: all that a linear model of words needs, on numpy alone."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Sparse:
    """`values[i]` stands in row `rows[i]`, column `columns[i]`; each place is named once, row after row."""

    rows: Ints
    columns: Ints
    values: Floats
    shape: tuple[int, int]

    def times(self, vector: Floats) -> Floats:
        """The matrix times a vector with one number per column: one number per row."""
        sums = np.zeros(self.shape[0])
        if len(self.values):
            starts, is_full = self._starts
            # Three times as fast as counting by row, where most of the time goes.
            sums[is_full] = np.add.reduceat(self.values * vector[self.columns], starts)
        return sums

    def back(self, vector: Floats) -> Floats:
        """The transposed matrix times a vector with one number per row: one number per column."""
        sums = np.bincount(self.columns, self.values * vector[self.rows], minlength=self.shape[1])
        return sums.astype(np.float64, copy=False)

    def where(self, chosen: Flags) -> "Sparse":
        """The chosen rows, numbered anew; the columns stay."""
        number = np.cumsum(chosen) - 1
        kept = chosen[self.rows]
        shape = (int(chosen.sum()), self.shape[1])
        return Sparse(number[self.rows[kept]], self.columns[kept], self.values[kept], shape)

    @cached_property
    def _starts(self) -> tuple[Ints, Flags]:
        """Where each row that has values begins, and which rows have."""
        lengths = np.bincount(self.rows, minlength=self.shape[0])
        is_full = lengths > 0
        return (np.cumsum(lengths) - lengths)[is_full], is_full
