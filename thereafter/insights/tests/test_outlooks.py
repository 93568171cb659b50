"""Outlooks of a shop's customers, from its orders to traits; honest where the shop is too young."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.documents import Line, OrderDoc
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import order_doc
from thereafter.insights.actions import outlook_rows, outlooks
from thereafter.insights.figures.people import Scored
from thereafter.insights.models import Outlook, OutlookFit
from thereafter.insights.rules.clv import calibration, gates, testing
from thereafter.insights.rules.clv.people import People
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BUYERS = 120


def line(price: float) -> Line:
    return Line(external_id="1", title="Coffee", quantity=1, unit_price=f"{price:.2f}", product_id="coffee", sku="C1")


def take(store: Store, bought: list[tuple[str, datetime, float]], start: int = 0) -> None:
    docs: list[OrderDoc] = [
        order_doc(str(5000 + start + place), email=f"{who}@example.com", placed_at=at, lines=[line(price)])
        for place, (who, at, price) in enumerate(bought)
    ]
    answers = take_orders(store, docs, source="api", now=NOW)
    assert all(answer.order_id for answer in answers)


def bought(seed: int = 1) -> list[tuple[str, datetime, float]]:
    """A year of a shop: some come back every few weeks, some leave after the first order."""
    chance = np.random.default_rng(seed)
    told = []
    for who in range(BUYERS):
        at, weeks, price = float(chance.integers(20, 360)), chance.gamma(2.0, 5.0), chance.gamma(6.0, 6.0)
        while at > 0:
            spent = max(float(chance.gamma(8.0, price / 8)), 1.0)
            told.append((f"c{who}", NOW - timedelta(days=at), spent))
            if chance.random() < 0.25:
                break
            at -= max(chance.exponential(weeks * 7), 1.0)
    # Somebody bought lately, whatever chance says.
    return [*told, ("c0", NOW - timedelta(days=3), 40.0)]


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of tests has no five hundred buyers."""
    monkeypatch.setattr(gates, "BUYERS", 100)
    monkeypatch.setattr(testing, "LEAST_CUSTOMERS", 20)


@pytest.fixture
def store(db: None) -> Store:
    made = make_store()
    take(made, bought())
    return made


def of(store: Store, email: str) -> Outlook:
    customer = Customer.objects.of(store).get(email=email)
    return Outlook.objects.of(store).get(customer=customer)


def facts(store: Store) -> dict[str, Any]:
    found: dict[str, Any] = OutlookFit.objects.of(store).get().facts
    return found


@pytest.mark.parametrize("at_once", [7, outlook_rows.ROWS])
def test_every_customer_gets_an_outlook_that_agrees_with_the_orders(
    store: Store, easy: None, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(outlook_rows, "ROWS", at_once)
    done = outlooks.renew(store, now=NOW)
    assert done == (BUYERS, BUYERS)
    assert OutlookFit.objects.of(store).get().is_told
    for outlook in Outlook.objects.of(store).select_related("customer"):
        orders = Order.objects.of(store).filter(customer=outlook.customer)
        days = sorted({clock.day_in(order.placed_at, store.time_zone) for order in orders})
        assert (outlook.orders, outlook.first_day, outlook.last_day) == (len(orders), days[0], days[-1])
        assert outlook.value_past_minor == sum(order.total_minor for order in orders)
        assert 0 <= (outlook.p_alive or 0) <= 1
        assert (outlook.orders_90 or 0) <= (outlook.orders_365 or 0)
        assert (outlook.orders_365_low or 0) <= (outlook.orders_365_high or 0)
        assert (outlook.value_365_low_minor or 0) <= (outlook.value_365_high_minor or 0)
        assert (outlook.churn == "high") == ((outlook.quiet_90 or 0) >= 0.66)
        if outlook.next_on and outlook.next_low:
            assert outlook.last_day < outlook.next_low <= outlook.next_on


def test_traits_say_the_same_as_the_outlook(store: Store, easy: None) -> None:
    outlooks.renew(store, now=NOW)
    for outlook in Outlook.objects.of(store).select_related("customer"):
        traits = outlook.customer.traits
        assert traits["insights.value_365"] == round((outlook.value_365_minor or 0) / 100)
        assert traits["insights.churn_risk"] == outlook.churn
        assert traits.get("insights.next_order_on") == (outlook.next_on.isoformat() if outlook.next_on else None)
        assert (traits["insights.rfm"], traits["insights.rfm_group"]) == (outlook.rfm, outlook.rfm_group)


def test_totals_are_the_sum_of_the_customers_corrected_by_the_backtest(store: Store, easy: None) -> None:
    outlooks.renew(store, now=NOW)
    told = facts(store)
    year = next(one for one in told["horizons"] if one["days"] == 365)
    rows = list(Outlook.objects.of(store).values_list("orders_365", "value_365_minor"))
    assert year["orders"]["plain"] == pytest.approx(sum(orders or 0 for orders, _ in rows), rel=1e-3)
    assert year["value"]["plain"] == pytest.approx(sum(value or 0 for _, value in rows), rel=1e-3)
    assert year["orders"]["value"] == pytest.approx(year["orders"]["plain"] * told["tested"]["factor"])
    assert year["value"]["low"] < year["value"]["value"] < year["value"]["high"]
    assert sum(told["bands"].values()) == BUYERS


def test_the_backtest_counts_the_orders_of_its_window(store: Store, easy: None) -> None:
    outlooks.renew(store, now=NOW)
    tested = facts(store)["tested"]
    assert tested["days"] == 180 or tested["days"] == 90
    cut = NOW.date() - timedelta(days=tested["days"])
    bought = {(one.customer_id, clock.day_in(one.placed_at, store.time_zone)) for one in Order.objects.of(store)}
    known = {customer for customer, on in bought if on <= cut}
    later = {(customer, on) for customer, on in bought if on > cut and customer in known}
    assert (tested["customers"], tested["actual"]) == (len(known), len(later))
    assert sum(one["customers"] for one in tested["classes"]) == len(known)


def test_a_young_shop_is_told_what_is_missing_and_gets_no_prediction(store: Store) -> None:
    outlooks.renew(store, now=NOW)
    fit = OutlookFit.objects.of(store).get()
    assert not fit.is_told
    assert [gate["wanted"] for gate in fit.facts["gates"] if not gate["holds"]] == ["At least 500 buyers"]
    outlook = of(store, "c0@example.com")
    assert (outlook.value_365_minor, outlook.churn, outlook.p_alive, outlook.next_on) == (None, "", None, None)
    assert outlook.rfm
    traits = outlook.customer.traits
    assert "insights.value_365" not in traits
    assert traits["insights.rfm"] == outlook.rfm


def test_predictions_go_when_the_shop_falls_asleep(store: Store, easy: None) -> None:
    outlooks.renew(store, now=NOW)
    assert of(store, "c0@example.com").customer.traits["insights.churn_risk"]
    outlooks.renew(store, now=NOW + timedelta(days=60))
    outlook = of(store, "c0@example.com")
    assert outlook.churn == ""
    assert "insights.churn_risk" not in outlook.customer.traits


def test_a_shop_where_nobody_comes_back_says_so(easy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "ORDERS", 1)
    store = make_store()
    take(store, [(f"c{who}", NOW - timedelta(days=2 * who + 1), 20.0) for who in range(110)])
    outlooks.renew(store, now=NOW)
    assert "second time" in facts(store)["why_not"]
    assert not OutlookFit.objects.of(store).get().is_told


def test_a_shop_without_orders_has_no_outlooks() -> None:
    store = make_store()
    assert outlooks.renew(store, now=NOW) == (0, 0)
    assert not any(gate["holds"] for gate in facts(store)["gates"])


def test_only_traits_that_changed_are_written(store: Store, easy: None) -> None:
    outlooks.renew(store, now=NOW)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        again = outlooks.renew(store, now=NOW + timedelta(minutes=5))
    assert again.changed == 0
    assert not [query for query in seen.captured_queries if query["sql"].startswith('UPDATE "commerce_customer"')]
    assert Outlook.objects.of(store).count() == BUYERS


def test_who_has_no_order_left_has_no_outlook(store: Store, easy: None) -> None:
    take(store, [("gone", NOW - timedelta(days=4), 30.0)], start=9_000)
    outlooks.renew(store, now=NOW)
    customer = Customer.objects.of(store).get(email="gone@example.com")
    assert "insights.rfm" in customer.traits
    order = Order.objects.of(store).get(customer=customer)
    doc = order_doc(
        order.number, email="gone@example.com", placed_at=order.placed_at, lines=[line(30)],
        status="cancelled", cancelled_at=NOW, changed_at=NOW,
    )  # fmt: skip
    take_orders(store, [doc], source="api", now=NOW)
    outlooks.renew(store, now=NOW + timedelta(hours=1))
    customer.refresh_from_db()
    assert not Outlook.objects.of(store).filter(customer=customer).exists()
    assert customer.traits == {}


def test_the_night_renews_only_where_there_is_news(store: Store, easy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlooks, "_REST_SECONDS", 0)
    monkeypatch.setitem(outlooks._rests, "until", 0.0)
    day = timedelta(days=1)
    assert outlooks.renew_by_night(NOW) == BUYERS
    assert outlooks.renew_by_night(NOW + day) == 0
    take(store, [("c1", NOW + day, 25.0)], start=9_500)
    assert outlooks.renew_by_night(NOW + 2 * day) == BUYERS
    assert outlooks.renew_by_night(NOW + 9 * day) == BUYERS


def test_a_store_sees_only_its_own_customers(store: Store, easy: None) -> None:
    other = make_store("other")
    take(other, [("x", NOW - timedelta(days=5), 10.0)])
    outlooks.renew(other, now=NOW)
    outlooks.renew(store, now=NOW)
    assert Outlook.objects.of(other).count() == 1
    assert Outlook.objects.of(store).count() == BUYERS


def test_a_customer_who_is_in_one_reading_only_is_left_out(
    store: Store, easy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot may be renewed between the two readings of one night."""
    take(store, bought())
    read = outlooks._scored

    def scored(*asked: Any) -> Any:
        return Scored(*(column[1:] for column in read(*asked)))

    monkeypatch.setattr(outlooks, "_scored", scored)
    renewed = outlooks.renew(store, now=NOW)
    assert Outlook.objects.of(store).count() == renewed.customers - 1
    for outlook in Outlook.objects.of(store):
        assert outlook.orders == Order.objects.of(store).filter(customer=outlook.customer).count()


def test_too_few_customers_of_back_then_test_nothing() -> None:
    chance = np.random.default_rng(4)
    frequency = chance.poisson(2, 99)
    recency = np.where(frequency > 0, chance.integers(1, 180, 99), 0)
    then = People(np.arange(99), frequency, recency, np.full(99, 180), 4_000 * frequency, 4_000 * (frequency + 1))
    now = People(then.ids, frequency * 3, recency, then.age + 90, 12_000 * frequency, 4_000 * (frequency * 3 + 1))
    assert testing.held_out(then, now, 90) is None


def test_a_model_that_expected_what_never_came_is_corrected_as_far_as_may_be() -> None:
    nothing_came = calibration.compare([1, 2], [1.5, 2.5], [0, 0], [1, 1])
    assert nothing_came.factor == calibration.LEAST_FACTOR
    assert calibration.compare([1], [0.0], [3], [1]).factor == 1.0
