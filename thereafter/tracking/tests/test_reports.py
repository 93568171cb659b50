"""Reporting a problem: taken in once, flagged for somebody, told to the shopper, settled with the flag."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order, ship
from thereafter.console.tests.tools import signed_in
from thereafter.events.parcels import DeliveryProblemReported
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.storefront import rules
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.flags import clear_flag
from thereafter.tracking.models import Flag, Parcel, Report
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def parcel(store: Store) -> Parcel:
    made = make_parcel(store, number="1001")
    scan(store, scan_doc("delivered", NOW - timedelta(hours=4), detail="neighbour"), now=NOW)
    return Parcel.objects.select_related("order__store", "order__customer").get(pk=made.pk)


def page(parcel: Parcel) -> str:
    return f"/s/stride/tracking/o/{order_token(parcel.order)}/report/"


def report(of: Parcel, at: datetime = NOW, **given: Any) -> Any:
    with clock.at(at):
        answer = Client(enforce_csrf_checks=True).post(page(of), {"kind": "not_received"} | given)
        run_until_idle(at)
    return answer


def test_a_report_raises_a_flag_that_somebody_sees(parcel: Parcel) -> None:
    assert report(parcel, parcel="1", text="Not with anybody")["Location"].endswith("?kind=not_received&done=1")
    made = Report.objects.get()
    assert (made.parcel_id, made.kind, made.text) == (parcel.pk, "not_received", "Not with anybody")
    flag = Flag.objects.up().get(kind="reported")
    assert (flag.parcel_id, flag.cause) == (parcel.pk, "not_received")
    assert_recorded(DeliveryProblemReported, report_id=made.pk, kind="not_received", parcel_id=parcel.pk)


def test_saying_it_again_within_a_day_adds_to_it_and_tells_nobody_again(parcel: Parcel) -> None:
    for words in ("First", "First", "Then I asked next door"):
        report(parcel, text=words)
    assert Report.objects.get().text == "First\n\nThen I asked next door"
    assert len(recorded(DeliveryProblemReported)) == 1
    report(parcel, NOW + timedelta(hours=25), text="Still nothing")
    assert Report.objects.count() == 2
    assert Flag.objects.up().filter(kind="reported").count() == 1


def test_another_kind_is_another_report(parcel: Parcel) -> None:
    report(parcel)
    report(parcel, kind="damaged", text="A hole")
    assert sorted(Report.objects.values_list("kind", flat=True)) == ["damaged", "not_received"]


def test_the_items_it_is_about_are_kept(parcel: Parcel) -> None:
    line = parcel.order.lines.get()
    report(parcel, kind="damaged", text="A hole", items=[str(line.pk)])
    assert Report.objects.get().items == [{"title": "Trail Runner 2", "variant": "", "quantity": 1}]


def test_the_chosen_items_say_which_parcel_it_is(store: Store) -> None:
    lines = [Line(external_id=str(at), title=f"Item {at}", quantity=1, unit_price="1") for at in (1, 2)]
    with clock.at(NOW):
        order = make_order(store, number="1001", lines=lines)
        for at in ("1", "2"):
            ship(order, external_id=at, tracking_number=f"JD000{at}", lines={at: 1})
        run_until_idle()
    second = Parcel.objects.select_related("order__store", "order__customer").get(tracking_number="JD0002")
    report(second, kind="damaged", text="A hole", items=[str(order.lines.get(external_id="2").pk)])
    assert Report.objects.get().parcel_id == second.pk


def test_items_of_another_order_cannot_be_named(store: Store, parcel: Parcel) -> None:
    other = make_parcel(store, number="1002", tracking_number="JD0002").order.lines.get()
    assert report(parcel, kind="damaged", text="A hole", items=[str(other.pk)]).status_code == 200
    assert not Report.objects.exists()


def test_damage_without_a_word_is_asked_for(parcel: Parcel) -> None:
    answer = report(parcel, kind="damaged")
    assert "One field needs another look." in answer.content.decode()
    assert not Report.objects.exists()


def test_the_shopper_is_told_that_we_have_it(store: Store, parcel: Parcel) -> None:
    install_recipes(store, NOW)
    report(parcel, text="Nothing here")
    (message,) = Message.objects.filter(template="problem_reported")
    assert (message.state, message.subject) == ("sent", "We have your report on order 1001")


def test_who_looks_for_a_parcel_is_told_where_to_look_first(parcel: Parcel) -> None:
    with clock.at(NOW):
        shown = Client().get(page(parcel), {"kind": "not_received", "parcel": "1"}).content.decode()
    assert "Look here first" in shown
    assert "left with a neighbour" in shown


def test_when_the_flag_comes_down_the_report_is_settled(store: Store, parcel: Parcel) -> None:
    report(parcel)
    with clock.at(NOW):
        clear_flag(Flag.objects.up().get(kind="reported"), by=make_staff(store), now=NOW)
        run_until_idle(NOW)
    assert Report.objects.get().settled_at == NOW


def test_messages_wait_while_a_reported_problem_is_open(store: Store, parcel: Parcel) -> None:
    report(parcel)
    customer = Customer.objects.of(store).get()
    assert customer.traits["open.problem"] is True
    with clock.at(NOW):
        clear_flag(Flag.objects.up().get(kind="reported"), by=make_staff(store), now=NOW)
        run_until_idle(NOW)
    customer.refresh_from_db()
    assert "open.problem" not in customer.traits


def test_nobody_reports_all_day(parcel: Parcel) -> None:
    answers = [report(parcel, text=str(at)).status_code for at in range(rules.FOR_ORDER + 1)]
    assert answers == [302] * rules.FOR_ORDER + [429]


@pytest.mark.parametrize("kind", ["", "damaged", "wrong", "missing", "not_received", "address", "other", "nonsense"])
@pytest.mark.parametrize("done", ["", "1"])
@pytest.mark.parametrize("place", ["", "1", "9", "x", "²"])
def test_every_kind_has_its_page_and_what_happens_next(parcel: Parcel, kind: str, done: str, place: str) -> None:
    asked = {"kind": kind, "parcel": place} | ({"done": done} if done else {})
    with clock.at(NOW):
        assert Client().get(page(parcel), asked).status_code == 200


def test_a_link_that_was_altered_reports_nothing(parcel: Parcel) -> None:
    make_store("other")
    token = order_token(parcel.order)
    for path in (f"/s/stride/tracking/o/{token}x/report/", f"/s/other/tracking/o/{token}/report/"):
        assert Client().post(path, {"kind": "not_received"}).status_code == 404


def test_staff_see_the_report_on_the_orders_page(store: Store, parcel: Parcel) -> None:
    report(parcel, kind="damaged", text="A hole <b>here</b>", items=[str(parcel.order.lines.get().pk)])
    page = signed_in(make_staff(store)).get(f"/console/stride/orders/{parcel.order_id}/").content.decode()
    assert "A hole &lt;b&gt;here&lt;/b&gt;" in page
    assert "The shopper reports a problem" in page


def test_a_report_made_just_after_the_flag_came_down_puts_it_up_again(store: Store, parcel: Parcel) -> None:
    report(parcel, kind="damaged", text="Torn.")
    clear_flag(Flag.objects.of(store).up().get(), by=make_staff(store), now=NOW)
    report(parcel, kind="damaged", text="And wet.")
    with clock.at(NOW):
        run_until_idle()
    assert Flag.objects.of(store).up().get().cause == "damaged"
