"""What Shopify and WooCommerce post becomes documents that our rules find sound."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from thereafter.commerce.connectors import shopify, woocommerce
from thereafter.commerce.connectors.reading import Unreadable
from thereafter.commerce.documents import CustomerDoc, FulfilmentDoc, OrderDoc, ProductDoc, RefundOfOrder
from thereafter.commerce.rules.orders import amounts_of, check_order, status_of
from thereafter.commerce.tests.payloads import shopify_fulfillment, shopify_order, shopify_refund, woo_order

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def read_shopify(topic: str, payload: dict) -> list:
    return shopify.read(topic, json.dumps(payload))


def shopify_doc(**fields: Any) -> OrderDoc:
    (doc,) = read_shopify("orders/create", shopify_order(**fields))
    return doc


def woo_doc(**fields: Any) -> OrderDoc:
    (doc,) = woocommerce.read("order.created", json.dumps(woo_order(**fields)))
    assert isinstance(doc, OrderDoc)
    return doc


def test_a_shopify_order_is_sound_and_keeps_its_amounts() -> None:
    doc = shopify_doc()
    assert check_order(doc, NOW) == []
    amounts = amounts_of(doc)
    assert (amounts.total, amounts.subtotal, amounts.discount, amounts.shipping) == (10372, 9882, 1098, 490)
    assert [line.discount for line in amounts.lines] == [899, 199]
    assert doc.number == "#1001"
    assert doc.placed_at == datetime(2026, 3, 3, 9, 59, 58, tzinfo=UTC)


def test_shopify_says_who_bought_and_that_they_want_mail() -> None:
    person = shopify_doc().customer
    assert (person.external_id, person.email, person.name) == ("7700001", "john@example.com", "John Runner")
    assert person.accepts_marketing is True
    assert person.consent_evidence == "Shopify: subscribed, single_opt_in"


def test_a_box_left_empty_is_not_a_no() -> None:
    customer = {"id": 5, "email": "x@example.com"}
    assert shopify_doc(buyer_accepts_marketing=False, customer=customer).customer.accepts_marketing is None


def test_a_guest_of_shopify_is_known_by_email() -> None:
    doc = shopify_doc(customer=None)
    assert (doc.customer.external_id, doc.customer.email) == ("", "john@example.com")
    assert check_order(doc, NOW) == []


def test_tax_on_top_tips_and_duties_add_up() -> None:
    doc = shopify_doc(
        taxes_included=False, total_tip_received="5.00", total_price="125.28",
    )  # fmt: skip
    assert check_order(doc, NOW) == []


def test_shopify_parcels_and_refunds_come_with_the_order() -> None:
    doc = shopify_doc(fulfillments=[shopify_fulfillment()], refunds=[shopify_refund()])
    assert [(each.tracking_number, each.lines) for each in doc.fulfilments] == [("JD014600001001", {"1": 1})]
    assert [(each.amount, each.reason) for each in doc.refunds] == [("80.91", "too small")]


def test_each_tracking_number_is_a_parcel() -> None:
    first, second = read_shopify("fulfillments/create", shopify_fulfillment(tracking_numbers=["A", "B"]))
    assert isinstance(first, FulfilmentDoc)
    assert (first.fulfilment.external_id, second.fulfilment.external_id) == ("1901", "1901-2")
    assert second.fulfilment.tracking_number == "B"


def test_a_planned_fulfilment_is_none_yet() -> None:
    assert read_shopify("fulfillments/create", shopify_fulfillment(status="pending")) == []


def test_goods_put_back_without_money_are_no_refund() -> None:
    assert read_shopify("refunds/create", shopify_refund(transactions=[])) == []
    (doc,) = read_shopify("refunds/create", shopify_refund())
    assert isinstance(doc, RefundOfOrder)
    assert doc.order == "5000000001001"


def test_shopify_customers_and_products() -> None:
    (person,) = read_shopify("customers/update", shopify_order()["customer"])
    assert isinstance(person, CustomerDoc)
    product = {
        "id": 10, "title": "Trail Runner 2", "product_type": "Shoes", "status": "archived", "image": None,
        "updated_at": "2026-01-01T00:00:00Z",
        "variants": [{"id": 100, "title": "42", "sku": "TR2-42", "price": "89.90"}],
    }  # fmt: skip
    (doc,) = read_shopify("products/update", product)
    assert isinstance(doc, ProductDoc)
    assert (doc.category, doc.is_active, doc.variants[0].sku) == ("Shoes", False, "TR2-42")


@pytest.mark.parametrize(
    ("body", "code"),
    [("{", "bad_json"), ("[]", "wrong_shape"), ('{"id": 1}', "wrong_shape"), ("\ud800", "bad_json")],
)
def test_what_is_no_order_is_unreadable(body: str, code: str) -> None:
    with pytest.raises(Unreadable, match=f"^{code}: "):
        shopify.read("orders/create", body)


def test_unknown_topics_are_named() -> None:
    with pytest.raises(Unreadable, match=r'unknown_topic: .*"carts/create"'):
        shopify.read("carts/create", "{}")


def test_a_woocommerce_order_with_tax_inside_is_sound() -> None:
    doc = woo_doc()
    assert check_order(doc, NOW) == []
    amounts = amounts_of(doc)
    assert (amounts.total, amounts.discount, amounts.shipping, amounts.lines[0].unit) == (8480, 1000, 490, 8990)
    assert doc.placed_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert doc.customer.external_id == ""
    assert doc.shipping_address.city == "Berlin"


def test_a_woocommerce_order_with_tax_on_top_is_sound() -> None:
    doc = woo_doc(prices_include_tax=False, discount_tax="0")
    assert check_order(doc, NOW) == []
    assert amounts_of(doc).lines[0].unit == 7555


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("processing", "open"), ("on-hold", "open"), ("completed", "fulfilled"), ("cancelled", "cancelled"),
     ("failed", "cancelled"), ("refunded", "open"), ("a-plugins-own", "open")],
)  # fmt: skip
def test_woocommerce_statuses(theirs: str, ours: str) -> None:
    assert status_of(woo_doc(status=theirs)) == ours


def test_an_unpaid_woocommerce_order_is_none_yet() -> None:
    assert woocommerce.read("order.created", json.dumps(woo_order(status="pending"))) == []


def test_a_completed_woocommerce_order_was_handed_over() -> None:
    doc = woo_doc(status="completed", date_completed_gmt="2026-03-05T08:00:00")
    assert [each.shipped_at for each in doc.fulfilments] == [datetime(2026, 3, 5, 8, tzinfo=UTC)]


def test_the_tracking_plugin_of_woocommerce_names_parcels() -> None:
    tracked = {"tracking_provider": "dhl", "tracking_number": "JD1", "date_shipped": "1772700000", "tracking_id": "a1"}
    doc = woo_doc(meta_data=[{"id": 1, "key": "_wc_shipment_tracking_items", "value": [tracked]}])
    assert [(each.carrier, each.tracking_number) for each in doc.fulfilments] == [("dhl", "JD1")]


def test_several_parcels_of_woocommerce_each_have_their_items() -> None:
    def parcel(number: str, *items: dict[str, str]) -> dict[str, object]:
        return {"tracking_number": number, "date_shipped": "1772700000", "products_list": list(items)}

    first = parcel("JD1", {"product": "31", "item_id": "11", "qty": "1"}, {"item_id": "12", "qty": "x"})
    # PHP numbers the rest from two when the one between was deleted.
    listed = {"0": first, "2": parcel("JD3")}
    doc = woo_doc(meta_data=[{"id": 1, "key": "_wc_shipment_tracking_items", "value": listed}])
    assert [(each.external_id, each.tracking_number, each.lines) for each in doc.fulfilments] == [
        ("JD1", "JD1", {"11": 1}),
        ("JD3", "JD3", {}),
    ]


def test_woocommerce_refunds_are_positive() -> None:
    doc = woo_doc(refunds=[{"id": 9, "reason": "late", "total": "-10.00"}])
    assert [(each.amount, each.reason) for each in doc.refunds] == [("10.00", "late")]
