"""Scans that come in, and what they change."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.tests.makers import PLACED, make_order, ship
from thereafter.events.parcels import (
    ParcelDelivered,
    ParcelMoved,
    ParcelOutForDelivery,
    ParcelRanIntoTrouble,
    ParcelReturned,
    ParcelShipped,
)
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.tests.makers import NUMBER, make_parcel, parcel_doc, parcel_of, scan, scan_doc

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 5, 8, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


def test_a_hand_over_of_the_shop_opens_a_parcel_with_its_items(store: Store) -> None:
    parcel = make_parcel(store)
    assert (parcel.status, parcel.tracking_number) == ("label_created", NUMBER)
    assert [item.quantity for item in parcel.items.all()] == [1]
    assert_recorded(ParcelShipped, parcel_id=parcel.pk, tracking_number=NUMBER)


def test_a_hand_over_told_twice_opens_one_parcel(store: Store) -> None:
    order = make_order(store)
    ship(order, tracking_number=NUMBER)
    run_until_idle()
    ship(order, tracking_number=NUMBER)
    run_until_idle()
    assert Parcel.objects.of(store).count() == 1
    assert_recorded(ParcelShipped, times=1)


def test_what_a_carrier_adds_without_a_new_scan_is_kept(store: Store) -> None:
    parcel = make_parcel(store)
    waits = scan_doc("available_for_pickup", DAY)
    scan(store, waits, pickup={"name": "Kiosk"})
    scan(store, waits, pickup={"name": "Kiosk", "until": "2026-03-09"}, service="Express")
    parcel.refresh_from_db()
    assert parcel.pickup == {"name": "Kiosk", "until": "2026-03-09"}
    assert parcel.service == "Express"


def test_a_delivery_is_told_once_with_the_days_where_the_shop_is(store: Store) -> None:
    parcel = make_parcel(store, promised_on=date(2026, 3, 5))
    late_evening = "2026-03-05T23:30:00+00:00"  # in Berlin it is the 6th
    for _ in range(2):
        scan(store, scan_doc("out_for_delivery", DAY), scan_doc("delivered", late_evening))
    days: dict[str, Any] = {"promised_on": date(2026, 3, 5), "delivered_on": date(2026, 3, 6)}
    assert_recorded(ParcelDelivered, parcel_id=parcel.pk, late=True, **days)
    assert_recorded(ParcelOutForDelivery, times=1)
    assert Scan.objects.of(store).filter(source="carrier").count() == 2


def test_any_order_of_arrival_gives_the_same_parcel(store: Store) -> None:
    told = [
        scan_doc("picked_up", DAY),
        scan_doc("in_transit", DAY + timedelta(hours=3)),
        scan_doc("delivered", DAY + timedelta(hours=30)),
        scan_doc("in_transit", DAY + timedelta(hours=31)),
    ]
    found = set()
    for at, turn in enumerate(permutations(told)):
        parcel = make_parcel(store, number=f"P{at}", tracking_number=f"N{at}")
        for one in turn:
            scan(store, one, tracking_number=f"N{at}")
        parcel.refresh_from_db()
        found.add((parcel.status, parcel.status_at, parcel.delivered_on, parcel.late))
    assert len(found) == 1


def test_what_we_learn_after_the_bell_rang_is_not_told(store: Store) -> None:
    make_parcel(store)
    scan(store, scan_doc("delivered", DAY + timedelta(hours=5)))
    scan(store, scan_doc("out_for_delivery", DAY))
    assert recorded(ParcelOutForDelivery) == []
    assert Scan.objects.of(store).filter(status="out_for_delivery").exists()


def test_a_scan_that_comes_again_with_a_city_is_filled_in_and_not_told_again(store: Store) -> None:
    make_parcel(store)
    assert scan(store, scan_doc("in_transit", DAY, code="AR")).new == 1
    assert scan(store, scan_doc("in_transit", DAY, code="AR", place="Leipzig")).new == 0
    assert Scan.objects.of(store).get(code="AR").place == "Leipzig"
    assert_recorded(ParcelMoved, times=1, status="in_transit")


def test_an_unknown_code_is_kept_and_moves_nothing(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("zz-top", DAY, text="<b>hm</b>"))
    parcel.refresh_from_db()
    assert parcel.status == "label_created"
    assert Scan.objects.of(store).get(status="unknown").code == "zz-top"


def test_the_scans_of_an_older_parcel_with_the_same_number_are_left_out(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("delivered", parcel.ordered_at - timedelta(days=100)))
    parcel.refresh_from_db()
    assert parcel.status == "label_created"
    assert recorded(ParcelDelivered) == []


def test_a_bad_scan_is_refused_and_the_others_go_in(store: Store) -> None:
    make_parcel(store)
    answer = scan(store, scan_doc("in_transit", "soon"), scan_doc("in_transit", DAY))
    assert (answer.new, [why.split(":")[0] for _, why in answer.rejects]) == (1, ["bad_time"])


def test_an_exception_has_a_reason_and_a_return_is_told(store: Store) -> None:
    make_parcel(store)
    scan(store, scan_doc("exception", DAY, reason="weather"), scan_doc("returning", DAY + timedelta(days=1)))
    scan(store, scan_doc("delivered", DAY + timedelta(days=4)))
    assert_recorded(ParcelRanIntoTrouble, reason="weather")
    assert_recorded(ParcelReturned)
    assert recorded(ParcelDelivered) == []


def test_a_carrier_that_knows_the_order_makes_the_parcel_before_the_shop_does(store: Store) -> None:
    order = make_order(store, number="1001")
    run_until_idle()
    scan(store, scan_doc("picked_up", DAY), order="#1001")
    assert_recorded(ParcelShipped, order_id=order.pk)
    ship(order, tracking_number=NUMBER)
    run_until_idle()
    parcel = Parcel.objects.of(store).get()
    assert (parcel.fulfilment_id is not None, parcel.items.count()) == (True, 1)
    assert_recorded(ParcelShipped, times=1)


def test_a_tracking_number_the_shop_adds_later_is_taken_over(store: Store) -> None:
    order = make_order(store)
    ship(order, tracking_number="WRONG")
    run_until_idle()
    ship(order, tracking_number=NUMBER)
    run_until_idle()
    assert scan(store, scan_doc("in_transit", DAY)).waits_for == ""


def test_news_of_an_unknown_parcel_waits_and_says_for_what(store: Store) -> None:
    answer = scan(store, scan_doc("in_transit", DAY))
    assert (answer.waits_for, answer.reason.split(":")[0]) == (f"parcel:{NUMBER}", "unknown_parcel")


def test_news_that_name_nothing_are_refused(store: Store) -> None:
    assert scan(store, scan_doc("in_transit", DAY), tracking_number="").reason.startswith("no_parcel")


def test_another_store_does_not_see_the_parcel(store: Store) -> None:
    make_parcel(store)
    assert scan(make_store("other"), scan_doc("delivered", DAY)).waits_for
    assert recorded(ParcelDelivered) == []


def test_the_number_of_queries_does_not_grow_with_the_number_of_parcels(store: Store) -> None:
    numbers = [f"N{at}" for at in range(12)]
    for number in numbers:
        make_parcel(store, number=number, tracking_number=number)
    docs = [
        parcel_doc(scan_doc("in_transit", DAY), scan_doc("delivered", DAY + timedelta(days=1)), tracking_number=number)
        for number in numbers
    ]
    counts = []
    for some in (docs[:2], docs[2:]):
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            clock.at(DAY + timedelta(days=2)),
        ):
            add_scans(store, some, source="carrier", now=clock.now())
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


def test_a_number_used_again_is_of_the_order_that_the_news_name(store: Store) -> None:
    old = make_parcel(store)
    scan(store, scan_doc("delivered", PLACED + timedelta(days=3)), now=PLACED + timedelta(days=3))
    later = PLACED + timedelta(days=200)
    new = make_order(store, placed_at=later)
    scan(store, scan_doc("in_transit", later), now=later, order=new.number)
    assert [one.order_id for one in Parcel.objects.of(store).order_by("pk")] == [old.order_id, new.pk]


def test_a_number_without_letters_and_digits_is_nobodys(store: Store) -> None:
    parcel = make_parcel(store)
    Parcel.objects.of(store).update(tracking_number="", number_key="")
    answer = scan(store, scan_doc("delivered", PLACED + timedelta(days=3)), tracking_number="---")
    assert answer.reason.startswith("no_parcel")
    parcel.refresh_from_db()
    assert parcel.status == "label_created"


def test_a_number_told_later_takes_the_carrier_from_nobody(store: Store) -> None:
    parcel = make_parcel(store, carrier="GLS")
    Parcel.objects.of(store).update(tracking_number="", number_key="")
    scan(store, scan_doc("in_transit", PLACED + timedelta(days=3)), order=parcel.order.number, carrier="")
    parcel.refresh_from_db()
    assert (parcel.tracking_number, parcel.carrier) == (NUMBER, "GLS")


def test_news_name_the_carrier_that_the_shop_did_not(store: Store) -> None:
    parcel = make_parcel(store, tracking_number="XX123", carrier="")
    scan(store, scan_doc("in_transit", PLACED + timedelta(days=3)), tracking_number="XX123", carrier="gls")
    parcel.refresh_from_db()
    assert parcel.carrier_key == "gls"


def test_a_parcel_the_carrier_told_of_first_takes_the_carrier_of_the_shop(store: Store) -> None:
    order = make_order(store)
    at = PLACED + timedelta(days=1)
    scan(store, scan_doc("in_transit", at), now=at, order=order.number, tracking_number="XX123", carrier="")
    with clock.at(at):
        ship(order, tracking_number="XX123", carrier="DHL Express")
        run_until_idle()
    parcel = parcel_of(order)
    assert (parcel.carrier, parcel.carrier_key) == ("DHL Express", "dhlexpress")


@pytest.mark.parametrize("turn", [1, -1])
def test_the_hand_over_is_the_first_scan_however_they_arrive(store: Store, turn: int) -> None:
    order = make_order(store)
    first, second = PLACED + timedelta(days=1), PLACED + timedelta(days=2)
    for one in [scan_doc("picked_up", first), scan_doc("in_transit", second)][::turn]:
        scan(store, one, order=order.number)
    assert parcel_of(order).shipped_at == first


def test_news_of_one_call_may_mean_a_parcel_that_earlier_ones_made(store: Store) -> None:
    order = make_order(store)
    at = PLACED + timedelta(days=1)
    docs = [parcel_doc(scan_doc("picked_up", at), order=order.number), parcel_doc(scan_doc("in_transit", at))]
    assert [one.new for one in add_scans(store, docs, source="carrier", now=at)] == [1, 1]
