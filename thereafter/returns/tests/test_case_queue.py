import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.kit import clock
from thereafter.returns import choosing
from thereafter.returns.actions import parcels, units
from thereafter.returns.actions.opening import Asking, Wish, open_cases
from thereafter.returns.choosing import VIEWS, Asked
from thereafter.returns.models import Case, CaseFilter, CaseQuerySet
from thereafter.returns.tests import visits
from thereafter.returns.tests.desks import Desk
from thereafter.returns.tests.visits import ASKED, again, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
CREDIT = Wish(line="1", reason="size_small", outcome="store_credit")


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def to_decide(store: Store, *wishes: Wish, source: str = "visit", number: str = "1001") -> Case:
    order = delivered_order(store, number=number, external_id=number)
    return ask_for_one(order, *(wishes or (CREDIT,)), channel="support", review="Look at it.", source=source)


def views_of(store: Store, case: Case) -> set[str]:
    today = ASKED.date()
    return {
        name for name in VIEWS if choosing.cases(store, Asked(view=name), me=0, today=today).filter(pk=case.pk).exists()
    }


def test_a_case_goes_from_view_to_view(store: Store, desk: Desk) -> None:
    case = ask_for_one(delivered_order(store))
    assert views_of(store, case) == {"", "all", "shopper", "withdrawals"}
    parcels.told(visits.parcel(case), "in_transit", now=ASKED)
    assert "way" in views_of(store, case)
    parcels.told(visits.parcel(case), "delivered", now=ASKED)
    assert views_of(store, case) >= {"arrived"}
    assert "way" not in views_of(store, case)
    found = {unit.pk: "received" for unit in visits.units(case)}
    units.receive(again(case), found, by=desk.staff, now=ASKED, parcel=visits.parcel(case))
    assert views_of(store, case) >= {"inspect", "money"}
    assert "arrived" not in views_of(store, case)


def test_what_had_to_be_paid_is_late_from_the_next_day_on(store: Store) -> None:
    case = ask_for_one(delivered_order(store))
    assert case.pay_by is not None

    def is_late(days: int) -> bool:
        assert case.pay_by is not None
        return choosing.cases(store, Asked(view="late"), me=0, today=case.pay_by + timedelta(days=days)).exists()

    # The law lets the shop wait until the goods are here or were shown to be sent.
    assert not is_late(1)
    parcels.handed_in(visits.parcel(case), at="Counter", now=ASKED)
    assert [is_late(days) for days in (0, 1)] == [False, True]


def test_every_row_says_what_happens_next_and_by_when(store: Store, desk: Desk) -> None:
    to_decide(store)
    assert "Say yes or no. Look at it." in desk.see()
    ask_for_one(delivered_order(store, number="1002", external_id="1002"), source="other")
    page = desk.see()
    assert "The shopper sends 1 item back." in page
    assert "Shopper sends by Thu 9 Apr" in page
    parcels.handed_in(visits.parcel(Case.objects.of(store).latest("pk")), at="Counter", now=ASKED)
    assert "Pay by Thu 26 Mar" in desk.see()


@pytest.mark.parametrize("by", ["number", "order", "name", "e-mail", "code", "tracking"])
def test_a_case_is_found_by(store: Store, desk: Desk, by: str) -> None:
    case = ask_for_one(delivered_order(store, email="john@example.com"))
    parcels.name_number(visits.parcel(case), carrier="dhl", number="JD 77 12", now=ASKED)
    q = {
        "number": case.number.lower(),
        "order": case.order.number,
        "name": case.customer.name or "John",
        "e-mail": "JOHN@example",
        "code": visits.parcel(case).code.lower(),
        "tracking": "JD77 12",
    }[by]
    assert f"/{case.pk}/" in desk.see(q=q)
    assert "No case fits" in desk.see(q="nobody-of-this-name")


def test_filters_narrow_the_list(store: Store, desk: Desk) -> None:
    case = to_decide(store)
    for fits, misses in (
        ({"reason": "size_small"}, {"reason": "late"}),
        ({"outcome": "store_credit"}, {"outcome": "repair"}),
        ({"basis": "voluntary"}, {"basis": "warranty"}),
        ({"assigned": "nobody"}, {"assigned": "me"}),
    ):
        assert f"/{case.pk}/" in desk.see(**fits)
        assert f"/{case.pk}/" not in desk.see(**misses)


def test_pages_follow_one_another_without_gaps_both_ways(store: Store) -> None:
    order = delivered_order(store)
    for place in range(3):
        asking = Asking(source=f"v{place}", channel="support")
        open_cases(order, [Wish(line="2", reason="changed_mind")], asking, now=ASKED + timedelta(minutes=place))
    for sort in choosing.SORTS:
        rows: CaseQuerySet = choosing.cases(store, Asked(sort=sort), me=0, today=ASKED.date())
        whole = [case.pk for case in choosing.in_order(rows, Asked(sort=sort))]
        first = choosing.page(rows, Asked(sort=sort), size=2)
        second = choosing.page(rows, Asked(sort=sort, after=first.after), size=2)
        assert [case.pk for case in first.rows + second.rows] == whole, sort
        assert (first.before, second.after) == ("", "")
        back = choosing.page(rows, Asked(sort=sort, before=second.before), size=2)
        assert [case.pk for case in back.rows] == whole[:2], sort


def test_a_cursor_that_was_tampered_with_begins_at_the_beginning(store: Store, desk: Desk) -> None:
    ask_for_one(delivered_order(store))
    assert "R1001" in desk.see(after="nonsense~x")


def test_each_view_costs_one_query_and_rows_cost_none_more(store: Store, desk: Desk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            desk.see()
        return len(found)

    ask_for_one(delivered_order(store))
    desk.see()
    few = asked()
    for place in range(4):
        ask_for_one(delivered_order(store, number=f"9{place}", external_id=f"9{place}"), source=f"more{place}")
    assert asked() == few
    with CaptureQueriesContext(connection) as found:
        numbers = choosing.counts(store, ASKED.date())
    assert len(found) == len(numbers)


def test_many_are_approved_after_a_preview_and_one_that_fails_keeps_none_back(store: Store, desk: Desk) -> None:
    first = to_decide(store)
    second = to_decide(store, source="second", number="1002")
    done = ask_for_one(delivered_order(store, number="1003", external_id="1003"), source="third")
    chosen = [first.pk, second.pk, done.pk]
    page = desk.see("chosen/", do="approve", row=chosen)
    assert "Nothing has been done yet" in page
    assert "Was decided already" in page
    assert again(first).state == "needs_review"
    page = desk.send("chosen/", do="approve", row=chosen)
    assert "2 of 3 done" in page
    assert "cannot become approved" in page
    assert {again(first).state, again(second).state} == {"open"}


def test_declining_many_needs_one_answer(store: Store, desk: Desk) -> None:
    case = to_decide(store)
    assert "0 of 1 done" in desk.send("chosen/", do="decline", row=[case.pk])
    assert "1 of 1 done" in desk.send("chosen/", do="decline", row=[case.pk], ready="The time is over")
    assert again(case).answer.startswith("The time for returns")


def test_many_are_assigned(store: Store, desk: Desk) -> None:
    case = to_decide(store)
    other = make_staff(store, role="support", email="sam@stride.example")
    assert f"Goes to {other.name}" in desk.see("chosen/", do="assign", row=[case.pk], to=other.pk)
    desk.send("chosen/", do="assign", row=[case.pk], to=other.pk)
    assert again(case).assigned_to_id == other.pk


def test_nothing_chosen_is_said(store: Store, desk: Desk) -> None:
    with clock.at(ASKED):
        answer = desk.browser.get(f"/console/{store.slug}/returns/chosen/", {"do": "approve"}, follow=True)
    assert "Choose at least one case first" in answer.content.decode()


def test_a_view_is_kept_used_and_removed(store: Store, desk: Desk) -> None:
    case = to_decide(store)
    page = desk.send("views/", name="Too small", query="reason=size_small&after=2026~1")
    assert "Too small" in page
    kept = CaseFilter.objects.get(store=store)
    assert kept.query == "reason=size_small"
    assert f"/{case.pk}/" in page
    assert "give the view a name" in desk.send("views/", name=" ", query="reason=late")
    desk.send("views/remove/", view=kept.pk)
    assert not CaseFilter.objects.exists()


def test_the_file_holds_what_the_list_shows(store: Store, desk: Desk) -> None:
    to_decide(store)
    ask_for_one(delivered_order(store, number="1002", external_id="1002"), source="other")
    rows = list(csv.DictReader(io.StringIO(desk.see("cases.csv", view="decide"))))
    assert [(row["case"], row["value"], row["next"]) for row in rows] == [
        ("R1001", "89.90", "Say yes or no. Look at it.")
    ]
