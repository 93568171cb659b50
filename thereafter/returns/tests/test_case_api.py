"""Returns by the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.returns.models import Case
from thereafter.returns.tests.visits import ASKED, ask_for_one, delivered_order
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
SHOES = {"line": "1", "reason": "changed_mind", "outcome": "refund"}


@pytest.fixture
def order() -> Order:
    return delivered_order(make_store(country="DE"))


def client(store: Store, *scopes: str) -> Client:
    _, key = make_api_key(store, name="App", scopes=list(scopes or ("returns:read", "returns:write")), now=ASKED)
    return Client(headers={"Authorization": f"Bearer {key}"})


def post(browser: Client, path: str, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    with clock.at(ASKED):
        return browser.post(f"/api/v1/returns{path}", body, content_type="application/json", headers=headers)


def test_a_return_is_opened_once_per_key(order: Order) -> None:
    browser = client(order.store)
    body = {"order": order.number, "items": [SHOES]}
    answer = post(browser, "", body, "visit-1")
    assert answer.status_code == 201
    (told,) = answer.json()["returns"]
    assert (told["number"], told["state"], told["basis"], told["channel"]) == ("R1001", "open", "withdrawal", "api")
    assert (told["value"], told["currency"], told["units"][0]["sku"]) == ("89.90", "EUR", "TR2-42")
    again = post(browser, "", body, "visit-1")
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert again.json()["returns"][0]["number"] == "R1001"
    assert Case.objects.of(order.store).count() == 1


def test_without_a_key_nothing_is_opened(order: Order) -> None:
    assert post(client(order.store), "", {"order": order.number, "items": [SHOES]}).status_code == 422
    assert not Case.objects.of(order.store).exists()


def test_a_refusal_says_why(order: Order) -> None:
    browser = client(order.store)
    ask_for_one(order)
    answer = post(browser, "", {"order": order.number, "items": [SHOES]}, "second")
    assert answer.status_code == 422
    assert "come back" in answer.json()["message"] or "on its way back" in answer.json()["message"]
    unknown = post(browser, "", {"order": "9", "items": [SHOES]}, "third")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "There is no order 9 in this store.")
    wrong = post(browser, "", {"order": order.number, "items": [SHOES | {"outcome": "gold"}]}, "fourth")
    assert wrong.status_code == 422


def test_it_is_read_and_listed_page_by_page(order: Order) -> None:
    browser = client(order.store)
    post(browser, "", {"order": order.number, "items": [SHOES]}, "a")
    post(browser, "", {"order": order.number, "items": [{"line": "2", "outcome": "refund"}]}, "b")
    first = browser.get("/api/v1/returns?limit=1").json()
    assert [one["number"] for one in first["returns"]] == ["R1001"]
    second = browser.get(f"/api/v1/returns?limit=1&after={first['next']}").json()
    assert ([one["number"] for one in second["returns"]], second["next"]) == (["R1002"], None)
    one = browser.get("/api/v1/returns/R1002").json()
    assert (one["order"], len(one["parcels"]), one["units"][0]["state"]) == (order.number, 1, "expected")
    later = (ASKED + timedelta(days=1)).isoformat().replace("+", "%2B")
    assert browser.get(f"/api/v1/returns?changed_since={later}").json()["returns"] == []
    assert browser.get("/api/v1/returns?state=cancelled").json()["returns"] == []


def test_it_is_taken_back_once(order: Order) -> None:
    browser = client(order.store)
    post(browser, "", {"order": order.number, "items": [SHOES]}, "a")
    for _ in range(2):
        answer = post(browser, "/R1001/cancel", {"why": "Keeps them"})
        assert (answer.status_code, answer.json()["cancelled"]) == (200, True)


def test_what_has_moved_is_not_taken_back(order: Order) -> None:
    case = ask_for_one(order)
    Case.objects.filter(pk=case.pk).update(handed_in_at=ASKED)
    answer = post(client(order.store), f"/{case.number}/cancel", {})
    assert (answer.status_code, answer.json()["cancelled"]) == (409, False)
    assert "on their way back" in answer.json()["message"]


def test_another_shop_sees_nothing_and_reading_is_not_writing(order: Order) -> None:
    case = ask_for_one(order)
    other = client(make_store("other"))
    assert other.get(f"/api/v1/returns/{case.number}").status_code == 404
    assert other.get("/api/v1/returns").json()["returns"] == []
    reader = client(order.store, "returns:read")
    assert post(reader, f"/{case.number}/cancel", {}).status_code == 403
    assert client(order.store, "orders:read").get("/api/v1/returns").status_code == 403
