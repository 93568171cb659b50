"""What segments and conditions know of somebody's returns."""

from datetime import timedelta

import pytest

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order
from thereafter.returns.actions import deciding, traits, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import GrantShare
from thereafter.returns.rules.claims import CLAIMS
from thereafter.returns.tests import visits
from thereafter.returns.tests.telling import worker
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order, in_america
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def known(order: Order, name: str) -> object:
    return Customer.objects.get(pk=order.customer_id).traits.get(name)


def test_a_return_that_goes_on_is_open_and_counts(store: Store) -> None:
    order = delivered_order(store, shipping_address=in_america())
    with worker(ASKED):
        case = ask_for_one(order)
    assert (known(order, "returns.open"), known(order, "returns.count"), known(order, "returns.rate")) == (1, 1, 0.25)
    with worker(ASKED):
        deciding.cancel(again(case), by=None, now=ASKED)
    assert (known(order, "returns.open"), known(order, "returns.count"), known(order, "returns.rate")) == (0, 0, 0.0)


def test_what_was_kept_is_what_was_paid_less_what_went_back(store: Store) -> None:
    order = delivered_order(store)
    with worker(ASKED):
        case = ask_for_one(order, Wish(line="1", reason="changed_mind", method="own_carrier"))
    with worker(ASKED):
        units.receive(again(case), {visits.units(case)[0].pk: "received"}, by=make_staff(store), now=ASKED)
    promised = sum(share.amount_minor for share in _granted(order))
    assert known(order, "returns.kept_value") == (order.total_minor - promised) / 100
    later = make_order(store, placed_at=ASKED)
    assert later.customer_id == order.customer_id
    assert traits.refresh_buyers(ASKED - timedelta(hours=25)) == 1
    assert known(order, "returns.kept_value") == (order.total_minor - promised + later.total_minor) / 100


def _granted(order: Order) -> list[GrantShare]:
    return list(GrantShare.objects.filter(grant__order=order))


def test_a_claim_holds_questions_back_until_it_is_settled(store: Store) -> None:
    order = delivered_order(store)
    Customer.objects.filter(pk=order.customer_id).update(traits={"open.problem": True})
    with worker(ASKED):
        wish = Wish(line="1", reason="damaged_on_arrival", outcome="replacement")
        case = ask_for_one(order, wish, channel="support")
    assert (case.basis in CLAIMS, known(order, "open.claim")) == (True, True)
    with worker(ASKED):
        deciding.cancel(again(case), by=None, now=ASKED)
    assert known(order, "open.claim") is None
    assert known(order, "open.problem") is True


def test_a_gift_that_somebody_else_returns_is_not_its_buyers(store: Store) -> None:
    order = delivered_order(store)
    with worker(ASKED):
        ask_for_one(order, Wish(line="1", outcome="store_credit"), is_gift=True, email="ana@example.com")
    assert known(order, "returns.count") in (None, 0)


def test_many_people_are_counted_in_a_few_queries(store: Store, django_assert_max_num_queries: object) -> None:
    people = {make_order(store, number=f"N{n}", email=f"n{n}@example.com").customer_id for n in range(30)}
    with django_assert_max_num_queries(14):  # type: ignore[operator]  # pytest-django does not say its type
        traits.refresh(store.pk, people)
