"""A shop's customers as the model of lifetime value needs them: columns, read from the snapshot."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from thereafter.insights.engine.current import engine
from thereafter.insights.figures.value import Cuts
from thereafter.insights.figures.view import day_number
from thereafter.insights.metrics import value as metrics
from thereafter.insights.metrics.tables import Scope
from thereafter.insights.rules.clv.grouping import Ints
from thereafter.insights.rules.clv.people import People


class Scored(NamedTuple):
    """By customer in the order of `ids`: how many orders, and the three scores of RFM."""

    ids: Ints
    orders: Ints
    recency: Ints
    frequency: Ints
    money: Ints

    def of(self, customers: Ints) -> "Scored":
        """Only these, all of whom were scored, in their order."""
        places = np.searchsorted(self.ids, customers)
        return Scored._make(column[places] for column in self)


def people(store_id: int, until: date) -> People:
    """All who had bought by the end of that day, by customer id."""
    found = engine().columns(store_id, metrics.lives(_scope(store_id, until)))
    columns = [found[name] for name in ("customer_id", "x", "t_x", "T", "repeat_minor", "net_minor")]
    return People(*_by_first(columns))


def scores(store_id: int, until: date, cuts: Cuts) -> Scored:
    """All of them too, in the same order."""
    asked = metrics.scores(_scope(store_id, until), cuts.recency, cuts.frequency, cuts.money)
    found = engine().columns(store_id, asked)
    return Scored(*_by_first([found[name] for name in ("customer_id", "orders", "r", "f", "m")]))


def _by_first(columns: Sequence[Ints]) -> list[Ints]:
    turn = np.argsort(columns[0])
    return [column[turn] for column in columns]


def _scope(store_id: int, until: date) -> Scope:
    return Scope(store_id, 0, day_number(until) + 1)
