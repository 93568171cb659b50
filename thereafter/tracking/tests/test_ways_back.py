"""What comes back is followed like any parcel and is never a delivery; what leaves in exchange is one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.events import parcels as told
from thereafter.events.base import ShopperEvent
from thereafter.events.parcels import ParcelDelivered, ParcelShipped, ReturnParcelMoved
from thereafter.events.returns import ExchangeShipped, ReturnParcelSent
from thereafter.kit import clock
from thereafter.storefront.links import order_page
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking import queries, sharing
from thereafter.tracking.actions import accounts, flags, planning
from thereafter.tracking.actions.estimates import look_ahead
from thereafter.tracking.actions.polling import claim
from thereafter.tracking.actions.scans import Taken, add_scans
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.models import Flag, Parcel, PollPlan, Promise
from thereafter.tracking.scorecard import Window, courses, under_way
from thereafter.tracking.tests.adapters.recorded import PAYLOADS
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db
BACK = "BACK0001"
SENT = datetime(2026, 3, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def order(store: Store) -> Order:
    """Of one parcel, which was delivered on 6 March."""
    parcel = make_parcel(store, tracking_number="OUT0001")
    scan(store, scan_doc("delivered", "2026-03-06T10:00:00+01:00"), tracking_number="OUT0001", now=at(6, 12))
    run_until_idle()
    return parcel.order


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def tell(event: ShopperEvent) -> None:
    with clock.at(event.occurred_at), transaction.atomic():
        record(event)
    with clock.at(event.occurred_at):
        run_until_idle()


def send_back(order: Order, number: str = BACK, parcel_id: int = 7, **more: Any) -> Parcel:
    about: dict[str, Any] = {"carrier": "dhl", "to_country": "DE", "to_postcode": "50667"} | more
    tell(
        ReturnParcelSent(
            store_id=order.store_id,
            occurred_at=SENT,
            customer_id=order.customer_id,
            order_id=order.pk,
            case_id=1,
            return_parcel_id=parcel_id,
            tracking_number=number,
            **about,
        )
    )
    return Parcel.all_ways.of(order.store_id).get(return_parcel_id=parcel_id)


def ship_again(order: Order, number: str = "NEW0001") -> None:
    tell(
        ExchangeShipped(
            store_id=order.store_id,
            occurred_at=SENT,
            customer_id=order.customer_id,
            order_id=order.pk,
            case_id=1,
            number="R1001",
            carrier="dhl",
            tracking_number=number,
        )
    )


def say(store: Store, status: str, day: int, number: str = BACK, **more: Any) -> Taken:
    taken = scan(store, scan_doc(status, at(day), **more), tracking_number=number, now=at(day, 13))
    run_until_idle()
    return taken


def turns() -> list[str]:
    return [event.status for event in recorded(ReturnParcelMoved) if isinstance(event, ReturnParcelMoved)]


def about_parcels() -> list[str]:
    kinds = [one for one in vars(told).values() if isinstance(one, type) and issubclass(one, ShopperEvent)]
    return sorted(event.name for kind in kinds if kind.name.startswith("parcel.") for event in recorded(kind))


def test_what_comes_back_is_told_as_itself_and_never_as_a_delivery(store: Store, order: Order) -> None:
    before = about_parcels()
    send_back(order)
    say(store, "picked_up", 21)
    say(store, "in_transit", 22)
    say(store, "delivered", 23)
    assert turns() == ["picked_up", "in_transit", "delivered"]
    assert_recorded(ReturnParcelMoved, 1, status="delivered", return_parcel_id=7, tracking_number=BACK, carrier="dhl")
    assert about_parcels() == before


def test_each_turn_of_what_comes_back_is_told_and_a_repeated_scan_is_not(store: Store, order: Order) -> None:
    send_back(order)
    for day, status in enumerate(("in_transit", "exception", "in_transit", "exception"), start=21):
        say(store, status, day, reason="other" if status == "exception" else "")
    say(store, "exception", 24, reason="other")
    assert turns() == ["in_transit", "exception", "in_transit", "exception"]
    say(store, "exception", 25, reason="carrier_lost")
    assert turns()[4:] == ["exception"]
    assert_recorded(ReturnParcelMoved, 1, reason="carrier_lost")


def test_told_twice_it_is_followed_once(store: Store, order: Order) -> None:
    assert send_back(order).pk == send_back(order).pk
    assert Parcel.all_ways.of(store).count() == 2


def test_scans_that_came_before_the_number_was_told_wait_for_it(store: Store, order: Order) -> None:
    assert say(store, "in_transit", 19).waits_for == f"parcel:{BACK}"
    back = send_back(order)
    say(store, "in_transit", 19)
    back.refresh_from_db()
    assert back.status == "in_transit"


def test_a_corrected_number_forgets_what_was_heard_under_the_wrong_one(store: Store, order: Order) -> None:
    send_back(order, "TYPO0001")
    say(store, "delivered", 21, number="TYPO0001")
    back = send_back(order)
    assert (back.tracking_number, back.status, back.finished_at) == (BACK, "unknown", None)
    say(store, "in_transit", 22)
    back.refresh_from_db()
    assert back.status == "in_transit"
    assert turns() == ["delivered", "in_transit"]


def test_a_parcel_that_was_refused_goes_back_under_its_own_number(store: Store, order: Order) -> None:
    with pytest.raises(Parcel.DoesNotExist):
        send_back(order, "OUT0001")
    assert Parcel.objects.of(store).get().tracking_number == "OUT0001"


def test_what_comes_back_is_on_no_page_list_or_figure_of_deliveries(store: Store, order: Order) -> None:
    window = Window(PLACED.date(), PLACED.date() + timedelta(days=60))
    due, promises = len(courses(store, window)), Promise.objects.of(store).count()
    back = send_back(order)
    say(store, "exception", 21, reason="customs_hold")
    assert [parcel.tracking_number for parcel in queries.parcels_of(order)] == ["OUT0001"]
    assert list(queries.bare_parcels(store, [order.pk])) == [order.pk]
    assert queries.newest_by_number(store, BACK) is None
    assert sharing.is_over(Order.objects.get(pk=order.pk)) or order.status == Order.Status.OPEN
    assert (len(courses(store, window)), under_way(store, at(30).date())) == (due, [])
    assert not Flag.objects.of(store).up().exists()
    assert look_ahead(store, at(30)) == flags.look_again(store, at(30)) == 0
    assert Promise.objects.of(store).count() == promises
    back.refresh_from_db()
    assert (back.promised_on, back.expected_to, back.late, back.check_at, back.flags) == (None, None, None, None, {})


def test_the_shoppers_page_shows_only_what_was_delivered(store: Store, order: Order) -> None:
    send_back(order)
    say(store, "in_transit", 21)
    page = Client().get(order_page(order)).content.decode()
    assert "OUT0001" in page
    assert BACK not in page


def test_what_comes_back_is_asked_of_its_carrier_with_the_shops_postcode(store: Store, order: Order) -> None:
    accounts.connect(store, "dhl", {"api_key": "key"}, by=make_staff(store), now=SENT)
    send_back(order)
    planning.plan_parcels(store, at(21))
    (errand,) = claim(at(21), most=5, flying={})
    assert [(ask.number, ask.country, ask.postcode) for ask in errand.asks] == [(BACK, "DE", "50667")]
    for _ in range(40):
        planning.plan_parcels(store, at(21) + timedelta(days=90))
    assert PollPlan.objects.of(store).get().expired_at is not None
    assert not Flag.objects.of(store).exists()


def test_a_carriers_own_call_moves_what_comes_back(store: Store, order: Order) -> None:
    text = (PAYLOADS / "easypost" / "push_delivered.json").read_text()
    number = json.loads(text)["result"]["tracking_code"]
    (doc,) = ADAPTERS["easypost"].parse("push", text.replace("2026-", "2027-"))
    assert isinstance(doc, ParcelDoc)
    back, before = send_back(order, number, carrier=""), about_parcels()
    later = datetime(2027, 12, 1, tzinfo=UTC)
    with clock.at(later):
        add_scans(store, [doc], source="easypost", now=later)
        run_until_idle()
    back.refresh_from_db()
    assert back.status == "delivered"
    assert back.carrier
    assert turns()[-1] == "delivered"
    assert about_parcels() == before


def test_what_left_in_exchange_is_a_parcel_of_the_order_with_a_promise_of_its_own(store: Store, order: Order) -> None:
    first = Promise.objects.of(store).get(order=order, sequence=0)
    ship_again(order)
    old, new = queries.parcels_of(order)
    assert (new.tracking_number, new.status, new.ordered_at, new.shipped_at) == ("NEW0001", "label_created", SENT, SENT)
    assert new.promised_on
    assert new.promised_on > SENT.date()
    assert new.promised_on != old.promised_on
    assert Promise.objects.of(store).get(order=order, sequence=0).promised_on == first.promised_on
    assert_recorded(ParcelShipped, 1, tracking_number="NEW0001")
    page = Client().get(order_page(order)).content.decode()
    assert "NEW0001" in page
    say(store, "delivered", 23, number="NEW0001")
    assert_recorded(ParcelDelivered, 1, tracking_number="NEW0001", promised_on=new.promised_on, late=False)


@pytest.mark.parametrize("number", ["NEW0001", ""])
def test_an_exchange_told_twice_is_one_parcel(store: Store, order: Order, number: str) -> None:
    ship_again(order, number)
    ship_again(order, number)
    assert Parcel.objects.of(store).count() == 2


def test_an_exchange_of_an_order_without_parcels_is_its_only_one(store: Store) -> None:
    with clock.at(PLACED):
        order = make_order(store)
        run_until_idle()
    ship_again(order)
    assert [parcel.tracking_number for parcel in queries.parcels_of(order)] == ["NEW0001"]
