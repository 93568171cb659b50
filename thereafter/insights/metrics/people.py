"""Customers by their orders: what the figures about people are made of. Plain Python.

A figure about people that is narrowed to a country, a channel or a product is about the customers whose *first* order
was so, with all their later orders. What was ordered after the last day of the period is not seen, so the same
question gives the same answer next year.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from thereafter.insights.metrics.tables import Scope, orders

# Building a query takes longer than a small shop's answer; a page asks several of the same people.
_KEPT = 128


@lru_cache(maxsize=_KEPT)
def numbered(scope: Scope) -> Table:
    """Net orders up to the last day, whatever was bought where, with their `number` (0 is a customer's first) and
    `gap`, the days since the order before (0 for the first)."""
    rows = orders(replace(scope, country="", channel="", product_id=0))
    rows = rows.filter(rows.day < scope.until)
    return in_turn(rows, "customer_id", "day", "id")


def in_turn(rows: Table, who: str, when: str, *then: str) -> Table:
    """With `number`, counted from 0 for each `who` in the order of `when`, and `gap` to the one before.

    The order has to be total. What `lag` gives in a first row differs between engines: it is looked at nowhere.
    """
    in_time = ibis.window(group_by=rows[who], order_by=[rows[name] for name in (when, *then)])
    number = ibis.row_number().over(in_time)
    gap = ibis.cases((number > 0, rows[when] - rows[when].lag().over(in_time)), else_=0)
    return rows.mutate(number=number, gap=gap)


@lru_cache(maxsize=_KEPT)
def firsts(scope: Scope) -> Table:
    """`who`, `first_id`, `first_day`, `first_month`: the first orders that are in the scope, of all time."""
    rows = numbered(scope)
    rows = as_asked(rows.filter(rows.number == 0), scope)
    return rows.select(who="customer_id", first_id="id", first_day="day", first_month="month")


def as_asked(rows: Table, scope: Scope) -> Table:
    """Only orders of the scope's country, channel and product."""
    if not (scope.country or scope.channel or scope.product_id):
        return rows
    kept = orders(scope)
    return rows.semi_join(kept, rows.id == kept.id)


@lru_cache(maxsize=_KEPT)
def histories(scope: Scope) -> Table:
    """`numbered` of the customers in `firsts`, with the columns of both."""
    people, rows = firsts(scope), numbered(scope)
    return rows.inner_join(people, rows.customer_id == people.who)


def newcomers(scope: Scope) -> Table:
    """`histories` of those whose first order lies in the period."""
    rows = histories(scope)
    return rows.filter(rows.first_day >= scope.since)


def down_to(number: IntegerValue, step: int) -> IntegerValue:
    """The multiple of `step` at or below a number of nought or more; without a division, which engines do differently.

    SQLite gives the rest as a fraction, hence the cast.
    """
    return number - (number % step).cast("int64")


def flag(condition: BooleanValue) -> IntegerValue:
    """1 where it holds, else 0: engines do not agree on adding booleans up."""
    return ibis.cases((condition, 1), else_=0)


def measured(rows: Table, key: str, names: Sequence[str], **measures: IntegerValue) -> Table:
    """`key` and all of the names, nought where no measure is given: unions of such rows stand in for outer joins,
    whose gaps engines fill differently."""
    nought = rows[key] * 0
    return rows.select(key, **{name: measures.get(name, nought).cast("int64") for name in names})
