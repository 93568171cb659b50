from datetime import timedelta

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, ship
from thereafter.kit import clock
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, NewGoods
from thereafter.returns.tests import visits
from thereafter.returns.tests.desks import Desk
from thereafter.returns.tests.visits import (
    ASKED,
    CAME,
    NUMBER,
    PLACED,
    SHOES,
    SOCKS,
    again,
    ask_for_one,
    delivered_order,
)
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.reports import Problem, report
from thereafter.tracking.models import CarrierClaim, Flag, Parcel, Report
from thereafter.tracking.tests.makers import scan, scan_doc

pytestmark = pytest.mark.django_db
DAMAGED = Wish(line="1", reason="damaged_on_arrival", outcome="replacement", note="Broken heel")
SHOES_ONLY = [{"title": "Trail Runner 2", "variant": "", "quantity": 1}]


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def reported(order: Order, kind: str, items: list[dict[str, object]] | None = None, text: str = "") -> list[Case]:
    with clock.at(ASKED):
        report(order, Parcel.objects.of(order.store_id).get(), Problem(kind=kind, text=text, items=items or ()), ASKED)
        run_until_idle()
    return list(Case.objects.of(order.store_id).order_by("pk"))


def test_a_reported_problem_becomes_a_claim_for_the_items_that_were_named(store: Store) -> None:
    (case,) = reported(delivered_order(store), "damaged", SHOES_ONLY, "The box was crushed.")
    assert (case.channel, case.state, case.basis, case.outcome) == (
        "watch",
        "needs_review",
        "carrier_claim",
        "replacement",
    )
    assert case.review == "The shopper reported a problem with the delivery."
    (unit,) = visits.units(case)
    assert (unit.line.external_id, unit.reason, unit.note) == ("1", "damaged_on_arrival", "The box was crushed.")
    assert NewGoods.objects.get(case=case).state == "reserved"


@pytest.mark.parametrize(
    ("kind", "reason"), [("wrong", "wrong_item"), ("missing", "missing_item"), ("not_received", "not_here")]
)
def test_each_kind_of_report_has_its_reason(store: Store, kind: str, reason: str) -> None:
    cases = reported(delivered_order(store), kind, SHOES_ONLY)
    assert [unit.reason for case in cases for unit in visits.units(case)] == [reason]


def test_a_report_without_items_is_about_the_whole_parcel_and_says_so(store: Store) -> None:
    cases = reported(delivered_order(store), "not_received")
    assert sum(len(visits.units(case)) for case in cases) == 4
    assert all("did not say which items" in case.review for case in cases)


def test_a_question_is_no_claim(store: Store) -> None:
    assert reported(delivered_order(store), "other", text="Where is it?") == []


def test_what_is_on_its_way_back_already_is_not_claimed_again(store: Store) -> None:
    order = delivered_order(store)
    ask_for_one(order)
    assert len(reported(order, "damaged", SHOES_ONLY)) == 1


def test_a_report_that_is_told_twice_opens_one_case(store: Store) -> None:
    order = delivered_order(store)
    reported(order, "damaged", SHOES_ONLY)
    assert len(reported(order, "damaged", SHOES_ONLY)) == 1


def test_a_parcel_that_the_carrier_lost_is_offered_again(store: Store) -> None:
    order = make_order(store, lines=(SHOES, SOCKS), placed_at=PLACED)
    with clock.at(PLACED + timedelta(days=1)):
        ship(order, tracking_number=NUMBER)
        run_until_idle()
    scan(store, scan_doc("exception", CAME, reason="carrier_lost"), now=CAME)
    with clock.at(CAME):
        run_until_idle()
    (case,) = Case.objects.of(store)
    assert (case.channel, case.basis, case.outcome, case.state) == (
        "watch",
        "carrier_claim",
        "replacement",
        "needs_review",
    )
    assert {unit.reason for unit in visits.units(case)} == {"lost"}


def test_an_accepted_claim_is_claimed_from_the_carrier_and_off_the_watch_list(store: Store, desk: Desk) -> None:
    (case,) = reported(delivered_order(store), "missing", SHOES_ONLY)
    page = desk.see(f"{case.pk}/")
    assert "The shopper reports a problem" in page
    assert NUMBER in page
    desk.do(case, "claim", payer="carrier", owed="89,90")
    with clock.at(ASKED):
        run_until_idle()
    assert again(case).payer == "carrier"
    claim = CarrierClaim.objects.of(store).get()
    assert (claim.reason, claim.amount_minor, claim.parcel.tracking_number) == ("lost", 8990, NUMBER)
    assert not Flag.objects.of(store).up().filter(kind="reported").exists()
    assert Report.objects.of(store).get().settled_at is not None


def test_a_claim_that_the_shop_bears_asks_nothing_of_the_carrier(store: Store, desk: Desk) -> None:
    (case,) = reported(delivered_order(store), "missing", SHOES_ONLY)
    desk.do(case, "claim", payer="shop", owed="0")
    with clock.at(ASKED):
        run_until_idle()
    assert not CarrierClaim.objects.of(store).exists()
    assert not Flag.objects.of(store).up().filter(kind="reported").exists()


def test_a_declined_claim_settles_the_report_too(store: Store, desk: Desk) -> None:
    (case,) = reported(delivered_order(store), "missing", SHOES_ONLY)
    desk.do(case, "decline", ready="All of it was packed")
    with clock.at(ASKED):
        run_until_idle()
    assert again(case).state == "declined"
    assert Report.objects.of(store).get().settled_at is not None
    assert not CarrierClaim.objects.of(store).exists()


def test_who_pays_can_be_said_later_and_is_claimed_once(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store), DAMAGED, channel="support")
    assert case.state == "open"
    assert "Choose who pays" in desk.do(case, "payer", payer="")
    for _ in range(2):
        desk.do(case, "payer", payer="carrier", owed="50")
        with clock.at(ASKED):
            run_until_idle()
    claim = CarrierClaim.objects.of(store).get()
    assert (claim.reason, claim.amount_minor) == ("damaged", 5000)


def test_only_claims_have_somebody_who_pays(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    assert "is no claim" in desk.do(case, "payer", payer="carrier")
    assert "Give the amount as a number" in desk.do(case, "payer", payer="carrier", owed="much")
    assert not Entry.objects.filter(store_id=store.pk, name="claim.decided").exists()
