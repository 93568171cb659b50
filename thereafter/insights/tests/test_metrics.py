"""Every metric against a plain count on small shops, on two engines."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from ibis.expr.types import Table

from thereafter.insights import metrics as room
from thereafter.insights.metrics import (
    cohorts,
    delivery,
    feelings,
    loyalty,
    messages,
    orders,
    outcomes,
    products,
    repeat,
    retention,
    returns,
    support,
    value,
)
from thereafter.insights.metrics.tables import Scope
from thereafter.insights.tests import plain_counts as plain
from thereafter.insights.tests import plain_events as events
from thereafter.insights.tests.plain_counts import Counted
from thereafter.insights.tests.small_shops import EVERYTHING, SCOPES, InMemory, Shop, shops, written

Metric = Callable[..., Table]
# The metric, how many of its columns are the key (in its own order, see `keyed`), and the plain count.
PEOPLE: list[tuple[Metric, str, Callable[[Counted], plain.Table]]] = [
    (orders.by_day, "day", plain.orders_by_day),
    (orders.new_and_returning, "month is_new", plain.new_and_returning),
    (orders.placed_by_month, "month", plain.placed_by_month),
    (orders.active_months, "month gap", plain.active_months),
    (repeat.frequencies, "orders", plain.frequencies),
    (repeat.bought_again, "month", plain.bought_again),
    (repeat.second_orders, "days again", plain.second_orders),
    (repeat.gaps, "days", plain.gaps),
    (cohorts.by_month, "cohort age", lambda c: plain.age_cells(c, plain.months_since)),
    (cohorts.by_block, "cohort age", lambda c: plain.age_cells(c, plain.blocks_since)),
    (cohorts.last_months, "cohort age", lambda c: plain.last_ages(c, plain.months_since)),
    (cohorts.last_blocks, "cohort age", lambda c: plain.last_ages(c, plain.blocks_since)),
    (cohorts.second_months, "cohort age", lambda c: plain.second_ages(c, plain.months_since)),
    (cohorts.second_blocks, "cohort age", lambda c: plain.second_ages(c, plain.blocks_since)),
    (retention.active_sets, "at_start at_end is_new", plain.active_sets),
    (value.recencies, "recency", plain.recencies),
    (value.spending, "spent", plain.spending),
    (value.cells, "r f m", plain.cells),
    (value.moves, "r f m r_before f_before m_before", plain.moves),
    (value.ages, "x t_x T", plain.ages),
    (value.repeat_spending, "x repeat_minor", plain.repeat_spending),
]
GOODS: list[tuple[Metric, str, Callable[[Counted], plain.Table]]] = [
    (products.sold, "product_id", events.sold),
    (products.baskets, "product_id", events.baskets),
    (lambda scope: products.pairs(scope, 1), "product_id other_id", events.pairs),
    (products.repeat_by_first, "product_id", events.repeat_by_first),
    (lambda scope: products.second_contents(scope, 1), "product_id next_id", events.second_contents),
    (products.second_beginnings, "product_id", events.second_beginnings),
    (delivery.delivered, "month late carrier", events.delivered),
    (delivery.days_to_deliver, "days", lambda c: events.days_after_order(c, "parcel.delivered")),
    (delivery.days_to_ship, "days", lambda c: events.days_after_order(c, "parcel.shipped")),
    (delivery.trouble, "month name kind", events.trouble),
    (returns.rates, "month", events.return_rates),
    (returns.asked_for, "month basis reasons", events.asked_for),
    (returns.resolved, "outcome", events.resolved),
]
CARE: list[tuple[Metric, str, Callable[[Counted], plain.Table]]] = [
    (feelings.scores, "month survey kind score", events.scores),
    (feelings.asked, "month survey kind name", events.asked),
    (feelings.stars, "month rating", events.stars),
    (support.contacts, "month name", events.contacts),
    (support.contacted_orders, "month", events.contacted_orders),
    (support.load, "name kind", events.load),
    (support.days_to_answer, "days", events.days_to_answer),
    (support.closed, "resolved outcome", events.closed),
    (messages.sent, "month name kind", events.sent),
    (messages.by_template, "template name", events.by_template),
    (loyalty.buyers, "is_member has_earned has_spent", events.buyers),
    (loyalty.points, "month name", events.points),
    (loyalty.coupons, "pool name", events.coupons),
    (loyalty.discounted, "has_coupon", events.discounted),
    (outcomes.after_first_order, "delivery returned claimed score contacted", events.after_first_order),
]


@pytest.mark.parametrize("scope", SCOPES, ids=["everything", "narrowed"])
@pytest.mark.parametrize("checks", [PEOPLE, GOODS, CARE], ids=["people", "goods", "care"])
def test_a_metric_is_what_one_counts_by_hand(checks: Any, scope: Scope) -> None:
    both = scope == EVERYTHING
    asked = [(metric, written(metric(scope), also_sqlite=both), key.split(), count) for metric, key, count in checks]

    @settings(max_examples=8 if both else 5, deadline=None, suppress_health_check=list(HealthCheck))
    @given(shop=shops())
    def holds(shop: Shop) -> None:
        engines, by_hand = InMemory(shop), Counted(shop, scope)
        for metric, sql, names, count in asked:
            rows = engines.run(sql)
            found = {
                tuple(row[name] for name in names): tuple(value for name, value in row.items() if name not in names)
                for row in rows
            }
            assert len(found) == len(rows)
            assert found == count(by_hand), f"{metric.__module__}.{metric.__name__}"
        engines.close()

    holds()


@pytest.mark.parametrize("metric", [outcomes.after_first_order, value.moves, products.second_contents])
def test_the_deepest_queries_are_not_too_deep_for_sqlite(metric: Metric) -> None:
    """It reads a hundred brackets within brackets and no more."""
    InMemory(Shop([], [], [], ())).run(written(metric(SCOPES[1])))


def every_metric() -> list[tuple[str, Metric]]:
    modules = [importlib.import_module(f"{room.__name__}.{each.name}") for each in pkgutil.iter_modules(room.__path__)]
    return [
        (f"{module.__name__.rpartition('.')[2]}.{name}", function)
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if next(iter(inspect.signature(function).parameters), "") == "scope"
    ]


def test_every_metric_says_its_unit_and_its_source() -> None:
    not_metrics = ("tables.", "people.")
    for name, metric in every_metric():
        if not name.startswith(not_metrics):
            told = inspect.getdoc(metric) or ""
            is_told = "Unit" in told and ("Source" in told or "source as" in told)
            assert is_told, f"{name} has no unit or source in its docstring"
