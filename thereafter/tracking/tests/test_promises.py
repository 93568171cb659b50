"""What is promised, what is learnt, and who is late."""

from datetime import UTC, date, datetime, timedelta

import pytest

from thereafter.commerce.documents import Address
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.events.parcels import ParcelLate
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.late import find_late
from thereafter.tracking.actions.promises import promise, refresh_lanes
from thereafter.tracking.models import Lane, Promise
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def promised(store: Store, number: str, **fields: object) -> Promise:
    with clock.at(PLACED):
        order = make_order(store, number=number, **fields)  # type: ignore[arg-type]
        run_until_idle()
    return Promise.objects.get(order=order)


def deliver(store: Store, count: int, days: int) -> None:
    for at in range(count):
        number = f"{days}-{at}"
        make_parcel(store, number=number, tracking_number=number)
        scan(store, scan_doc("delivered", PLACED + timedelta(days=days)), tracking_number=number)


def test_what_the_shop_promised_holds(store: Store) -> None:
    kept = promised(store, "1", promised_on=date(2026, 3, 9))
    assert (kept.promised_on, kept.expected_to, kept.source) == (date(2026, 3, 9), date(2026, 3, 9), "shop")


def test_without_past_deliveries_a_plain_guess_is_promised_and_says_so(store: Store) -> None:
    kept = promised(store, "1")
    assert (kept.expected_from, kept.promised_on, kept.source) == (date(2026, 3, 5), date(2026, 3, 10), "default")


def test_past_deliveries_of_the_lane_make_the_promise(store: Store) -> None:
    deliver(store, 16, 2)
    deliver(store, 6, 4)
    assert refresh_lanes(store, PLACED + timedelta(days=10)) == 2  # the country, and the store
    kept = promised(store, "new")
    assert (kept.expected_from, kept.promised_on, kept.source, kept.lane) == (
        date(2026, 3, 5),
        date(2026, 3, 7),
        "lane",
        "DE",
    )


def test_another_country_falls_back_to_the_store(store: Store) -> None:
    deliver(store, 20, 3)
    refresh_lanes(store, PLACED + timedelta(days=10))
    assert promised(store, "new", shipping_address=Address(country="FR")).lane == ""


def test_lanes_that_are_not_used_any_more_are_forgotten(store: Store) -> None:
    deliver(store, 20, 3)
    refresh_lanes(store, PLACED + timedelta(days=10))
    refresh_lanes(store, PLACED + timedelta(days=900))
    assert not Lane.objects.of(store).exists()


def test_a_promise_is_made_once(store: Store) -> None:
    kept = promised(store, "1")
    promise(store, [kept.order_id], PLACED + timedelta(days=3))
    assert Promise.objects.of(store).count() == 1


def test_an_overdue_parcel_is_told_once_when_the_day_is_over_where_the_shop_is(store: Store) -> None:
    parcel = make_parcel(store, promised_on=date(2026, 3, 5))
    almost = datetime(2026, 3, 5, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    with clock.at(almost):
        assert find_late(store, almost) == 0
        assert find_late(store, almost + timedelta(minutes=2)) == 1
        assert find_late(store, almost + timedelta(hours=5)) == 0
    assert_recorded(ParcelLate, parcel_id=parcel.pk, promised_on=date(2026, 3, 5))


def test_a_delivered_parcel_is_never_found_overdue(store: Store) -> None:
    make_parcel(store, promised_on=date(2026, 3, 5))
    scan(store, scan_doc("delivered", "2026-03-05T10:00:00+01:00"))
    assert find_late(store, PLACED + timedelta(days=90)) == 0
    assert recorded(ParcelLate) == []
