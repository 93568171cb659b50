"""What is owed goes out once, whoever asks at once or again; and what was taken back is owed anew."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from django.db import connection

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.documents import RefundDoc, RefundLine, RefundOfOrder, VariantDoc
from thereafter.commerce.models import Customer, Variant
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.kit import clock
from thereafter.returns import snapshots
from thereafter.returns.actions import deciding, policies, releasing, units
from thereafter.returns.actions.opening import CannotOpen, Wish
from thereafter.returns.models import Grant
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ASKED, PLACED, again, ask, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

WEEK = ASKED + timedelta(days=7)
SOCK = Wish(line="2", reason="changed_mind", method="own_carrier")


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def with_policy(store: Store, **parts: object) -> None:
    owner = make_staff(store, email="boss@stride.example")
    document = ready_policies.document("classic_30", "EUR") | parts
    policies.save_draft(store, document, by=owner, now=PLACED)
    policies.publish(store, by=owner, now=PLACED)


def at_once(deed: Callable[[int], object], many: int = 6) -> None:
    """Truly at once on PostgreSQL; SQLite has one writer, so there they come one after the other."""

    def alone(number: int) -> None:
        try:
            deed(number)
        except ValueError:
            pass
        finally:
            if connection.vendor == "postgresql":
                connection.close()

    with ThreadPoolExecutor(many if connection.vendor == "postgresql" else 1) as pool:
        workers = pool.map if connection.vendor == "postgresql" else map
        list(workers(alone, range(many)))


@pytest.mark.django_db(transaction=True)
def test_two_who_release_at_once_pay_one_of_three_socks_once(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store), SOCK), make_staff(store)
    seen = [again(case) for _each in range(6)]
    at_once(lambda number: releasing.release_by_hand(seen[number], by=by, now=WEEK))
    assert Grant.objects.of(store).count() == 1
    assert [line.returned for line in snapshots.bought(case.order).lines] == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_a_case_is_not_taken_back_and_paid_at_once(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store), SOCK), make_staff(store)
    seen, unit = [again(case) for _each in range(6)], visits.units(case)[0]

    def either(number: int) -> None:
        if number % 2:
            deciding.cancel(seen[number], by=None, now=WEEK)
        else:
            units.receive(seen[number], {unit.pk: "received"}, by=by, now=WEEK)

    at_once(either)
    is_paid = Grant.objects.of(store).filter(withdrawn_at=None).exists()
    assert is_paid == (again(case).state != "cancelled")


@pytest.mark.django_db
def test_what_was_released_and_taken_back_is_owed_again_when_it_goes_on(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store), SOCK), make_staff(store)
    releasing.release_by_hand(case, by=by, now=ASKED)
    deciding.cancel(again(case), by=None, now=ASKED)
    deciding.reopen(again(case), why="They sent it all the same.", by=by, now=WEEK)
    units.receive(again(case), {unit.pk: "received" for unit in visits.units(case)}, by=by, now=WEEK)
    found = again(case)
    assert (found.state, found.released_at) == ("open", WEEK)
    assert [share.state for share in visits.shares(case)] == ["withdrawn", "granted"]


@pytest.mark.django_db
def test_a_flat_bonus_comes_once_although_an_item_turned_up_later(store: Store) -> None:
    bonus = {"name": "Stay", "then": [{"do": "bonus", "outcomes": ["store_credit"], "flat": "5.00"}]}
    with_policy(store, rules=[bonus])
    by = make_staff(store)
    wish = Wish(line="2", quantity=2, reason="changed_mind", outcome="store_credit", method="own_carrier")
    case = ask_for_one(delivered_order(store, shipping_address=visits.in_america()), wish)
    assert case.quote["bonus"] == 500
    first, second = visits.units(case)
    units.receive(again(case), {first.pk: "received", second.pk: "missing"}, by=by, now=WEEK)
    units.receive(again(case), {second.pk: "received"}, by=by, now=WEEK)
    granted = Grant.objects.of(store).order_by("pk")
    assert [one.bonus_minor for one in granted] == [500, 0]
    assert sum(one.amount_minor + one.bonus_minor for one in granted) == case.quote["credit"]


@pytest.fixture
def sizes(store: Store) -> dict[str, Variant]:
    docs = [VariantDoc(external_id=f"v{size}", title=size, sku=f"TR2-{size}", price="94.90") for size in ("42", "43")]
    make_product(store, variants=docs)
    others = [
        VariantDoc(external_id="dear", title="One", sku="UL-1", price="129.90"),
        VariantDoc(external_id="unpriced", title="Two", sku="UL-2"),
    ]
    make_product(store, "ultra", title="Ultra", variants=others)
    return {one.external_id: one for one in Variant.objects.of(store)}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "count"), [("dear", 1), ("v43", 2)])
def test_another_size_is_of_the_same_product_and_as_many(
    store: Store, sizes: dict[str, Variant], name: str, count: int
) -> None:
    wish = Wish(line="1", reason="size_small", outcome="exchange_variant", goods=((sizes[name].pk, count),))
    with pytest.raises(CannotOpen, match="Choose again"):
        ask(delivered_order(store), wish)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "count"), [("unpriced", 1), ("dear", 0), ("dear", -1)])
def test_goods_without_a_price_are_no_present(store: Store, sizes: dict[str, Variant], name: str, count: int) -> None:
    wish = Wish(line="1", reason="size_small", outcome="exchange_product", goods=((sizes[name].pk, count),))
    with pytest.raises(CannotOpen, match="Choose again"):
        ask(delivered_order(store), wish)


@pytest.mark.django_db
def test_prices_of_the_shop_are_not_taken_for_those_of_another_currency(
    store: Store, sizes: dict[str, Variant]
) -> None:
    order = delivered_order(store, currency="USD")
    wish = Wish(line="1", reason="size_small", outcome="exchange_product", goods=((sizes["dear"].pk, 1),))
    with pytest.raises(CannotOpen, match="Choose again"):
        ask(order, wish)


@pytest.mark.django_db
def test_returns_go_with_the_person_when_two_records_were_one(store: Store) -> None:
    case = ask_for_one(delivered_order(store))
    kept = make_order(store, number="2001", email="johnny@example.com").customer
    with clock.at(WEEK):
        merge(kept, Customer.objects.get(pk=case.customer_id), WEEK)
        run_until_idle()
    assert again(case).customer_id == kept.pk
    assert Customer.objects.get(pk=kept.pk).traits["returns.count"] == 1


@pytest.mark.django_db
def test_the_label_of_a_gift_does_not_tell_where_the_giver_lives(store: Store) -> None:
    order = delivered_order(store)
    wish = Wish(line="1", reason="changed_mind", outcome="store_credit")
    case = ask_for_one(order, wish, is_gift=True, email="friend@example.com")
    assert set(visits.parcel(case).sender) <= {"country"}


@pytest.mark.django_db
def test_a_promise_that_a_colleague_takes_back_does_not_end_the_case_unpaid(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store), SOCK), make_staff(store)
    releasing.release_by_hand(case, by=by, now=ASKED)
    releasing.withdraw(Grant.objects.of(store).get(), by=by, now=ASKED)
    assert (again(case).state, again(case).released_at) == ("open", None)
    assert "taken back" in again(case).review
    units.receive(again(case), {unit.pk: "received" for unit in visits.units(case)}, by=by, now=WEEK)
    assert [share.state for share in visits.shares(case)] == ["withdrawn", "granted"]


@pytest.mark.django_db
def test_nobody_of_the_shop_ends_a_withdrawal_silently(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store), SOCK), make_staff(store)
    assert case.basis == "withdrawal"
    with pytest.raises(ValueError, match="cannot be refused"):
        deciding.cancel(case, by=by, now=ASKED)
    with pytest.raises(ValueError, match="cannot be refused"):
        releasing.resolve(case, by=by, now=ASKED)
    deciding.cancel(case, by=by, now=ASKED, why="They wrote on Monday that they keep them.")
    assert again(case).state == "cancelled"


@pytest.mark.django_db
def test_a_line_that_the_shop_removes_or_makes_smaller_keeps_its_return(store: Store) -> None:
    order, by = delivered_order(store), make_staff(store)
    case = ask_for_one(order, Wish(line="2", quantity=2, reason="changed_mind", method="own_carrier"))
    units.receive(case, {unit.pk: "received" for unit in visits.units(case)}, by=by, now=WEEK)
    fewer = msgspec.structs.replace(visits.SOCKS, quantity=1)
    make_order(store, number=order.number, lines=[visits.SHOES, fewer], placed_at=PLACED, changed_at=WEEK)
    shoes, socks = snapshots.bought(again(case).order).lines
    assert (socks.returned, socks.left.gross, shoes.left.gross) == (1, 0, 8990)
    make_order(store, number=order.number, lines=[visits.SHOES], placed_at=PLACED, changed_at=WEEK + timedelta(1))
    assert [unit.line.external_id for unit in visits.units(case)] == ["2", "2"]


@pytest.mark.django_db
def test_what_the_shop_paid_back_itself_meanwhile_is_not_paid_once_more(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store), SOCK), make_staff(store)
    line = RefundLine(line="2", quantity=1, amount="9.00")
    told = RefundDoc(external_id="shop-1", amount="9.00", at=WEEK, lines=[line])
    take_refunds(store, [RefundOfOrder(order=case.order.external_id, refund=told)], source="api", now=WEEK)
    units.receive(again(case), {unit.pk: "received" for unit in visits.units(case)}, by=by, now=WEEK)
    assert "paid something back by itself" in again(case).review
    assert not visits.shares(case)
    releasing.release_by_hand(again(case), by=by, now=WEEK)
    assert len(visits.shares(case)) == 1
