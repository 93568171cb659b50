import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from thereafter.commerce.documents import Address
from thereafter.commerce.tests.makers import PLACED
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.tracking import scorecard
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules.scorecard import (
    Course,
    Spread,
    days_change,
    share,
    share_change,
    spread,
    tally,
    whole_days,
)
from thereafter.tracking.scorecard import Window
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

PAGE = "/console/stride/parcels/scorecard/"
DUE = date(2026, 3, 9)
TODAY = datetime(2026, 3, 20, 9, tzinfo=UTC)
FRANCE = Address(name="Jeanne", city="Lyon", postcode="69001", country="FR")


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def staff(client: Client, store: Store) -> Client:
    client.force_login(make_staff(store, role="warehouse"))
    return client


def course(**facts: object) -> Course:
    told: Any = Course("dhl", "", "DE", DUE, DUE, 3.0, 2.0, 5.0, 4, False, False, False, False, False)
    made: Course = told._replace(**facts)
    return made


def window() -> Window:
    return Window(date(2026, 3, 1), date(2026, 3, 19))


def only(store: Store) -> Course:
    (one,) = scorecard.courses(store, window())
    return one


def page(staff: Client, query: str = "") -> str:
    with clock.at(TODAY):
        answer = staff.get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def lines(staff: Client, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page(staff, f"?format=csv{query}"))))


# rules


def test_wilsons_interval_is_the_published_one() -> None:
    found = share(8, 10)
    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)
    everyone = share(20, 20)
    assert everyone is not None
    assert (round(everyone.low, 3), round(everyone.high, 3)) == (0.839, 1.0)


def test_nine_parcels_are_too_few_to_say() -> None:
    assert share(9, 9) is None
    assert spread([1.0] * 9) is None
    assert spread([1.0] * 10) == Spread(1.0, 1.0)


def test_median_and_ninth_of_ten_are_by_nearest_rank() -> None:
    assert spread([float(day) for day in range(10, 0, -1)]) == Spread(5.0, 9.0)


def test_a_change_that_may_be_chance_is_none() -> None:
    assert share_change(share(18, 20), share(17, 20)) == 0
    assert share_change(share(900, 1000), share(800, 1000)) == pytest.approx(0.1)
    assert share_change(share(9, 10), None) is None
    assert days_change(Spread(3.0, 9.0), Spread(3.4, 9.0)) == 0
    assert days_change(Spread(3.0, 9.0), Spread(4.0, 9.0)) == -1


def test_what_never_came_is_not_on_time_and_what_turned_up_is_not_lost() -> None:
    sums = tally(
        [
            course(),
            course(delivered_on=DUE + timedelta(days=1)),
            course(delivered_on=DUE - timedelta(days=1), lost=True),
            course(delivered_on=None, door_days=None, carried_days=None, lost=True),
        ]
    )
    assert (sums.parcels, sums.delivered, sums.on_time, sums.early, sums.lost) == (4, 3, 2, 1, 1)


def test_days_are_counted_up_to_the_longest_that_is_drawn() -> None:
    assert whole_days([0.2, 1.0, 1.1, 3.0, 99.0], 3) == [2, 1, 2]


# what is read


def test_a_delivered_parcel_is_measured_from_order_and_hand_over_to_the_door(store: Store) -> None:
    make_parcel(store, promised_on=DUE)
    handed_over = PLACED + timedelta(days=1)
    scan(
        store,
        scan_doc("picked_up", handed_over + timedelta(hours=6)),
        scan_doc("delivered", handed_over + timedelta(days=2)),
        service="Express",
    )
    one = only(store)
    assert (one.carrier, one.service, one.country) == ("dhl", "Express", "DE")
    assert (one.promised_on, one.delivered_on) == (DUE, date(2026, 3, 6))
    assert [one.door_days, one.carried_days, one.silent_hours] == pytest.approx([3, 2, 6], abs=1e-3)
    assert one.scans == Parcel.objects.get().scans.count()


def test_trouble_on_the_way_is_counted_even_when_it_is_over(store: Store) -> None:
    make_parcel(store, promised_on=DUE)
    scan(
        store,
        scan_doc("exception", PLACED + timedelta(days=2), reason="carrier_damaged"),
        scan_doc("exception", PLACED + timedelta(days=3), reason="weather"),
        scan_doc("attempted", PLACED + timedelta(days=4)),
        scan_doc("delivered", PLACED + timedelta(days=5)),
    )
    one = only(store)
    assert (one.exception, one.attempted, one.damaged, one.lost, one.returned) == (True, True, True, False, False)


def test_without_the_shops_word_nobody_knows_how_long_the_carrier_was_silent(store: Store) -> None:
    make_parcel(store, promised_on=DUE)
    scan(store, scan_doc("picked_up", PLACED + timedelta(days=2)))
    Parcel.objects.update(fulfilment=None)
    assert only(store).silent_hours is None


def test_cancelled_parcels_those_of_other_days_and_of_other_stores_do_not_count(store: Store) -> None:
    make_parcel(store, number="1", tracking_number="A1", promised_on=DUE)
    scan(store, scan_doc("cancelled", PLACED + timedelta(days=2)), tracking_number="A1")
    make_parcel(store, number="2", tracking_number="B2", promised_on=date(2026, 4, 9))
    make_parcel(make_store("other"), number="3", tracking_number="C3", promised_on=DUE)
    assert scorecard.courses(store, window()) == []


def test_on_the_way_now_counts_every_open_parcel_and_those_past_their_day(store: Store) -> None:
    make_parcel(store, number="1", tracking_number="A1", promised_on=DUE)
    make_parcel(store, number="2", tracking_number="B2", promised_on=date(2026, 4, 9))
    (kind,) = scorecard.under_way(store, TODAY.date())
    assert (kind.carrier, kind.parcels, kind.overdue) == ("dhl", 2, 1)


def test_the_days_before_are_kept_apart(store: Store) -> None:
    early, now = course(promised_on=DUE - timedelta(days=30)), course()
    days = Window(DUE - timedelta(days=6), DUE)
    (row,) = scorecard.rows([early, now, now], [], days, lambda one: one.carrier)
    assert (row.now.parcels, row.before.parcels) == (2, 1)
    assert days.before == Window(DUE - timedelta(days=13), DUE - timedelta(days=7))


def test_many_parcels_take_as_many_queries_as_one(
    store: Store, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        make_parcel(store, number=str(number), tracking_number=f"N{number}", promised_on=DUE)
    with django_assert_num_queries(4):
        scorecard.courses(store, window())
        scorecard.under_way(store, DUE)
        scorecard.names(store, ["dhl"])


# the page


def test_without_parcels_the_page_says_how_it_fills(staff: Client) -> None:
    assert "No parcel was promised for these days" in page(staff)


def test_few_parcels_are_counted_and_not_judged(staff: Client, store: Store) -> None:
    make_parcel(store, promised_on=DUE)
    text = page(staff)
    assert "too few to say" in text
    assert "0 of 1" in text


def fill(store: Store) -> None:
    """Twelve parcels of UPS, one of them too late, and one of DHL to France."""
    for number in range(12):
        make_parcel(store, number=str(number), tracking_number=f"UPS{number}", carrier="ups", promised_on=DUE)
        came = PLACED + timedelta(days=9 if not number else 3)
        scan(store, scan_doc("delivered", came), tracking_number=f"UPS{number}", carrier="ups")
    make_parcel(store, number="99", tracking_number="DHL99", promised_on=DUE, shipping_address=FRANCE)


def test_carriers_stand_side_by_side_with_shares_and_their_intervals(staff: Client, store: Store) -> None:
    fill(store)
    text = page(staff)
    assert "92%" in text
    assert "65% – 99%" in text
    assert "carrier=ups" in text
    ups, dhl = lines(staff)
    assert (ups["name"], ups["parcels"], ups["on_time"], ups["on_time_share"]) == ("UPS", "12", "11", "0.9167")
    assert (dhl["name"], dhl["parcels"], dhl["on_time_share"], dhl["overdue_now"]) == ("DHL", "1", "", "1")


def test_one_carrier_is_shown_by_service_and_by_country(staff: Client, store: Store) -> None:
    fill(store)
    assert [(line["by"], line["name"]) for line in lines(staff, "&carrier=dhl")] == [
        ("service", ""),
        ("country", "France"),
    ]
    assert "Service not told" in page(staff, "?carrier=dhl")


@pytest.mark.parametrize("query", ["?days=nonsense", "?carrier=nobody", "?days=365&carrier=%00", "?days="])
def test_what_makes_no_sense_is_passed_over(staff: Client, store: Store, query: str) -> None:
    make_parcel(store, promised_on=DUE)
    assert "Carriers" in page(staff, query)


def test_no_name_is_a_formula_in_a_spreadsheet(staff: Client, store: Store) -> None:
    make_parcel(store, carrier='=HYPERLINK("x")', promised_on=DUE)
    assert lines(staff)[0]["name"].startswith("'=")


def test_an_empty_table_still_has_its_head(staff: Client) -> None:
    assert page(staff, "?format=csv").strip() == "by,name,parcels"


def test_who_may_not_read_parcels_does_not_see_it(client: Client, store: Store) -> None:
    assert client.get(PAGE).status_code == 302
