"""Figures as pages show them, over shops in memory."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.cache.backends.dummy import DummyCache

from thereafter.insights.engine.port import Engine, Given, Row
from thereafter.insights.figures import asking, products
from thereafter.insights.figures.cohorts import DONE, RUNNING, UNRIPE, cohort_matrix, past_value
from thereafter.insights.figures.delivery import delivery
from thereafter.insights.figures.feelings import satisfaction
from thereafter.insights.figures.loyalty import coupons, loyalty_effect
from thereafter.insights.figures.messages import messages
from thereafter.insights.figures.orders import lifecycle, orders_figures
from thereafter.insights.figures.outcomes import outcomes
from thereafter.insights.figures.products import (
    best_sellers,
    product_affinity,
    repeat_by_first_product,
    second_order_contents,
)
from thereafter.insights.figures.retention import (
    repeat_rate,
    retention_rate,
    time_between_orders,
    time_to_second_order,
)
from thereafter.insights.figures.returns import returns
from thereafter.insights.figures.shown import Figure
from thereafter.insights.figures.support import contact_rate
from thereafter.insights.figures.value import pareto, rfm_map
from thereafter.insights.figures.view import View, day_number
from thereafter.insights.rules.days import Days
from thereafter.insights.rules.months import month_of
from thereafter.insights.tests import plain_counts as plain
from thereafter.insights.tests.plain_counts import Counted
from thereafter.insights.tests.small_shops import STORE, InMemory, Shop
from thereafter.stores.models import Store

FIGURES: tuple[Callable[[View], Figure], ...] = (
    *(orders_figures, lifecycle, repeat_rate, time_between_orders, time_to_second_order, retention_rate),
    *(cohort_matrix, past_value, rfm_map, pareto, satisfaction, delivery, returns, contact_rate, loyalty_effect),
    *(coupons, best_sellers, product_affinity, second_order_contents, repeat_by_first_product, outcomes, messages),
)
NEW_YEAR = day_number(date(2025, 1, 1))
YEAR = Days(date(2025, 1, 1), date(2025, 12, 31))
HALF = Days(date(2025, 7, 1), date(2025, 12, 31))
LAST = datetime(2025, 12, 31, 12, tzinfo=UTC)
NOTHING = Shop([], [], [], ())


class Memory(Engine):
    name, dialect = "duckdb", "duckdb"

    def __init__(self, shop: Shop) -> None:
        self.held = InMemory(shop)

    def run(self, store_id: int, sql: str, given: Given | None = None) -> Sequence[Row]:
        asked = self.held.duck.execute(sql)
        names = [column[0] for column in asked.description or ()]
        return [{key: _plain(value) for key, value in zip(names, row, strict=True)} for row in asked.fetchall()]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else int(value)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., View]:
    """The year of a shop."""

    def made(shop: Shop, days: Days = YEAR, as_of: datetime = LAST) -> View:
        memory = Memory(shop)
        monkeypatch.setattr(asking, "engine", lambda: memory)
        monkeypatch.setattr(asking, "as_of", lambda store: as_of)
        monkeypatch.setattr(asking, "serial_of", lambda store: "")
        monkeypatch.setattr(asking, "cache", DummyCache("", {}))
        monkeypatch.setattr(products, "titles", lambda store, ids: {1: "Shoes", 2: "Socks"})
        return View(Store(pk=STORE, currency="EUR", time_zone="UTC"), days)

    return made


def grown(seed: int = 5, customers: int = 240) -> Shop:
    """A year of a shop: 240 customers of whom late parcels keep some away, with all that follows an order."""
    dice = random.Random(seed)
    orders: list[Row] = []
    lines: list[Row] = []
    entries: list[Row] = []
    for customer in range(1, customers + 1):
        day = NEW_YEAR + dice.randrange(300)
        is_late = dice.random() < 0.3
        while day < NEW_YEAR + 365:
            _order(orders, lines, customer, day, dice)
            _after(entries, orders[-1], dice, is_late=is_late)
            if dice.random() < (0.75 if is_late else 0.4):
                break
            day += dice.randrange(5, 90)
    return Shop(orders, lines, entries, tuple(range(1, customers, 2)))


def _order(orders: list[Row], lines: list[Row], customer: int, day: int, dice: random.Random) -> None:
    number, total = len(orders) + 1, dice.randrange(1000, 20_000)
    common = {"store_id": STORE, "customer_id": customer, "day": day, "month": month_of(day), "counts": 1}
    products = sorted(dice.sample((1, 2, 3), dice.choice((1, 2, 2))))
    orders.append(
        common
        | {"id": number, "foreign": 0, "total_minor": total, "refunded_minor": total // 10, "discount_minor": 0}
        | {"net_minor": total - total // 10, "shipping_minor": 400, "items": len(products)}
        | {"country": dice.choice(("DE", "FR")), "channel": "web", "coupon": dice.choice(("", "SPRING"))}
    )
    lines += [common | {"order_id": number, "product_id": one, "quantity": 1, "net_minor": 500} for one in products]


def _after(entries: list[Row], order: Row, dice: random.Random, *, is_late: bool) -> None:
    def told(name: str, after: int, **fields: Any) -> None:
        day = order["day"] + after
        about = {"store_id": STORE, "customer_id": order["customer_id"], "order_id": order["id"]}
        blank = {"value": 0, "flag": -1, "kind": "", "other": "", "ref": 0}
        number = len(entries) + 1
        entries.append(about | {"id": number, "name": name, "day": day, "month": month_of(day)} | blank | fields)

    told("message.sent", 0, kind="email", other="thanks", ref=order["id"])
    told("parcel.shipped", 1, kind="dhl", ref=order["id"])
    told("parcel.delivered", 4, kind="dhl", flag=int(is_late), ref=order["id"])
    told("survey.asked", 6, kind="csat", other="satisfaction", ref=order["id"])
    if dice.random() < 0.5:
        score = dice.choice((1, 2, 3) if is_late else (4, 5, 5))
        told("survey.answered", 7, kind="csat", other="satisfaction", value=score, ref=order["id"])
    if dice.random() < 0.2:
        told("return.requested", 8, kind="voluntary", other="size_small", value=500, ref=order["id"])
        told("return.received", 12, value=1, ref=order["id"])
        told("return.resolved", 13, kind="voluntary", other="exchange_variant", value=100, ref=order["id"])
    if dice.random() < 0.1:
        told("follow_up.opened", 9, kind="by_hand", ref=order["id"])
        told("follow_up.replied", 10, ref=order["id"])
    if dice.random() < 0.5:
        told("loyalty.joined", 2, ref=order["customer_id"])


@pytest.fixture
def year(seen: Callable[..., View]) -> tuple[View, Counted]:
    shop = grown()
    view = seen(shop)
    return view, Counted(shop, view.scope)


Year = tuple[View, Counted]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.__name__)
def test_an_empty_shop_is_told_so_and_no_number_is_shown(figure: Any, seen: Callable[..., View]) -> None:
    found = figure(seen(NOTHING, HALF))
    assert found.n == 0
    assert found.thin.endswith(".")
    assert found.definition.endswith(".")


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.__name__)
def test_a_shop_with_a_year_behind_it_has_something_to_show(figure: Any, year: Year) -> None:
    # Some ask who was there before the period.
    found = figure(replace(year[0], days=HALF))
    assert found.n > 20
    assert not found.thin


def test_orders_are_zero_filled_and_compared_with_as_many_days_before(year: Year) -> None:
    view, by_hand = year
    june = replace(view, days=Days(date(2025, 6, 1), date(2025, 6, 30)))
    found = orders_figures(june)
    assert [day.day for day in found.days] == list(june.days)
    placed = [
        order for order in by_hand.net if day_number(june.days.first) <= order["day"] <= day_number(june.days.last)
    ]
    assert found.now.orders == sum(day.orders for day in found.days) == len(placed)
    assert found.now.average_minor == pytest.approx(sum(order["net_minor"] for order in placed) / len(placed))
    assert found.before.orders == orders_figures(replace(view, days=june.days.before)).now.orders
    assert found.new + found.returning == len(placed)


def test_days_that_are_yet_to_come_are_no_days_without_orders(seen: Callable[..., View]) -> None:
    view = seen(grown(), as_of=datetime(2025, 6, 10, 12, tzinfo=UTC))
    assert orders_figures(view).days[-1].day == date(2025, 6, 10)
    assert lifecycle(view).months[-1].is_running


def test_the_repeat_rate_waits_for_those_who_had_no_time(year: Year) -> None:
    view, by_hand = year
    found = repeat_rate(view)
    again, whole = (sum(row[place] for row in plain.bought_again(by_hand).values()) for place in (1, 0))
    assert found.rate is not None
    assert (found.rate.part, found.rate.whole) == (again, whole)
    assert found.naive is not None
    assert found.naive.whole == len(by_hand.lives) > whole
    assert sum(point.share.whole for point in found.trend if point.share) <= whole


def test_the_curve_of_second_orders_lies_above_those_who_came_back_so_far(year: Year) -> None:
    found = time_to_second_order(year[0])
    assert found.by_day[180].value > found.again / found.n
    assert list(found.by_day) == [30, 60, 90, 180]
    shares = [point.share for point in found.curve]
    assert shares == sorted(shares)


def test_retention_balances_and_reactivated_are_apart(year: Year) -> None:
    view, _ = year
    autumn = replace(view, days=Days(date(2025, 9, 1), date(2025, 11, 30)))
    found = retention_rate(autumn, active_days=40)
    assert found.rate is not None
    assert found.churn is not None
    assert (found.rate.part, found.rate.whole) == (found.kept, found.start)
    assert found.churn.part == found.start - found.kept
    assert found.reactivated > 0
    assert found.textbook is not None
    assert found.textbook > found.rate.value - 1
    assert retention_rate(autumn).active_from == "P90 of gaps"


def test_a_matrix_has_everybody_in_its_first_column_and_blanks_what_is_not_ripe(year: Year) -> None:
    for by in ("month", "block"):
        found = cohort_matrix(year[0], by=by)
        for row in found.rows:
            if row.cells:
                assert (row.cells[0].count, row.cells[0].value) == (row.size, 1.0)
            assert [cell for cell in row.cells if cell.state == UNRIPE] == []
        assert sum(row.size for row in found.rows) == found.n
        assert len(found.total.cells) == len(found.ages)
    months = cohort_matrix(year[0])
    assert {cell.state for row in months.rows for cell in row.cells} <= {DONE, RUNNING}
    assert months.ages[:3] == [0, 1, 2]
    assert cohort_matrix(year[0], by="block").ages[:3] == [0, 30, 60]


def test_the_modes_of_a_matrix_agree_where_they_must(year: Year) -> None:
    at, rolling, second = (cohort_matrix(year[0], mode=mode) for mode in ("in_period", "rolling", "second"))
    for one, later, by_then in zip(at.rows, rolling.rows, second.rows, strict=True):
        assert one.size == later.size == by_then.size
        for cell, kept in zip(one.cells[1:], later.cells[1:], strict=True):
            assert cell.count <= kept.count
        counts = [cell.count for cell in by_then.cells]
        assert counts == sorted(counts)
    net = cohort_matrix(year[0], measure="net")
    assert sum(cell.count for row in net.rows for cell in row.cells) == sum(o["net_minor"] for o in year[1].net)
    assert net.is_money


def test_lifetime_value_is_all_money_over_all_customers(year: Year) -> None:
    found = past_value(year[0])
    assert found.per_customer_minor == pytest.approx(sum(o["net_minor"] for o in year[1].net) / len(year[1].lives))
    spent = [point.per_customer_minor for point in found.curve]
    assert spent == sorted(spent)
    assert found.curve[0].days == 30


@pytest.mark.parametrize("levels", [3, 5])
def test_every_customer_is_in_one_group_and_one_place_of_the_grid(year: Year, levels: int) -> None:
    found = rfm_map(year[0], levels)
    everybody = len(year[1].lives)
    assert sum(group.customers for group in found.groups) == everybody
    assert sum(cell.customers for cell in found.grid.values()) == everybody
    assert len(found.grid) == levels**2
    assert sum(group.net_share or 0 for group in found.groups) == pytest.approx(1)
    assert len(found.cuts.recency) == levels - 1


def test_who_had_bought_before_the_period_moves_between_groups(year: Year) -> None:
    late = replace(year[0], days=Days(date(2025, 10, 1), date(2025, 12, 31)))
    before = {o["customer_id"] for o in year[1].net if o["day"] < day_number(late.days.first)}
    assert sum(move.customers for move in rfm_map(late).moves) == len(before)


def test_the_top_fifth_is_about_that_of_the_list(year: Year) -> None:
    money = sorted((sum(o["net_minor"] for o in life) for life in year[1].lives), reverse=True)
    found = pareto(year[0])
    assert found.net_minor == sum(money)
    assert found.top_fifth == pytest.approx(sum(money[: len(money) // 5]) / sum(money), abs=0.005)


def test_satisfaction_has_its_interval_and_its_answers(year: Year) -> None:
    found = satisfaction(year[0])
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert sum(found.counts.values()) == found.n
    assert found.response is not None
    assert found.surveys == ["satisfaction"]
    assert satisfaction(year[0], "nps").thin


def test_parcels_are_late_on_time_or_without_a_promise(year: Year) -> None:
    found = delivery(year[0])
    assert found.late + found.on_time_parcels + found.without_promise == found.n
    assert (found.median, found.p90, found.days_to_ship) == (4, 4, 1)
    assert [one.name for one in found.carriers] == ["dhl"]


def test_returns_and_the_money_that_stayed(year: Year) -> None:
    found = returns(year[0])
    assert found.by_orders is not None
    assert found.by_units is not None
    assert found.returned_orders == found.by_orders.part
    assert 0.1 < found.by_orders.value < 0.3
    assert [(reason.key, reason.cases) for reason in found.reasons] == [("size_small", found.cases)]
    (outcome,) = found.outcomes
    assert (outcome.outcome, outcome.kept_minor) == ("exchange_variant", outcome.cases * 400)
    assert found.kept_share == pytest.approx(0.8)


def test_contacts_are_told_per_hundred_orders(year: Year) -> None:
    found = contact_rate(year[0])
    assert found.per_hundred is not None
    opened = sum(one.n for one in found.contacts)
    assert found.per_hundred.value == pytest.approx(100 * opened / found.orders)
    assert (found.answered, found.unanswered, found.median_days) == (opened, 0, 1)


def test_late_first_orders_keep_customers_away_and_the_cut_says_so(year: Year) -> None:
    found = outcomes(year[0])
    for cut in found.cuts:
        assert sum(group.customers for group in cut.groups) == found.customers
    promise = found.cuts[0]
    assert promise.difference is not None
    assert promise.difference.high < 0
    assert promise.difference_words == "They come back less often."


def test_affinity_of_products_that_have_nothing_to_do_with_each_other_is_about_one(year: Year) -> None:
    found = product_affinity(year[0])
    assert {(pair.product_id, pair.other_id) for pair in found.pairs} == {(1, 2), (1, 3), (2, 3)}
    for pair in found.pairs:
        assert pair.orders == pair.confidence.part == pair.back.part
        assert 0.6 < pair.lift < 1.4
    assert found.pairs[0].title in {"Shoes", "Socks"}
    assert best_sellers(year[0]).rows[0].units >= best_sellers(year[0]).rows[-1].units
    assert not any(one.is_different for one in repeat_by_first_product(year[0]).rows)


def test_members_are_customers_who_joined_before_and_it_is_no_claim(year: Year) -> None:
    autumn = replace(year[0], days=Days(date(2025, 9, 1), date(2025, 12, 31)))
    found = loyalty_effect(autumn)
    bought = {o["customer_id"] for o in year[1].net if o["day"] >= day_number(autumn.days.first)}
    assert sum(group.customers for group in found.groups) == len(bought)
    assert "no effect" in found.caution


def test_a_narrow_view_counts_fewer_and_all_of_it_together_counts_everybody(year: Year) -> None:
    view, _ = year
    whole, german, french = (repeat_rate(replace(view, country=country)).n for country in ("", "DE", "FR"))
    assert german + french == whole
    assert german > 0
