from datetime import timedelta

import pytest

from thereafter.commerce.documents import Line
from thereafter.returns.actions import deciding, granting, parcels, units
from thereafter.returns.actions.opening import CannotOpen, Wish
from thereafter.returns.models import Case, CaseStep, CaseUnit, Grant, ReturnParcel
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ASKED, again, ask, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def names(case: Case) -> list[str]:
    rows = Entry.objects.filter(store_id=case.store_id, payload__case_id=case.pk)
    return list(rows.order_by("id").values_list("name", flat=True))


def test_a_withdrawal_is_open_at_once_and_asks_nobody(store: Store) -> None:
    case = ask_for_one(delivered_order(store))
    assert (case.basis, case.state, case.review) == ("withdrawal", "open", "")
    assert case.pay_by == (ASKED + timedelta(days=14)).date()
    assert visits.parcel(case).state == "created"
    assert names(case) == ["return.requested", "return.approved", "return.parcel_created"]


def test_one_case_for_each_ground_and_outcome(store: Store) -> None:
    cases = ask(
        delivered_order(store),
        Wish(line="1", reason="size_small", outcome="store_credit"),
        Wish(line="2", quantity=2, reason="changed_mind", outcome="refund"),
    )
    assert [(case.basis, case.outcome) for case in cases] == [("voluntary", "store_credit"), ("withdrawal", "refund")]
    assert [case.number for case in cases] == ["R1001", "R1002"]
    assert [unit.place for unit in visits.units(cases[1])] == [1, 2]


def test_the_same_visit_opens_its_cases_once(store: Store) -> None:
    order = delivered_order(store)
    assert [case.pk for case in ask(order)] == [case.pk for case in ask(order)]
    assert Case.objects.of(store).count() == 1


def test_a_unit_that_is_on_its_way_back_cannot_be_asked_for_again(store: Store) -> None:
    order = delivered_order(store)
    ask(order)
    with pytest.raises(CannotOpen, match="come back already"):
        ask(order, source="another visit")


def test_of_three_units_the_second_case_gets_what_is_left(store: Store) -> None:
    order = delivered_order(store)
    ask(order, Wish(line="2", quantity=2, reason="changed_mind"))
    with pytest.raises(CannotOpen, match="At most 1"):
        ask(order, Wish(line="2", quantity=2), source="second")
    case = ask_for_one(order, Wish(line="2"), source="third")
    assert [unit.place for unit in visits.units(case)] == [3]


def test_what_is_not_offered_is_refused_in_words(store: Store) -> None:
    order = delivered_order(store)
    with pytest.raises(CannotOpen, match="not open"):
        ask(order, Wish(line="1", outcome="repair"))
    with pytest.raises(CannotOpen, match="not part of this order"):
        ask(order, Wish(line="77"))
    with pytest.raises(CannotOpen, match="at least one"):
        ask(order, Wish(line="1", quantity=0))


def test_damage_needs_a_photo_in_the_portal_but_not_from_support(store: Store) -> None:
    order = delivered_order(store)
    damaged = Wish(line="1", reason="damaged_on_arrival", outcome="replacement")
    with pytest.raises(CannotOpen, match="photo"):
        ask(order, damaged)
    case = ask_for_one(order, damaged, channel="support", by=make_staff(store))
    assert case.basis == "carrier_claim"


def test_money_goes_out_when_the_goods_have_come(store: Store) -> None:
    case = ask_for_one(delivered_order(store), Wish(line="1", reason="changed_mind", method="own_carrier"))
    assert not visits.shares(case)
    (unit,) = visits.units(case)
    units.receive(case, {unit.pk: "received"}, by=make_staff(store), now=ASKED + timedelta(days=4))
    (share,) = visits.shares(case)
    assert (share.tender, share.amount_minor, share.state) == ("card", 8990, "granted")
    assert again(case).state == "open"
    granting.settle(granting.send(share, now=ASKED), provider_ref="re_1", now=ASKED)
    run_until_idle()
    assert again(case).state == "resolved"
    assert names(case)[-1] == "return.resolved"


def test_receiving_twice_pays_once(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store)), make_staff(store)
    (unit,) = visits.units(case)
    for _ in range(2):
        units.receive(again(case), {unit.pk: "received"}, by=by, now=ASKED)
    assert len(visits.shares(case)) == 1


def test_what_was_not_in_the_parcel_is_not_paid_and_somebody_looks(store: Store) -> None:
    case = ask_for_one(delivered_order(store), Wish(line="2", quantity=2, reason="changed_mind"))
    first, second = visits.units(case)
    by = make_staff(store)
    units.receive(case, {first.pk: "received", second.pk: "missing"}, by=by, now=ASKED)
    # The label cost 4.95; what is paid later is not charged for it again.
    assert [share.amount_minor for share in visits.shares(case)] == [405]
    assert "not in the parcel" in again(case).review
    second.refresh_from_db()
    units.forgive_missing(second, by=by, now=ASKED, why="The carrier opened it")
    assert [share.amount_minor for share in visits.shares(case)] == [405, 900]


def test_an_empty_parcel_pays_nothing(store: Store) -> None:
    case = ask_for_one(delivered_order(store))
    (unit,) = visits.units(case)
    units.receive(case, {unit.pk: "missing"}, by=make_staff(store), now=ASKED)
    assert not visits.shares(case)
    assert again(case).review.startswith("The parcel was empty")


def test_cancelling_sets_the_units_free(store: Store) -> None:
    order = delivered_order(store)
    case = ask_for_one(order)
    deciding.cancel(case, by=None, now=ASKED)
    assert (again(case).state, visits.parcel(case).state) == ("cancelled", "cancelled")
    assert ask_for_one(order, source="again").state == "open"


def test_nothing_is_cancelled_once_the_goods_are_on_their_way(store: Store) -> None:
    case = ask_for_one(delivered_order(store))
    parcels.told(visits.parcel(case), "in_transit", now=ASKED)
    with pytest.raises(deciding.TooLate, match="on their way back"):
        deciding.cancel(again(case), by=None, now=ASKED)


def test_a_withdrawal_cannot_be_declined_and_a_no_needs_words(store: Store) -> None:
    case, by = ask_for_one(delivered_order(store)), make_staff(store)
    with pytest.raises(ValueError, match="cannot be declined"):
        deciding.decline(case, answer="No", by=by, now=ASKED)
    with pytest.raises(ValueError, match="Tell the shopper why"):
        deciding.decline(case, answer=" ", by=by, now=ASKED)


def test_what_never_comes_ends_and_can_be_asked_for_again(store: Store) -> None:
    order = delivered_order(store)
    case = ask_for_one(order, Wish(line="1", reason="size_small", outcome="store_credit"))
    assert deciding.expire_due(ASKED + timedelta(days=24)) == 1
    assert names(case)[-1] == "return.due"
    assert deciding.expire_due(ASKED + timedelta(days=25)) == 0
    assert deciding.expire_due(ASKED + timedelta(days=29)) == 1
    assert again(case).state == "expired"
    assert not CaseUnit.objects.of(store).filter(is_live=True).exists()


def test_what_is_handed_in_after_the_last_day_comes_back_to_life(store: Store) -> None:
    case = ask_for_one(delivered_order(store), Wish(line="1", reason="size_small", outcome="store_credit"))
    late = ASKED + timedelta(days=40)
    deciding.expire_due(late)
    parcels.handed_in(visits.parcel(case), at="Stride Berlin", now=late)
    assert again(case).state == "open"
    assert "came all the same" in again(case).review
    assert [unit.state for unit in visits.units(case)] == ["expected"]


def test_a_code_that_is_scanned_twice_hands_in_once(store: Store) -> None:
    parcel = visits.parcel(ask_for_one(delivered_order(store)))
    assert parcels.handed_in(parcel, at="Counter", now=ASKED)
    assert not parcels.handed_in(ReturnParcel.objects.of(store).get(), at="Counter", now=ASKED)


def test_every_change_is_a_step(store: Store) -> None:
    case = ask_for_one(delivered_order(store))
    steps = CaseStep.objects.of(store).filter(case=case, machine="case").order_by("pk")
    assert [(step.was, step.became) for step in steps] == [
        ("", "submitted"),
        ("submitted", "approved"),
        ("approved", "open"),
    ]


def test_an_unknown_step_is_refused(store: Store) -> None:
    case = ask_for_one(delivered_order(store))
    with pytest.raises(CannotGo):
        deciding.approve(case, by=make_staff(store), now=ASKED)


def test_a_refund_of_the_shop_in_between_is_not_paid_twice(store: Store) -> None:
    order = delivered_order(store, Line(external_id="1", title="Shoes", quantity=1, unit_price="50.00"))
    case = ask_for_one(order)
    by_hand = Request(items=(Wanted(line="1", quantity=1),))
    granting.grant(order, by_hand, source="by hand", by=None, now=ASKED)
    (unit,) = visits.units(case)
    units.receive(case, {unit.pk: "received"}, by=make_staff(store), now=ASKED)
    assert Grant.objects.of(store).count() == 1
    assert "Nothing could be paid out" in again(case).review
