"""Flags: what is not as it should be goes up with its cause, comes down by itself, and is told once each way."""

from datetime import UTC, date, datetime, timedelta

import pytest

from thereafter.commerce.tests.makers import make_order, ship
from thereafter.events.parcels import ParcelFlagCleared, ParcelFlagged, ParcelLate
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.flags import clear_flag, look_again, lower_flag, raise_flag, watch_fulfilment
from thereafter.tracking.actions.settings import change_settings
from thereafter.tracking.models import Flag, Parcel
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules.settings import Settings, Warehouse
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 3, 3, 9, tzinfo=UTC)
FAR = date(2026, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store()


def up(parcel: Parcel) -> dict[str, str]:
    """The flags of a parcel; the row and the list on the parcel must say the same."""
    parcel.refresh_from_db()
    rows = dict(Flag.objects.of(parcel.store_id).up().filter(parcel=parcel).values_list("kind", "cause"))
    assert rows == parcel.flags
    return rows


def look(store: Store, at: datetime) -> None:
    with clock.at(at):
        look_again(store, at)


def test_a_promised_day_that_is_over_where_the_shop_is_is_told_once(store: Store) -> None:
    parcel = make_parcel(store, promised_on=date(2026, 3, 5))
    scan(store, scan_doc("in_transit", "2026-03-05T10:00:00+01:00"), now=datetime(2026, 3, 5, 10, tzinfo=UTC))
    almost = datetime(2026, 3, 5, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    look(store, almost)
    assert up(parcel) == {}
    for hours in (0.1, 5, 11):
        look(store, almost + timedelta(hours=hours))
    assert up(parcel) == {"overdue": ""}
    assert_recorded(ParcelLate, times=1, parcel_id=parcel.pk, promised_on=date(2026, 3, 5), old=False)


def test_a_delivery_clears_what_was_wrong_and_nothing_comes_back(store: Store) -> None:
    parcel = make_parcel(store, promised_on=date(2026, 3, 5))
    look(store, datetime(2026, 3, 6, 12, tzinfo=UTC))
    scan(store, scan_doc("delivered", "2026-03-06T15:00:00+01:00"), now=datetime(2026, 3, 6, 15, tzinfo=UTC))
    assert up(parcel) == {}
    assert_recorded(ParcelFlagCleared, times=1, kind="overdue", by="delivered")
    look(store, TUESDAY + timedelta(days=90))
    assert up(parcel) == {}
    assert len(recorded(ParcelLate)) == 1


def test_a_label_that_nobody_scans_is_stalled_before_the_carrier_has_it(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)  # handed over on Wednesday
    handed_over = parcel.shipped_at
    assert handed_over
    look(store, handed_over + timedelta(hours=47))
    assert up(parcel) == {}
    look(store, handed_over + timedelta(hours=49))
    assert up(parcel) == {"stalled": "pre_transit"}
    assert_recorded(ParcelFlagged, times=1, kind="stalled", cause="pre_transit", parcel_id=parcel.pk)


def test_the_next_scan_clears_a_stall(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    later = TUESDAY + timedelta(days=6)
    look(store, later)
    scan(store, scan_doc("picked_up", later + timedelta(hours=1)), now=later + timedelta(hours=2))
    assert up(parcel) == {}
    assert_recorded(ParcelFlagCleared, times=1, kind="stalled", cause="pre_transit", by="news")


def test_weekends_are_no_silence(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    friday = datetime(2026, 3, 6, 12, tzinfo=UTC)
    scan(store, scan_doc("in_transit", friday), now=friday)
    monday = datetime(2026, 3, 9, 12, tzinfo=UTC)  # DHL brings parcels on Saturdays: 48 of 96 hours have passed
    look(store, monday + timedelta(hours=47))
    assert up(parcel) == {}
    look(store, monday + timedelta(hours=49))
    assert up(parcel) == {"stalled": "transit", "delayed": "stalled"}


def test_public_holidays_are_no_silence(store: Store) -> None:
    parcel = make_parcel(store, placed_at=datetime(2026, 3, 30, 9, tzinfo=UTC), promised_on=FAR)
    thursday = datetime(2026, 4, 2, 12, tzinfo=UTC)  # then come Good Friday, Saturday, Easter Sunday and Monday
    scan(store, scan_doc("in_transit", thursday), now=thursday)
    look(store, datetime(2026, 4, 9, 9, tzinfo=UTC))
    assert up(parcel) == {}
    look(store, datetime(2026, 4, 9, 13, tzinfo=UTC))
    assert "stalled" in up(parcel)


def test_a_parcel_that_waits_for_its_receiver_is_not_stalled(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=3)
    scan(store, scan_doc("available_for_pickup", at), now=at)
    look(store, at + timedelta(days=20))
    assert up(parcel) == {}


def test_the_carriers_word_later_is_a_delay_until_it_says_on_time_again(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    scan(store, scan_doc("in_transit", at, code="DY", delayed=True), now=at)
    assert up(parcel) == {"delayed": "carrier"}
    scan(store, scan_doc("in_transit", at + timedelta(hours=2), code="OK"), now=at + timedelta(hours=3))
    assert up(parcel) == {"delayed": "carrier"}
    again = at + timedelta(hours=5)
    scan(store, scan_doc("in_transit", again, code="OT", delayed=False), now=again)
    assert up(parcel) == {}
    assert_recorded(ParcelFlagged, times=1, kind="delayed", cause="carrier")
    assert_recorded(ParcelFlagCleared, times=1, kind="delayed", cause="carrier")


def test_the_order_in_which_words_on_the_date_arrive_changes_nothing(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    scan(store, scan_doc("in_transit", at + timedelta(hours=5), code="OT", delayed=False), now=at + timedelta(hours=6))
    scan(store, scan_doc("in_transit", at, code="DY", delayed=True), now=at + timedelta(hours=7))
    assert up(parcel) == {}


def test_an_exception_is_up_with_its_reason_until_the_parcel_goes_on(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    scan(store, scan_doc("exception", at, reason="weather"), now=at)
    assert up(parcel) == {"exception": "weather"}
    scan(store, scan_doc("exception", at + timedelta(hours=1), reason="customs_hold"), now=at + timedelta(hours=1))
    assert up(parcel) == {"exception": "customs_hold"}
    assert_recorded(ParcelFlagged, times=1, kind="exception")
    scan(store, scan_doc("in_transit", at + timedelta(hours=9)), now=at + timedelta(hours=9))
    assert up(parcel) == {}


def test_a_number_the_carrier_does_not_know_is_flagged_until_it_does(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=1, hours=3)
    scan(store, now=at, unknown_number=True)
    assert up(parcel) == {}  # carriers know a number only some hours after its label
    at += timedelta(days=1)
    look(store, at)
    assert up(parcel) == {"invalid_number": ""}
    scan(store, scan_doc("picked_up", at), now=at + timedelta(hours=1))
    assert up(parcel) == {}


def test_an_import_of_old_scans_flags_and_notifies_nobody(store: Store) -> None:
    make_parcel(store, placed_at=TUESDAY, promised_on=date(2026, 3, 6))
    at = TUESDAY + timedelta(days=2)
    long_after = TUESDAY + timedelta(days=40)
    scan(store, scan_doc("exception", at, reason="weather"), now=long_after)
    look(store, long_after)
    told = [event.payload() for event in (*recorded(ParcelFlagged), *recorded(ParcelLate))]
    assert told
    assert all(fact["old"] for fact in told)


def test_an_order_of_which_nothing_leaves_is_stalled_in_fulfilment_until_it_leaves(store: Store) -> None:
    placed = datetime(2026, 3, 6, 9, tzinfo=UTC)  # a Friday: the weekend does not count
    with clock.at(placed):
        order = make_order(store, placed_at=placed)
        run_until_idle()
    assert watch_fulfilment(store, placed + timedelta(hours=119)) == 0
    late = placed + timedelta(hours=121)
    with clock.at(late):
        assert watch_fulfilment(store, late) == 1
        assert watch_fulfilment(store, late) == 0
        assert_recorded(ParcelFlagged, times=1, kind="stalled", cause="fulfilment", parcel_id=0, order_id=order.pk)
        ship(order, tracking_number="1Z1")
        run_until_idle()
        watch_fulfilment(store, late)
    assert_recorded(ParcelFlagCleared, times=1, kind="stalled", cause="fulfilment", by="shop")
    assert not Flag.objects.of(store).up().filter(parcel__isnull=True).exists()


def test_a_warehouse_that_is_closed_is_not_silent(store: Store) -> None:
    closed = tuple(date(2026, 3, day) for day in range(9, 14))
    change_settings(store, Settings(warehouse=Warehouse(closed=closed)), by=None, now=TUESDAY)
    placed = datetime(2026, 3, 6, 9, tzinfo=UTC)
    make_order(store, placed_at=placed)
    assert watch_fulfilment(store, placed + timedelta(hours=121)) == 0
    assert watch_fulfilment(store, placed + timedelta(hours=121, days=7)) == 1


def test_what_a_person_raised_stays_until_a_person_has_seen_to_it(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    assert raise_flag(parcel.order, parcel, "reported", "damaged", now=TUESDAY + timedelta(days=2))
    assert not raise_flag(parcel.order, parcel, "reported", "damaged", now=TUESDAY + timedelta(days=3))
    scan(store, scan_doc("delivered", TUESDAY + timedelta(days=3)), now=TUESDAY + timedelta(days=3))
    assert up(parcel) == {"reported": "damaged"}
    flag = Flag.objects.of(store).up().get()
    assert clear_flag(flag, by=make_staff(store), now=TUESDAY + timedelta(days=4))
    assert not clear_flag(flag, by=make_staff(store, email="other@example.com"), now=TUESDAY + timedelta(days=4))
    assert up(parcel) == {}
    assert_recorded(ParcelFlagCleared, times=1, kind="reported", by="staff")


def test_what_follows_from_scans_stays_up_but_need_not_be_watched(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    scan(store, scan_doc("exception", at, reason="weather"), now=at)
    assert clear_flag(Flag.objects.of(store).get(), by=make_staff(store), now=at)
    assert up(parcel) == {"exception": "weather"}
    assert not Flag.objects.of(store).to_do().exists()


def test_the_age_limit_is_the_merchants(store: Store) -> None:
    assert settings_of(store).notify_within_hours == 72
    change_settings(store, Settings(notify_within_hours=24), by=None, now=TUESDAY)
    make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    scan(store, scan_doc("exception", at, reason="weather"), now=at + timedelta(hours=25))
    assert_recorded(ParcelFlagged, times=1, old=True)


def test_a_flag_raised_on_an_old_copy_of_the_parcel_takes_nothing_down(store: Store) -> None:
    old = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    scan(store, scan_doc("exception", at, reason="weather"), now=at)
    raise_flag(old.order, old, "reported", "damaged", now=at)
    assert up(old) == {"reported": "damaged", "exception": "weather"}


def test_a_flag_that_is_down_is_not_taken_down_again(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    raise_flag(parcel.order, parcel, "polling_expired", now=at)
    flag = Flag.objects.of(store).select_related("parcel", "order").get()
    scan(store, scan_doc("delivered", at), now=at)
    lower_flag(flag, why="news", now=at)
    assert_recorded(ParcelFlagCleared, times=1, kind="polling_expired", by="delivered")


def test_trouble_of_another_kind_is_to_be_seen_to_again(store: Store) -> None:
    make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2)
    scan(store, scan_doc("exception", at, reason="weather"), now=at)
    clear_flag(Flag.objects.of(store).get(), by=make_staff(store), now=at)
    scan(store, scan_doc("exception", at + timedelta(hours=1), reason="carrier_lost"), now=at + timedelta(hours=1))
    assert Flag.objects.of(store).to_do().get().cause == "carrier_lost"


def test_orders_of_an_import_that_never_left_notify_nobody(store: Store) -> None:
    with clock.at(TUESDAY):
        make_order(store, placed_at=TUESDAY - timedelta(days=50))
        run_until_idle()
        watch_fulfilment(store, TUESDAY)
    assert_recorded(ParcelFlagged, times=1, kind="stalled", cause="fulfilment", old=True)


def test_a_number_that_the_shop_corrected_is_not_the_one_nobody_knows(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    at = TUESDAY + timedelta(days=2, hours=3)
    scan(store, now=at, unknown_number=True)
    assert up(parcel) == {"invalid_number": ""}
    with clock.at(at):
        ship(parcel.order, tracking_number="1Z999AA10123456784", carrier="ups")
        run_until_idle()
    assert up(parcel) == {}
