"""A shop's customers as the model of lifetime value needs them: one row each, read from the snapshot."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from thereafter.insights.engine.current import engine
from thereafter.insights.engine.port import Row
from thereafter.insights.figures.value import Cuts
from thereafter.insights.figures.view import day_number
from thereafter.insights.metrics import value as metrics
from thereafter.insights.metrics.tables import Scope
from thereafter.insights.rules.clv.grouping import Ints
from thereafter.insights.rules.clv.people import People


def people(store_id: int, until: date) -> People:
    """All who had bought by the end of that day, by customer id."""
    rows = engine().fetch(store_id, metrics.lives(_scope(store_id, until)))
    columns = [_column(rows, name) for name in ("customer_id", "x", "t_x", "T", "repeat_minor", "net_minor")]
    turn = np.argsort(columns[0])
    return People(*(column[turn] for column in columns))


# By customer id: how many orders, and the three scores of RFM.
Scored = Mapping[int, tuple[int, tuple[int, int, int]]]


def scores(store_id: int, until: date, cuts: Cuts) -> Scored:
    found = metrics.scores(_scope(store_id, until), cuts.recency, cuts.frequency, cuts.money)
    rows = engine().fetch(store_id, found)
    return {row["customer_id"]: (row["orders"], (row["r"], row["f"], row["m"])) for row in rows}


def _scope(store_id: int, until: date) -> Scope:
    return Scope(store_id, 0, day_number(until) + 1)


def _column(rows: Sequence[Row], name: str) -> Ints:
    return np.fromiter((row[name] for row in rows), np.int64, len(rows))
