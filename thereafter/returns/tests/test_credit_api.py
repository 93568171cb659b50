"""Store credit at a checkout that asks us."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.tests.makers import make_order
from thereafter.returns.actions import credit
from thereafter.returns.models import CreditAccount
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def account() -> CreditAccount:
    customer = make_order(make_store()).customer
    return credit.issue(customer, 2000, "EUR", bonus_minor=500, source="gift:1", now=NOW)


def client(store: Store, scope: str = "credit:use") -> Client:
    _, key = make_api_key(store, name="Checkout", scopes=[scope], now=NOW)
    return Client(headers={"Authorization": f"Bearer {key}"})


def post(browser: Client, path: str, key: str, **body: Any) -> tuple[int, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = browser.post(f"/api/v1/credits/{path}", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def test_it_says_what_a_code_is_worth_however_it_is_typed(account: CreditAccount) -> None:
    browser = client(account.store)
    for typed in (account.code, account.shown_code, account.shown_code.lower()):
        found = browser.get(f"/api/v1/credits/{typed}").json()
        assert (found["balance"], found["bonus"], found["currency"]) == ("25.00", "5.00", "EUR")
    assert browser.get("/api/v1/credits/NOBODY").status_code == 404


def test_the_same_key_spends_once_and_more_than_there_is_not_at_all(account: CreditAccount) -> None:
    browser = client(account.store)
    first = post(browser, f"{account.code}/spend", "order-7", amount="20.50", order="1007")
    assert first == post(browser, f"{account.code}/spend", "order-7", amount="20.50", order="1007")
    assert first == (200, {"moved": "20.50", "balance": "4.50", "currency": "EUR", "message": ""})
    status, told = post(browser, f"{account.code}/spend", "order-8", amount="4.51", order="1008")
    assert (status, told["moved"], told["message"]) == (409, "0.00", "This credit is worth 4.50 EUR.")
    status, told = post(browser, f"{account.code}/give-back", "back-7", spent="order-7", amount="1.00")
    assert (status, told["moved"], told["balance"]) == (200, "1.00", "5.50")
    assert post(browser, f"{account.code}/give-back", "back-8", spent="order-8")[0] == 404


def test_without_a_key_of_its_own_nothing_is_spent(account: CreditAccount) -> None:
    assert post(client(account.store), f"{account.code}/spend", "", amount="1.00")[0] == 422
    assert post(client(account.store, "coupons:use"), f"{account.code}/spend", "a", amount="1.00")[0] == 403


def test_another_shop_does_not_know_the_code(account: CreditAccount) -> None:
    other = make_store("outlet", name="Outlet")
    assert client(other).get(f"/api/v1/credits/{account.code}").status_code == 404
