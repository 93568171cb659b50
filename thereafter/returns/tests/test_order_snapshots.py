"""An order as a policy sees it: what came when, what is left of it, and who asks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from thereafter.commerce.actions.catalogue import edit_product
from thereafter.commerce.actions.products import take_products
from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.documents import (
    Address,
    Line,
    Payment,
    ProductDoc,
    RefundDoc,
    RefundLine,
    RefundOfOrder,
    Shipped,
    VariantDoc,
)
from thereafter.commerce.models import Order, OrderLine, Product
from thereafter.commerce.tests.makers import make_order
from thereafter.events.parcels import ParcelDelivered, ParcelShipped
from thereafter.returns.actions import granting
from thereafter.returns.models import Case, CaseUnit, ReturnSettings
from thereafter.returns.order_snapshots import snapshot, snapshots_of
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.rules.policy.snapshots import Asked
from thereafter.returns.rules.policy.snapshots import Line as RuleLine
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record

pytestmark = pytest.mark.django_db
PLACED = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)
SENT = PLACED + timedelta(days=1)
NOW = PLACED + timedelta(days=10)
SHOES = Line(external_id="shoes", title="Trail Runner", quantity=1, unit_price="80.00", product_id="shoe")
SOCKS = Line(external_id="socks", title="Socks", quantity=2, unit_price="10.00", product_id="sock")


def sent(name: str = "F1", number: str = "N1", **lines: int) -> Shipped:
    return Shipped(external_id=name, shipped_at=SENT, tracking_number=number, carrier="dhl", lines=lines)


def an_order(store: Store | None = None, **fields: Any) -> Order:
    given: dict[str, Any] = {"placed_at": PLACED, "lines": [SHOES, SOCKS], "fulfilments": [sent()]}
    return make_order(store or make_store(time_zone="Europe/Berlin"), **(given | fields))


def parcel(order: Order, number: str, pk: int = 1, delivered: datetime | None = NOW) -> None:
    about: dict[str, Any] = {
        "store_id": order.store_id,
        "customer_id": order.customer_id,
        "order_id": order.pk,
        "parcel_id": pk,
        "carrier": "dhl",
    }
    record(ParcelShipped(**about, occurred_at=SENT, tracking_number=number))
    if delivered:
        record(ParcelDelivered(**about, occurred_at=delivered))


def lines(order: Order) -> dict[str, RuleLine]:
    return {line.id: line for line in snapshot(order).lines}


def a_case(order: Order, line: str, count: int = 1, **fields: Any) -> Case:
    number = Case.objects.count() + 1
    case = Case.objects.create(
        store_id=order.store_id,
        order=order,
        customer_id=order.customer_id,
        **{
            "number": f"R{number}",
            "source": f"test:{number}",
            "basis": "voluntary",
            "outcome": "refund",
            "channel": "portal",
            "currency": order.currency,
            "submitted_at": NOW,
            "changed_at": NOW,
            **fields,
        },
    )
    row = OrderLine.objects.get(order=order, external_id=line)
    for place in range(1, count + 1):
        CaseUnit.objects.create(store_id=order.store_id, case=case, line=row, place=place)
    return case


def test_days_are_those_of_the_shop():
    order = an_order()
    parcel(order, "N1", delivered=datetime(2026, 3, 8, 23, 30, tzinfo=UTC))
    seen = snapshot(order)
    assert seen.order.placed_at.date() == date(2026, 3, 3)
    late = snapshot(an_order(order.store, number="2", placed_at=PLACED + timedelta(hours=1)))
    assert late.order.placed_at.date() == date(2026, 3, 4)
    assert (seen.lines[0].fulfilled_on, seen.lines[0].delivered_on) == (date(2026, 3, 4), date(2026, 3, 9))


def test_each_line_came_with_its_own_parcel():
    order = an_order(fulfilments=[sent("F1", "N1", shoes=1), sent("F2", "N2", socks=2)])
    parcel(order, "N1", 1)
    parcel(order, "N2", 2, delivered=None)
    found = lines(order)
    assert found["shoes"].delivered_on == date(2026, 3, 13)
    assert (found["socks"].fulfilled_on, found["socks"].delivered_on) == (date(2026, 3, 4), None)


def test_a_line_in_two_parcels_has_come_when_both_have():
    order = an_order(fulfilments=[sent("F1", "N1", shoes=1, socks=1), sent("F2", "N2", socks=1)])
    parcel(order, "N1", 1)
    assert lines(order)["socks"].delivered_on is None
    parcel(order, "N2", 2, delivered=NOW + timedelta(days=3))
    found = lines(order)
    assert (found["shoes"].delivered_on, found["socks"].delivered_on) == (date(2026, 3, 13), date(2026, 3, 16))


def test_without_numbers_a_line_has_come_when_as_many_parcels_came_as_were_sent():
    order = an_order(fulfilments=[sent("F1", "", shoes=1), sent("F2", "", socks=2)])
    parcel(order, "", 1)
    assert lines(order)["shoes"].delivered_on is None
    parcel(order, "", 2, delivered=NOW + timedelta(days=1))
    assert {line.delivered_on for line in lines(order).values()} == {date(2026, 3, 14)}


def test_what_was_not_sent_has_neither_day():
    found = lines(an_order(fulfilments=[sent("F1", "N1", shoes=1)]))
    assert found["shoes"].fulfilled_on
    assert (found["socks"].fulfilled_on, found["socks"].delivered_on) == (None, None)


def test_an_order_that_only_says_it_is_fulfilled_counts_from_the_order():
    assert lines(an_order(fulfilments=[], status="fulfilled"))["shoes"].fulfilled_on == date(2026, 3, 3)


def test_a_discount_of_the_order_is_spread_over_its_lines():
    found = lines(an_order(discount="10.00"))
    assert [(line.discount_minor, line.paid_minor) for line in found.values()] == [(800, 7200), (200, 1800)]


def test_tax_on_top_is_part_of_what_was_paid():
    line = Line(external_id="1", title="Mug", quantity=1, unit_price="10.00", tax="1.90")
    assert lines(an_order(lines=[line], taxes_included=False, tax="1.90", total="11.90"))["1"].paid_minor == 1190


def test_units_of_cases_of_promises_and_of_the_shops_own_refunds_have_come_back():
    order = an_order(lines=[SHOES, replace(SOCKS, quantity=4)])
    a_case(order, "socks")
    granting.grant(
        order,
        Request(items=(Wanted(line="socks", quantity=1),)),
        source="by hand",
        by=make_staff(order.store, "support"),
        now=NOW,
    )
    refund = RefundDoc(
        external_id="r1", amount="10.00", at=NOW, lines=[RefundLine(line="socks", quantity=1, amount="10.00")]
    )
    take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=refund)], source="api", now=NOW)
    assert (lines(order)["socks"].returned, lines(order)["socks"].left) == (3, 1)


def test_what_was_declined_can_be_asked_for_again():
    order = an_order()
    case = a_case(order, "shoes")
    CaseUnit.objects.filter(case=case).update(is_live=False)
    Case.objects.filter(pk=case.pk).update(state="declined")
    seen = snapshot(order)
    assert (seen.lines[0].returned, seen.customer.returns, seen.order.returns) == (0, 0, 0)


def test_a_cancelled_order_leaves_what_was_sent():
    order = an_order(fulfilments=[sent("F1", "N1", socks=1)], status="cancelled", cancelled_at=NOW)
    assert {name: line.left for name, line in lines(order).items()} == {"shoes": 0, "socks": 1}


def test_the_shopper_is_who_they_were_at_the_moment():
    order = an_order()
    a_case(order, "shoes", basis="carrier_claim", outcome="keep", quote={"bonus": 500})
    later = an_order(order.store, number="1002", placed_at=NOW + timedelta(days=1))
    now = snapshot(later).customer
    assert (now.orders, now.units_bought, now.units_returned, now.returns) == (2, 6, 1, 1)
    assert (now.kept, now.bonuses, now.claims) == (1, 1, 1)
    then = snapshots_of([order], at={order.pk: NOW})[order.pk]
    assert (then.customer.orders, then.customer.returns, then.lines[0].returned) == (1, 0, 0)


def test_what_the_shop_says_of_a_product_is_known():
    store = make_store(time_zone="UTC")
    shoe = ProductDoc(
        external_id="shoe", title="Trail Runner", category="Shoes", returnable=False, warranty_months=24,
        variants=[VariantDoc(external_id="41"), VariantDoc(external_id="42")],
    )  # fmt: skip
    take_products(store, [shoe], source="api", now=PLACED)
    said = {"flags": ["personalised"], "tags": ["sale"], "vendor": "Acme", "product_type": "Trail", "repairable": True}
    product = Product.objects.get(external_id="shoe")
    edit_product(product, by=make_staff(store, "owner"), now=NOW, after_sale=said)
    order = an_order(store, lines=[replace(SHOES, variant_id="42")])
    line = lines(order)["shoes"]
    assert (line.category, line.vendor, line.product_type, line.tags) == ("Shoes", "Acme", "Trail", ("sale",))
    assert (line.flags, line.final_sale, line.repairable, line.other_variants) == (("personalised",), True, True, 1)
    assert line.warranty_until == date(2028, 3, 4)
    # A product that we know from orders only says nothing of its other sizes.
    assert lines(an_order(store, number="2", lines=[SOCKS]))["socks"].other_variants is None


def test_where_nobody_names_a_country_that_of_the_shop_holds():
    store = make_store(country="DE")
    assert snapshot(an_order(store, shipping_address=Address())).order.country == "DE"


def test_what_the_terms_say_decides_what_the_shopper_was_told():
    order = an_order(payments=[Payment(external_id="p", kind="card", amount="100.00")])
    ReturnSettings.objects.create(
        store=order.store, informs_of_withdrawal=False, tells_of_postage=False, changed_at=NOW
    )
    seen = snapshot(order, asked=[Asked(line="shoes", reason="size_small")], channel="counter").order
    assert (seen.informed, seen.told_of_postage, seen.paid_with) == (False, False, ("card",))


def test_many_orders_take_no_more_questions_than_one():
    store = make_store()
    orders = [an_order(store, number=str(number), email=f"p{number}@example.com") for number in range(12)]
    with CaptureQueriesContext(connection) as one:
        snapshots_of(orders[:1])
    with CaptureQueriesContext(connection) as many:
        snapshots_of(orders)
    assert len(many) == len(one) <= 25
