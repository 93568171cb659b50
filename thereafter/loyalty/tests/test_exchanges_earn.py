"""Returns that keep the sale are thanked for, and what dearer goods cost more earns like a purchase."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from thereafter.commerce.documents import VariantDoc
from thereafter.commerce.models import Order, Variant
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.events.returns import ReturnResolved
from thereafter.kit import clock
from thereafter.loyalty.models import Entry
from thereafter.loyalty.tests.givings import has, moment, publish
from thereafter.returns.actions import goods, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, NewGoods
from thereafter.returns.tests.visits import ASKED, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

NOW = moment("2026-03-20 12:00")
ACTIONS: dict[str, Any] = {"exchange": {"points": 30, "per_order": 1}}
pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    made = make_store(time_zone="UTC")
    publish(made, rate="0", actions=ACTIONS)
    return made


@pytest.fixture
def order(store: Store) -> Order:
    return make_order(store)


def tell(*events: ReturnResolved) -> None:
    with clock.at(NOW), transaction.atomic():
        record(*events)
    settle()


def settle(at: datetime = NOW) -> None:
    with clock.at(at):
        run_until_idle()


def resolved(order: Order, outcome: str, *, refund: int = 0, case: int = 5, **more: Any) -> ReturnResolved:
    return ReturnResolved(
        store_id=order.store_id,
        customer_id=order.customer_id,
        occurred_at=NOW,
        order_id=order.pk,
        case_id=case,
        number="R1",
        basis="voluntary",
        outcome=outcome,
        value_minor=4000,
        refund_minor=refund,
        currency="EUR",
        **more,
    )


@pytest.mark.parametrize(
    ("event", "points"),
    [
        ({"outcome": "exchange_variant"}, 30),
        ({"outcome": "exchange_shop", "refund": 1000}, 30),
        ({"outcome": "store_credit", "refund": 4000}, 30),
        ({"outcome": "refund", "refund": 4000}, 0),
        ({"outcome": "exchange_variant", "refund": 4000}, 0),
        ({"outcome": "replacement"}, 0),
        ({"outcome": "exchange_variant", "is_gift": True}, 0),
    ],
)
def test_goods_or_credit_instead_of_money_are_thanked_for(order: Order, event: dict[str, Any], points: int) -> None:
    tell(resolved(order, **event))
    assert has(order.customer) == points


def test_a_case_is_thanked_for_once(order: Order) -> None:
    tell(resolved(order, "exchange_variant"), resolved(order, "exchange_variant"))
    assert has(order.customer) == 30


def test_a_case_that_is_paid_back_after_all_loses_its_thanks(order: Order) -> None:
    tell(resolved(order, "exchange_variant"))
    tell(resolved(order, "exchange_variant", refund=4000))
    assert has(order.customer) == 0
    assert Entry.objects.filter(kind="clawback").get().reverses == Entry.objects.get(reason="exchange", kind="earn")


def test_what_dearer_goods_cost_more_earns_like_a_purchase() -> None:
    store = make_store(time_zone="UTC")
    publish(store, rate="1", actions=ACTIONS)
    with clock.at(NOW):
        order = make_order(store)
    settle()
    before = has(order.customer)
    tell(resolved(order, "exchange_shop", paid_minor=2000))
    assert has(order.customer) == before + 30 + 20
    tell(resolved(order, "exchange_shop", paid_minor=2000))
    assert has(order.customer) == before + 30 + 20


def test_the_difference_of_one_exchange_is_no_thanks_that_counts_for_another(store: Store) -> None:
    publish(store, at=moment("2026-01-01 00:00"), rate="1", actions={"exchange": {"points": 30, "per_month": 2}})
    with clock.at(NOW):
        first, second = (make_order(store) for _ in range(2))
    settle()
    tell(resolved(first, "exchange_shop", paid_minor=2000, case=1))
    tell(resolved(second, "exchange_shop", paid_minor=2000, case=2))
    assert Entry.objects.filter(source__startswith="action:exchange").count() == 2


def test_an_exchange_is_heard_of_from_the_room_of_returns() -> None:
    store = make_store(country="DE", time_zone="UTC")
    publish(store, rate="1", actions=ACTIONS)
    make_product(store, "ultra", title="Ultra", variants=[VariantDoc(external_id="dear", sku="U", price="129.90")])
    dear = Variant.objects.of(store).get(external_id="dear")
    order = delivered_order(store)
    run_until_idle()
    before = has(order.customer)
    wish = Wish(line="1", reason="size_small", outcome="exchange_shop", method="own_carrier", goods=((dear.pk, 1),))
    case, later, by = ask_for_one(order, wish), ASKED + timedelta(days=3), make_staff(store)
    with clock.at(later):
        goods.paid(case, reference="pi_1", now=later)
        units.receive(
            Case.objects.get(), dict.fromkeys((one.pk for one in case.units.all()), "received"), by=by, now=later
        )
        goods.ship(list(NewGoods.objects.filter(case=case)), carrier="DHL", number="1", by=by, now=later)
        run_until_idle()
    assert Case.objects.get().state == "resolved"
    assert has(order.customer) == before + 30 + 40
