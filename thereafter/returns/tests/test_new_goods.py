"""Exchanges and replacements: what goes out, when, and what it costs or brings."""

from datetime import timedelta
from typing import Any

import pytest

from thereafter.commerce.documents import VariantDoc
from thereafter.commerce.models import Variant
from thereafter.commerce.tests.makers import make_product
from thereafter.kit import clock
from thereafter.returns.actions import goods, parcels, units
from thereafter.returns.actions.opening import CannotOpen, Wish
from thereafter.returns.models import Case, NewGoods
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ASKED, again, ask, ask_for_one, delivered_order
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import scan, scan_doc

pytestmark = pytest.mark.django_db
WEEK = ASKED + timedelta(days=7)


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def by(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def sizes(store: Store) -> dict[str, Variant]:
    """Shoes in two sizes, and a dearer pair."""
    docs = [VariantDoc(external_id=f"v{size}", title=size, sku=f"TR2-{size}", price="94.90") for size in ("42", "43")]
    make_product(store, variants=docs)
    dear = [VariantDoc(external_id="dear", title="One", sku="UL-1", price="129.90")]
    make_product(store, "ultra", title="Ultra", variants=dear)
    cheap = [VariantDoc(external_id="cheap", title="One", sku="BA-1", price="49.90")]
    make_product(store, "basic", title="Basic", variants=cheap)
    return {one.external_id: one for one in Variant.objects.of(store)}


def exchange(store: Store, variant: Variant, outcome: str = "exchange_product", **asking: Any) -> Case:
    wish = Wish(line="1", reason="size_small", outcome=outcome, method="own_carrier", goods=((variant.pk, 1),))
    return ask_for_one(delivered_order(store), wish, **asking)


def received(case: Case, by: Staff) -> Case:
    found = {unit.pk: "received" for unit in visits.units(case)}
    units.receive(again(case), found, by=by, now=WEEK)
    return again(case)


def only(case: Case) -> NewGoods:
    return NewGoods.objects.of(case.store_id).get(case=case)


def test_another_size_keeps_the_price_that_was_paid(store: Store, sizes: dict[str, Variant], by: Staff) -> None:
    case = exchange(store, sizes["v43"], "exchange_variant")
    assert (case.quote["charge"], case.quote["refund"]) == (0, 0)
    if case.release == "received":
        case = received(case, by)
    else:
        parcels.told(visits.parcel(case), "in_transit", now=ASKED)
    assert only(case).state == "released"
    goods.ship([only(case)], carrier="dhl", number="0034 0434 1610 9404 2558", by=by, now=WEEK)
    assert (again(case).state, only(case).tracking_number) == ("resolved", "00340434161094042558")
    assert not visits.shares(case)


def test_what_costs_more_is_sent_when_it_is_paid(store: Store, sizes: dict[str, Variant], by: Staff) -> None:
    case = exchange(store, sizes["dear"])
    assert case.quote["charge"] == 12990 - 8990
    case = received(case, by)
    assert only(case).state == "reserved"
    assert goods.paid(case, reference="pi_1", now=WEEK)
    assert not goods.paid(again(case), reference="pi_1", now=WEEK)
    assert only(case).state == "released"


def test_what_costs_less_brings_the_difference_back(store: Store, sizes: dict[str, Variant], by: Staff) -> None:
    case = received(exchange(store, sizes["cheap"]), by)
    assert [share.amount_minor for share in visits.shares(case)] == [8990 - 4990]


def test_goods_that_cannot_be_had_become_money(store: Store, sizes: dict[str, Variant], by: Staff) -> None:
    case = exchange(store, sizes["v43"], "exchange_variant")
    goods.cancel(only(case), why="Sold out", by=by, now=ASKED)
    assert Entry.objects.filter(store_id=store.pk, name="exchange.cancelled").exists()
    case = received(case, by)
    assert sum(share.amount_minor for share in visits.shares(case)) == 8990


def test_goods_that_cannot_be_had_after_all_become_money_too(
    store: Store, sizes: dict[str, Variant], by: Staff
) -> None:
    case = received(exchange(store, sizes["v43"], "exchange_variant"), by)
    assert only(case).state == "released"
    goods.cancel(only(case), why="Sold out", by=by, now=WEEK)
    assert sum(share.amount_minor for share in visits.shares(case)) == 8990
    assert Case.objects.of(store).get().released_at is not None


def test_an_exchange_names_what_is_wanted(store: Store, sizes: dict[str, Variant]) -> None:
    with pytest.raises(CannotOpen, match="instead"):
        ask(delivered_order(store), Wish(line="1", outcome="exchange_product", reason="size_small"))


def test_a_replacement_for_what_never_came_leaves_at_once(store: Store, by: Staff) -> None:
    wish = Wish(line="1", reason="missing_item", outcome="replacement")
    case = ask_for_one(delivered_order(store), wish, channel="support", by=by)
    assert (case.basis, case.method) == ("carrier_claim", "none")
    assert only(case).state == "released"
    assert [unit.state for unit in visits.units(case)] == ["missing"]


def test_exchanges_wait_for_everything(store: Store, sizes: dict[str, Variant], by: Staff) -> None:
    wish = Wish(
        line="2", quantity=2, reason="taste_colour", outcome="exchange_product", goods=((sizes["cheap"].pk, 1),),
        method="own_carrier",
    )  # fmt: skip
    case = ask_for_one(delivered_order(store), wish)
    first, second = visits.units(case)
    units.receive(case, {first.pk: "received", second.pk: "missing"}, by=by, now=WEEK)
    assert only(case).state == "reserved"
    assert "Not everything came back" in again(case).review


def test_a_delivery_of_the_new_goods_is_noticed(store: Store, sizes: dict[str, Variant], by: Staff) -> None:
    case = received(exchange(store, sizes["v43"], "exchange_variant"), by)
    with clock.at(WEEK):
        goods.ship([only(case)], carrier="dhl", number="00340434161094042564", by=by, now=WEEK)
        run_until_idle()
    came = WEEK + timedelta(days=2)
    scan(store, scan_doc("delivered", came), now=came, tracking_number="00340434161094042564")
    with clock.at(came):
        run_until_idle()
    assert only(case).state == "delivered"
