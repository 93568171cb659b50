"""Estimates that move while the promise stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.commerce.tests.makers import PLACED, make_order, ship
from thereafter.events.parcels import DeliveryEstimateMoved, ParcelFlagged
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions import estimates as actions
from thereafter.tracking.actions import forecasts
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.actions.settings import change_settings
from thereafter.tracking.models import Parcel, Promise
from thereafter.tracking.rules import estimates
from thereafter.tracking.rules.settings import Dates, Settings
from thereafter.tracking.tests.makers import make_parcel, parcel_doc, scan, scan_doc

THURSDAY = datetime(2026, 3, 5, 9, tzinfo=UTC)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(country="DE", time_zone="Europe/Berlin")


def told(parcel: Parcel) -> list[tuple[str, date, date]]:
    rows = Promise.objects.filter(order_id=parcel.order_id).order_by("sequence")
    return [(row.cause, row.expected_from, row.expected_to) for row in rows]


def deliver(store: Store, *days: int) -> None:
    """An order of a past Tuesday for each, handed over on Wednesday and there so many days after the order."""
    docs = []
    with clock.at(PLACED - timedelta(days=1)):
        for at, taken in enumerate(days):
            placed = PLACED - timedelta(weeks=at % 8 + 3)
            ship(make_order(store, number=f"p{at}", placed_at=placed), tracking_number=f"P{at}")
            docs.append(parcel_doc(scan_doc("delivered", placed + timedelta(days=taken)), tracking_number=f"P{at}"))
        run_until_idle()
        add_scans(store, docs, source="carrier", now=PLACED - timedelta(days=1))
    forecasts.refresh(store, PLACED)


def test_the_promise_stays_and_the_estimate_moves_with_the_hand_over(store: Store) -> None:
    parcel = make_parcel(store)
    with clock.at(THURSDAY + timedelta(days=3)):
        scan(store, scan_doc("in_transit", THURSDAY + timedelta(days=3)), now=THURSDAY + timedelta(days=3))
    parcel.refresh_from_db()
    assert parcel.promised_on == date(2026, 3, 10)
    assert told(parcel)[0] == ("placed", date(2026, 3, 5), date(2026, 3, 10))
    assert {row.promised_on for row in Promise.objects.filter(order_id=parcel.order_id)} == {date(2026, 3, 10)}


def test_on_the_van_it_comes_today(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("out_for_delivery", THURSDAY), now=THURSDAY)
    parcel.refresh_from_db()
    assert (parcel.expected_from, parcel.expected_to) == (THURSDAY.date(), THURSDAY.date())
    assert told(parcel)[-1] == ("carrier", THURSDAY.date(), THURSDAY.date())
    assert_recorded(DeliveryEstimateMoved, parcel_id=parcel.pk, expected_to=THURSDAY.date())


def test_a_van_that_did_not_come_is_forgotten_the_next_day(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("out_for_delivery", THURSDAY), now=THURSDAY)
    actions.look_ahead(store, THURSDAY + timedelta(days=1))
    parcel.refresh_from_db()
    assert parcel.expected_to
    assert parcel.expected_to > THURSDAY.date()


def test_whom_the_carrier_missed_it_visits_on_another_day(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("attempted", THURSDAY), now=THURSDAY)
    parcel.refresh_from_db()
    assert parcel.expected_from == date(2026, 3, 6)


def test_while_we_only_guess_the_carriers_own_day_is_taken(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", THURSDAY), now=THURSDAY, expected_to="2026-03-12T23:59:00-05:00")
    parcel.refresh_from_db()
    assert (parcel.expected_to, parcel.promised_on) == (date(2026, 3, 12), date(2026, 3, 10))
    assert (parcel.carrier_first_to, told(parcel)[-1][0]) == (date(2026, 3, 12), "carrier")


def test_a_merchant_may_never_trust_the_carrier(store: Store) -> None:
    change_settings(store, Settings(dates=Dates(carrier="never")), by=None, now=PLACED)
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", THURSDAY), now=THURSDAY, expected_to="2026-03-12")
    parcel.refresh_from_db()
    assert parcel.expected_to != date(2026, 3, 12)


def test_the_carriers_first_day_is_kept_for_measuring_it(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", THURSDAY), now=THURSDAY, expected_to="2026-03-12")
    scan(store, scan_doc("in_transit", THURSDAY + timedelta(hours=9)), now=THURSDAY, expected_to="2026-03-20")
    parcel.refresh_from_db()
    assert (parcel.carrier_first_to, parcel.carrier_to) == (date(2026, 3, 12), date(2026, 3, 20))


def test_where_deliveries_have_taught_us_silence_moves_the_day(store: Store) -> None:
    deliver(store, *[2] * 24, *[3] * 16, *[6] * 6)
    parcel = make_parcel(store)
    before = parcel.expected_to
    actions.look_ahead(store, PLACED + timedelta(days=8))
    parcel.refresh_from_db()
    assert before
    assert parcel.expected_to
    assert parcel.expected_to > before
    assert told(parcel)[-1][0] == "silence"


def test_looking_twice_tells_nothing_twice(store: Store) -> None:
    deliver(store, *[2] * 24, *[6] * 16)
    parcel = make_parcel(store)
    at = PLACED + timedelta(days=4)
    actions.look_ahead(store, at)
    rows, events = told(parcel), len(recorded(DeliveryEstimateMoved))
    actions.look_ahead(store, at + timedelta(minutes=1))
    assert (told(parcel), len(recorded(DeliveryEstimateMoved))) == (rows, events)


def test_a_parcel_that_stays_away_becomes_likely_to_be_late_and_is_flagged(store: Store) -> None:
    deliver(store, *[2] * 30, *[3] * 10, *[9] * 8)
    parcel = make_parcel(store, promised_on=date(2026, 3, 10))
    actions.look_ahead(store, PLACED + timedelta(days=1, hours=2))
    parcel.refresh_from_db()
    assert parcel.late_chance is not None
    assert parcel.late_chance < 0.4
    actions.look_ahead(store, PLACED + timedelta(days=6, hours=8))
    parcel.refresh_from_db()
    assert parcel.late_chance > 0.7
    assert_recorded(ParcelFlagged, parcel_id=parcel.pk, kind="delayed", cause="predicted")


def test_on_the_van_on_the_promised_day_nothing_is_late(store: Store) -> None:
    deliver(store, *[2] * 30, *[9] * 18)
    parcel = make_parcel(store, promised_on=date(2026, 3, 10))
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    scan(store, scan_doc("out_for_delivery", at), now=at)
    parcel.refresh_from_db()
    assert parcel.late_chance == 0


def test_what_waits_to_be_fetched_has_no_chance_of_being_late(store: Store) -> None:
    deliver(store, *[2] * 40)
    parcel = make_parcel(store)
    scan(store, scan_doc("available_for_pickup", THURSDAY), now=THURSDAY)
    parcel.refresh_from_db()
    assert parcel.late_chance is None


def test_two_parcels_of_an_order_count_their_estimates_in_turn(store: Store) -> None:
    with clock.at(PLACED + timedelta(days=1)):
        order = make_order(store)
        ship(order, external_id="a", tracking_number="A1", shipped_at=PLACED)
        ship(order, external_id="b", tracking_number="B2", shipped_at=PLACED)
        run_until_idle()
    van = [parcel_doc(scan_doc("out_for_delivery", THURSDAY), tracking_number=number) for number in ("A1", "B2")]
    add_scans(store, van, source="carrier", now=THURSDAY)
    rows = Promise.objects.filter(order=order).order_by("sequence")
    assert [row.sequence for row in rows] == list(range(len(rows)))
    assert {row.parcel_id for row in rows if row.expected_to == THURSDAY.date()} == set(
        Parcel.objects.filter(order=order).values_list("pk", flat=True)
    )


def test_news_of_long_ago_are_old(store: Store) -> None:
    make_parcel(store)
    scan(store, scan_doc("in_transit", THURSDAY), now=THURSDAY + timedelta(days=30))
    assert recorded(DeliveryEstimateMoved)[-1].old  # type: ignore[attr-defined]  # the stubs know only the base class


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 9), st.integers(0, 9), st.integers(-30, 30))
def test_a_range_never_begins_before_today(ordered: date, fast: int, more: int, passed: int) -> None:
    today = date.fromordinal(ordered.toordinal() + passed)
    first, last = estimates.from_today(ordered + timedelta(fast), ordered + timedelta(fast + more), today)
    assert today <= first <= last


def test_a_day_counts_in_a_narrow_range_and_a_quarter_of_a_wide_one() -> None:
    def fresh(days: int) -> estimates.Estimate:
        day = date(2026, 3, 10) + timedelta(days)
        return estimates.Estimate(day, day, day, day, "lane")

    narrow, wide = (date(2026, 3, 8), date(2026, 3, 10)), (date(2026, 2, 22), date(2026, 3, 10))
    assert [estimates.is_noticed(narrow, fresh(days)) for days in (0, 1, -1)] == [False, True, True]
    assert [estimates.is_noticed(wide, fresh(days)) for days in (3, 4, -4)] == [False, True, True]
