"""The page of customer value, its file, and what a customer's page says."""

import csv
import io
from datetime import timedelta

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from thereafter.commerce.models import Customer
from thereafter.console.tests.tools import signed_in
from thereafter.insights.actions import outlooks
from thereafter.insights.console.value import AT_RISK
from thereafter.insights.export import bring
from thereafter.insights.models import Outlook
from thereafter.insights.rules.clv import gates, testing
from thereafter.insights.tests.test_outlooks import NOW, bought, take
from thereafter.journeys import selecting
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
VALUE = "/console/stride/insights/value/"


@pytest.fixture
def store() -> Store:
    made = make_store()
    take(made, bought())
    return made


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store))


def read(browser: Client, path: str = VALUE) -> str:
    with clock.at(NOW + timedelta(minutes=1)):
        return browser.get(path).content.decode()


def test_the_page_tells_totals_the_test_and_who_is_about_to_be_lost(
    store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "BUYERS", 100)
    monkeypatch.setattr(testing, "LEAST_CUSTOMERS", 20)
    outlooks.renew(store, now=NOW)
    page = read(browser)
    for said in ("Revenue, next 365 days", "Expected and real", "days it expected", "All conditions hold"):
        assert said in page
    risk = Outlook.objects.of(store).filter(churn="high", orders__gte=2).order_by("-value_past_minor")
    assert f'/console/stride/customers/{risk[0].customer_id}/"' in page
    assert "Make a segment of them" in page


def test_before_the_first_night_and_without_enough_it_says_what_is_missing(store: Store, browser: Client) -> None:
    bring(store, now=NOW)
    assert "worked out every night" in read(browser)
    outlooks.renew(store, now=NOW)
    page = read(browser)
    assert "at least 500 buyers (120 so far)" in page
    assert "Revenue, next 365 days" not in page


def test_refreshing_a_small_shop_works_the_outlooks_out(store: Store, browser: Client) -> None:
    bring(store, now=NOW)
    with clock.at(NOW):
        browser.post("/console/stride/insights/refresh/", {"back": VALUE})
    assert Outlook.objects.of(store).count() == 120


def test_the_file_holds_every_customer_in_whole_units(
    store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "BUYERS", 100)
    monkeypatch.setattr(testing, "LEAST_CUSTOMERS", 20)
    outlooks.renew(store, now=NOW)
    answer = browser.get("/console/stride/insights/value/customers.csv")
    assert isinstance(answer, StreamingHttpResponse)
    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 120
    one = Outlook.objects.of(store).get(customer_id=int(rows[0]["customer"]))
    assert float(rows[0]["spent so far"]) * 100 == pytest.approx(one.value_past_minor)
    assert rows[0]["churn risk"] == one.churn


def test_a_customers_page_says_value_risk_and_group(
    store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "BUYERS", 100)
    monkeypatch.setattr(testing, "LEAST_CUSTOMERS", 20)
    outlooks.renew(store, now=NOW)
    outlook = Outlook.objects.of(store).filter(churn="high").order_by("-value_past_minor")[0]
    page = read(browser, f"/console/stride/customers/{outlook.customer_id}/")
    assert "High churn risk" in page
    assert "Eight in ten like this" in page
    assert "Rfm group" not in page


def test_a_customers_page_says_why_there_is_no_prediction(store: Store, browser: Client) -> None:
    customer = Customer.objects.of(store).get(email="c0@example.com")
    assert "Nothing to say yet" in read(browser, f"/console/stride/customers/{customer.pk}/")
    outlooks.renew(store, now=NOW)
    assert "at least 500 buyers (120 so far)" in read(browser, f"/console/stride/customers/{customer.pk}/")


def test_the_segment_of_customers_at_risk_is_just_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "BUYERS", 100)
    monkeypatch.setattr(testing, "LEAST_CUSTOMERS", 20)
    outlooks.renew(store, now=NOW)
    chosen = set(selecting.customers(store, AT_RISK, NOW).values_list("pk", flat=True))
    risk = Outlook.objects.of(store).filter(churn="high", orders__gte=2)
    assert chosen == set(risk.values_list("customer_id", flat=True)) != set()


def test_names_are_for_who_may_read_customers(store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "BUYERS", 100)
    monkeypatch.setattr(testing, "LEAST_CUSTOMERS", 20)
    outlooks.renew(store, now=NOW)
    warehouse = signed_in(make_staff(store, "warehouse"))
    page = read(warehouse)
    assert "Their names are for colleagues" in page
    assert "@example.com" not in page
    assert "John Runner" not in page
    assert warehouse.get(f"{VALUE}customers.csv").status_code == 403
    assert "John Runner" in read(browser, f"{VALUE}risk.csv")
    assert "John Runner" not in read(warehouse, f"{VALUE}risk.csv")
