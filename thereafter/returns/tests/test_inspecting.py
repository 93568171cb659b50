"""What the warehouse says of a unit, and what follows from it."""

import pytest

from thereafter.returns.actions import policies, units
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, CaseUnit, Remark
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="US")


@pytest.fixture
def by(store: Store) -> Staff:
    return make_staff(store)


def inspected_before_paid(store: Store, by: Staff) -> Case:
    """Shoes in the warehouse of a shop that pays after it has looked."""
    document = ready_policies.document("classic_30", "EUR")
    document["release"] = {"refund": "inspected"}
    policies.save_draft(store, document, by=by, now=visits.PLACED)
    policies.publish(store, by=by, now=visits.PLACED)
    wish = Wish(line="1", reason="changed_mind", method="own_carrier")
    case = ask_for_one(delivered_order(store, shipping_address=visits.in_america()), wish)
    units.receive(case, {visits.units(case)[0].pk: "received"}, by=by, now=ASKED)
    return again(case)


def unit_of(case: Case) -> CaseUnit:
    return visits.units(case)[0]


def test_what_was_looked_at_is_paid(store: Store, by: Staff) -> None:
    case = inspected_before_paid(store, by)
    assert not visits.shares(case)
    units.inspect(unit_of(case), "accepted", by=by, now=ASKED, grade="new", to="restock")
    assert [share.amount_minor for share in visits.shares(case)] == [8990]
    assert unit_of(case).state == "restock"


def test_wear_is_kept_back_with_a_reason(store: Store, by: Staff) -> None:
    case = inspected_before_paid(store, by)
    with pytest.raises(ValueError, match="what is worn"):
        units.inspect(unit_of(case), "accepted_with_deduction", by=by, now=ASKED, deduction_minor=1000)
    units.inspect(unit_of(case), "accepted_with_deduction", by=by, now=ASKED, deduction_minor=1000, note="Soles")
    assert [share.amount_minor for share in visits.shares(case)] == [7990]


@pytest.mark.parametrize("amount", [0, -1, 8991])
def test_no_more_is_kept_back_than_it_was_worth(store: Store, by: Staff, amount: int) -> None:
    case = inspected_before_paid(store, by)
    with pytest.raises(ValueError, match="more than nothing"):
        units.inspect(unit_of(case), "accepted_with_deduction", by=by, now=ASKED, deduction_minor=amount, note="Soles")


def test_what_is_rejected_is_not_paid_and_says_why(store: Store, by: Staff) -> None:
    case = inspected_before_paid(store, by)
    with pytest.raises(ValueError, match="Say why"):
        units.inspect(unit_of(case), "rejected", by=by, now=ASKED)
    units.inspect(unit_of(case), "rejected", by=by, now=ASKED, note="Another shop's shoes", to="send_back")
    assert not visits.shares(case)
    assert "not accepted" in again(case).review


def test_a_unit_that_is_not_here_cannot_be_looked_at(store: Store, by: Staff) -> None:
    case = ask_for_one(delivered_order(store))
    with pytest.raises(CannotGo):
        units.inspect(unit_of(case), "accepted", by=by, now=ASKED)


def test_other_goods_in_the_parcel_are_written_down(store: Store, by: Staff) -> None:
    case = ask_for_one(delivered_order(store))
    units.note_extra(case, "a left sandal", by=by, now=ASKED)
    assert "a left sandal" in again(case).review
    assert Remark.objects.of(store).get(case=case).is_internal


def test_what_was_restocked_can_go_elsewhere_later(store: Store, by: Staff) -> None:
    case = inspected_before_paid(store, by)
    units.inspect(unit_of(case), "accepted", by=by, now=ASKED, to="refurbish")
    units.dispose(unit_of(case), "restock", by=by, now=ASKED)
    assert unit_of(case).state == "restock"
