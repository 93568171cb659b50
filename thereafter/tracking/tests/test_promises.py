"""What is promised when an order is placed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from thereafter.commerce.documents import Address
from thereafter.commerce.tests.makers import PLACED, make_order, ship
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions import forecasts
from thereafter.tracking.actions.promises import promise
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.actions.settings import change_settings
from thereafter.tracking.models import ForecastTable, Promise
from thereafter.tracking.rules.settings import Carrier, Dates, Settings, Warehouse
from thereafter.tracking.tests.makers import make_parcel, parcel_doc, scan, scan_doc

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="DE", time_zone="Europe/Berlin")


def promised(store: Store, number: str, **fields: object) -> Promise:
    with clock.at(PLACED):
        order = make_order(store, number=number, **fields)  # type: ignore[arg-type]  # keywords from a dictionary
        run_until_idle()
    return Promise.objects.get(order=order)


def deliver(store: Store, count: int, days: int) -> None:
    """Orders of as many Tuesdays, each handed over on Wednesday and there so many days after the order."""
    docs = []
    with clock.at(PLACED - timedelta(days=1)):
        for at in range(count):
            number, placed = f"{days}-{at}", PLACED - timedelta(weeks=at % 8 + 2)
            ship(make_order(store, number=number, placed_at=placed), tracking_number=number)
            docs.append(
                parcel_doc(scan_doc("delivered", placed + timedelta(days=days, hours=4)), tracking_number=number)
            )
        run_until_idle()
        add_scans(store, docs, source="carrier", now=PLACED - timedelta(days=1))


def setting(store: Store, **parts: object) -> None:
    change_settings(store, Settings(**parts), by=None, now=PLACED)  # type: ignore[arg-type]  # keywords from a dictionary


def test_what_the_shop_promised_holds(store: Store) -> None:
    kept = promised(store, "1", promised_on=date(2026, 3, 9))
    assert (kept.promised_on, kept.expected_to, kept.source) == (date(2026, 3, 9), date(2026, 3, 9), "shop")


def test_without_past_deliveries_a_plain_guess_is_promised_and_says_so(store: Store) -> None:
    kept = promised(store, "1")
    assert (kept.expected_from, kept.promised_on, kept.source) == (date(2026, 3, 5), date(2026, 3, 10), "default")
    assert (kept.likely_on, kept.coverage) == (date(2026, 3, 7), None)


def test_the_carriers_stated_days_are_better_than_a_guess(store: Store) -> None:
    setting(store, carriers={"dhl": Carrier(transit_days=(1, 2))}, uses=("dhl",))
    kept = promised(store, "1")
    assert (kept.expected_from, kept.promised_on, kept.source) == (date(2026, 3, 4), date(2026, 3, 6), "calendar")


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        # Wednesday 23 December: the last minute that still counts, and the first that does not. The 25th and 26th are
        # holidays, the warehouse does not pack on Saturdays, the carrier does not deliver on Sundays.
        ("2026-12-23T13:59:00+01:00", date(2026, 12, 24), date(2026, 12, 29)),
        ("2026-12-23T14:00:00+01:00", date(2026, 12, 24), date(2026, 12, 29)),
        ("2026-12-23T14:01:00+01:00", date(2026, 12, 28), date(2026, 12, 30)),
        # Saturday begins on Monday.
        ("2026-11-21T09:00:00+01:00", date(2026, 11, 24), date(2026, 11, 26)),
    ],
)
def test_cut_off_weekends_and_holidays_count(store: Store, at: str, first: date, last: date) -> None:
    setting(store, carriers={"dhl": Carrier(transit_days=(1, 2))}, uses=("dhl",))
    kept = promised(store, "1", placed_at=datetime.fromisoformat(at))
    assert (kept.expected_from, kept.promised_on) == (first, last)


def test_the_cut_off_is_read_on_the_warehouses_clock(store: Store) -> None:
    setting(
        store,
        warehouse=Warehouse(time_zone="America/New_York", country="US", processing_days=(0, 0)),
        carriers={"ups": Carrier(transit_days=(1, 1))},
        uses=("ups",),
    )
    address = Address(country="US", region="NY", postcode="10001")
    before = promised(store, "1", placed_at=datetime(2026, 3, 3, 18, 59, tzinfo=UTC), shipping_address=address)
    after = promised(store, "2", placed_at=datetime(2026, 3, 3, 19, 1, tzinfo=UTC), shipping_address=address)
    assert (before.promised_on, after.promised_on) == (date(2026, 3, 4), date(2026, 3, 5))


def test_days_at_the_door_are_those_of_the_destination(store: Store) -> None:
    """Handed over on Tuesday evening in Los Angeles, it is Wednesday in Sydney."""
    setting(store, warehouse=Warehouse(time_zone="America/Los_Angeles", country="US", processing_days=(0, 0)))
    kept = promised(
        store, "1", placed_at=datetime(2026, 3, 3, 18, tzinfo=UTC), shipping_address=Address(country="AU", region="NSW")
    )
    assert kept.expected_from == date(2026, 3, 10)  # five days of the carrier, of which Sunday is none


def test_closed_days_of_the_warehouse_and_days_without_pickup_count(store: Store) -> None:
    setting(
        store,
        warehouse=Warehouse(closed=(date(2026, 3, 3), date(2026, 3, 4)), processing_days=(0, 0)),
        carriers={"dhl": Carrier(transit_days=(1, 1), pickup_weekdays=(0,))},
        uses=("dhl",),
    )
    assert promised(store, "1").promised_on == date(2026, 3, 10)  # packed on Thursday, picked up on Monday


def test_past_deliveries_of_the_lane_make_the_promise(store: Store) -> None:
    deliver(store, 36, 3)
    deliver(store, 4, 6)
    assert forecasts.refresh(store, PLACED)
    kept = promised(store, "new")
    assert (kept.likely_on, kept.source, kept.coverage) == (date(2026, 3, 6), "lane", 0.8)
    assert kept.expected_from <= date(2026, 3, 6) < kept.promised_on
    assert "dhl" in kept.lane


def test_a_cautious_merchant_promises_later(store: Store) -> None:
    deliver(store, 30, 3)
    deliver(store, 10, 8)
    forecasts.refresh(store, PLACED)
    setting(store, dates=Dates(on_time=0.6))
    bold = promised(store, "bold")
    setting(store, dates=Dates(on_time=0.98))
    assert bold.promised_on < promised(store, "careful").promised_on


def test_a_weekend_on_the_way_makes_no_lane_slow(store: Store) -> None:
    """What took from Tuesday to Thursday takes from Friday to Tuesday: nobody packs on a weekend."""
    deliver(store, 40, 2)
    forecasts.refresh(store, PLACED)
    friday = promised(store, "friday", placed_at=PLACED + timedelta(days=3))
    assert friday.likely_on == date(2026, 3, 10)


def test_a_handful_of_deliveries_says_too_little(store: Store) -> None:
    deliver(store, 5, 2)
    forecasts.refresh(store, PLACED)
    assert promised(store, "new").source == "default"


def test_nothing_is_learnt_from_nothing(store: Store) -> None:
    assert not forecasts.refresh(store, PLACED)
    assert not ForecastTable.objects.of(store).exists()


def test_it_is_learnt_once_a_week_or_when_much_is_new(store: Store) -> None:
    deliver(store, 12, 2)
    assert forecasts.refresh(store, PLACED)
    assert not forecasts.refresh(store, PLACED + timedelta(days=1))
    assert not forecasts.refresh(store, PLACED + timedelta(days=8))  # nothing came since
    make_parcel(store, number="late", tracking_number="late")
    scan(store, scan_doc("delivered", PLACED + timedelta(days=2)), tracking_number="late")
    assert forecasts.refresh(store, PLACED + timedelta(days=9))


def test_a_promise_is_made_once(store: Store) -> None:
    kept = promised(store, "1")
    promise(store, [kept.order_id], PLACED + timedelta(days=3))
    assert Promise.objects.of(store).count() == 1
