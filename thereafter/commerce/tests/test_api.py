"""The API takes orders one by one and by the thousand, and shows only what is the key's own store's."""

import json
from typing import Any

import msgspec
import pytest
from django.test import Client

from thereafter.commerce.documents import OrderDoc
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, order_doc
from thereafter.events.orders import OrderPlaced
from thereafter.stores import actions
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import OPENED, make_store
from thereafter.timeline import inbox
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
SCOPES = ["orders:write", "orders:read", "products:write", "customers:read"]


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def api(store: Store) -> Client:
    return client_of(store)


def client_of(store: Store, scopes: list[str] = SCOPES) -> Client:
    _, token = actions.make_api_key(store, name="test", scopes=scopes, now=OPENED)
    return Client(headers={"Authorization": f"Bearer {token}"})


def post(api: Client, path: str, content: Any, **headers: str) -> Any:
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return api.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_an_order_is_accepted_and_taken(api: Client, store: Store) -> None:
    answer = post(api, "/orders", order_doc())
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    run_until_idle()
    assert Order.objects.of(store).get().source == "api"


def test_the_same_order_twice_is_a_duplicate(api: Client) -> None:
    post(api, "/orders", order_doc())
    assert post(api, "/orders", order_doc()).json() == {"status": "duplicate"}


def test_an_idempotency_key_tells_a_repetition(api: Client) -> None:
    post(api, "/orders", order_doc("1"), **{"Idempotency-Key": "k"})
    assert post(api, "/orders", order_doc("2"), **{"Idempotency-Key": "k"}).status_code == 200


def test_a_bad_order_is_refused_with_the_reason_and_kept(api: Client, store: Store) -> None:
    answer = post(api, "/orders", order_doc(currency="EURO"))
    assert (answer.status_code, answer.json()["reason"][:16]) == (422, "unknown_currency")
    (kept,) = inbox.refused(store)
    assert inbox.replay(store, kept.pk, OPENED, body=msgspec.json.encode(order_doc()).decode())
    run_until_idle()
    assert Order.objects.of(store).count() == 1


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[]", b'{"external_id": 5}', b'"text"', b"[" * 10_000])
def test_what_is_no_order_is_named(api: Client, body: bytes) -> None:
    answer = post(api, "/orders", body)
    assert answer.status_code == 422
    assert answer.json()["reason"].split(":")[0] in {"bad_json", "wrong_shape"}


def test_of_a_batch_the_bad_rows_are_refused_and_the_rest_goes_in(api: Client, store: Store) -> None:
    good = [json.loads(msgspec.json.encode(order_doc(str(number)))) for number in range(5)]
    bad = [{"external_id": "x"}, good[0] | {"external_id": "y", "total": "1"}, 7]
    answer = post(api, "/orders/batch", [*good, *bad])
    assert answer.status_code == 202
    told = answer.json()
    assert (told["accepted"], told["refused"]) == (5, 3)
    assert [row["status"] for row in told["results"]] == ["accepted"] * 5 + ["refused"] * 3
    assert told["results"][6]["reason"].startswith("totals_differ")
    run_until_idle()
    assert Order.objects.of(store).count() == 5
    assert inbox.refused(store).count() == 3
    assert post(api, "/orders/batch", [*good, *bad]).json()["status"] == "duplicate"
    assert_recorded(OrderPlaced, times=5)


def test_a_batch_has_at_most_a_thousand_rows(api: Client) -> None:
    assert post(api, "/orders/batch", [1] * 1001).status_code == 413


@pytest.mark.parametrize("body", [b"{}", b"[", b"\xff"])
def test_a_batch_that_is_no_list_is_named(api: Client, body: bytes) -> None:
    answer = post(api, "/orders/batch", body)
    assert answer.status_code == 400
    assert "JSON list" in answer.json()["error"]


def test_fulfilments_and_refunds_may_come_before_their_order(api: Client, store: Store) -> None:
    shipped = {"external_id": "f", "shipped_at": "2026-03-04T10:00:00Z", "tracking_number": "JD1"}
    refund = {"external_id": "r", "amount": "5.00", "at": "2026-03-09T10:00:00Z"}
    assert post(api, "/fulfilments", {"order": "order-1001", "fulfilment": shipped}).status_code == 202
    assert post(api, "/refunds", {"order": "order-1001", "refund": refund}).status_code == 202
    run_until_idle()
    assert Inbound.objects.of(store).filter(state=Inbound.State.KEPT).count() == 2
    post(api, "/orders", order_doc())
    run_until_idle()
    order = Order.objects.of(store).get()
    assert (order.status, order.refunded_minor) == ("fulfilled", 500)


def test_products_come_by_the_thousand(api: Client, store: Store) -> None:
    answer = post(
        api, "/products/batch", [{"external_id": "shoe", "title": "Shoe", "warranty_months": 24}, {"title": "x"}]
    )
    assert (answer.json()["accepted"], answer.json()["refused"]) == (1, 1)


def test_an_order_can_be_read_by_its_number(api: Client, store: Store) -> None:
    make_order(store, number="#1001")
    answer = api.get("/api/v1/orders/1001").json()
    assert (answer["number"], answer["total_minor"], answer["lines"][0]["title"]) == ("#1001", 8990, "Trail Runner 2")
    assert api.get("/api/v1/orders/77").status_code == 404


def test_a_customer_can_be_found(api: Client, store: Store) -> None:
    make_order(store)
    (found,) = api.get("/api/v1/customers", {"email": "John@example.com"}).json()
    assert [order["number"] for order in found["orders"]] == ["1001"]
    assert api.get("/api/v1/customers", {"email": "x@example.com"}).json() == []


def test_a_key_opens_only_its_own_store(store: Store) -> None:
    make_order(store)
    stranger = client_of(make_store("other"))
    assert stranger.get("/api/v1/orders/1001").status_code == 404
    assert stranger.get("/api/v1/customers", {"email": "john@example.com"}).json() == []


def test_without_a_key_or_scope_nothing_opens(store: Store) -> None:
    assert post(Client(), "/orders", order_doc()).status_code == 401
    assert post(client_of(store, ["orders:read"]), "/orders", order_doc()).status_code == 403
    assert not Inbound.objects.exists()


def test_the_documentation_shows_what_an_order_is(api: Client) -> None:
    schema = api.get("/api/v1/openapi.json").json()
    body = schema["paths"]["/api/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["required"]) <= set(OrderDoc.__struct_fields__)
    assert body["properties"]["customer"]["properties"]["email"]["type"] == "string"


def test_a_row_that_is_not_utf8_is_refused_alone(api: Client) -> None:
    whole = msgspec.json.encode(order_doc("1"))
    broken = msgspec.json.encode(order_doc("2"))[:-1] + b',"unread":"\xff"}'
    assert post(api, "/orders", broken).status_code == 422
    answer = post(api, "/orders/batch", b"[" + whole + b"," + broken + b"]").json()
    assert (answer["accepted"], answer["refused"]) == (1, 1)
    assert answer["results"][1]["reason"].startswith("bad_json")


def test_a_number_that_no_order_can_have_is_not_found(api: Client) -> None:
    assert api.get("/api/v1/orders/%00").status_code == 404
