"""The mapping list: codes that nobody knows are counted, mapped once, and can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.console.tests.tools import signed_in
from thereafter.events.parcels import ParcelDelivered
from thereafter.kit import clock
from thereafter.stores.models import Audit, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions import codes
from thereafter.tracking.models import CarrierCode, Parcel, Scan
from thereafter.tracking.tests.carrier_server import an_adapter, known
from thereafter.tracking.tests.makers import make_parcel, parcel_of, scan, scan_doc

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 3, 6, 10, tzinfo=UTC)
PAGE = "/console/stride/parcels/codes/"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store)


def listed(store: Store) -> CarrierCode:
    return CarrierCode.objects.of(store).get()


def say(store: Store, staff: Staff, status: str, reason: str = "", now: datetime = FRIDAY) -> None:
    codes.map_code(listed(store), status=status, reason=reason, by=staff, now=now)
    with clock.at(now):
        run_until_idle(now)


def test_an_unknown_code_is_counted_once_per_scan_and_keeps_its_words(store: Store) -> None:
    make_parcel(store)
    first = scan_doc("", FRIDAY, code="X7", text="Left with goat")
    scan(store, first)
    scan(store, first, scan_doc("", FRIDAY + timedelta(hours=1), code="X7"))
    row = listed(store)
    assert (row.source, row.carrier_key, row.code, row.seen, row.text) == ("carrier", "dhl", "X7", 2, "Left with goat")


def test_a_code_that_the_carriers_documentation_lists_is_not_on_the_list(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, an_adapter())
    make_parcel(store)
    scan(store, scan_doc("", FRIDAY, code="known"), scan_doc("", FRIDAY, code="NEW"), source="testpost")
    assert listed(store).code == "NEW"


def test_a_mapped_code_moves_the_parcels_that_have_it_and_those_to_come(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("", FRIDAY, code="X7"), now=FRIDAY)
    say(store, staff, "delivered")
    parcel.refresh_from_db()
    assert parcel.status == "delivered"
    assert_recorded(ParcelDelivered, times=1)
    other = make_parcel(store, tracking_number="OTHER1", external_id="o2", number="2002")
    scan(store, scan_doc("", FRIDAY, code="X7"), now=FRIDAY, tracking_number="OTHER1")
    other.refresh_from_db()
    assert other.status == "delivered"
    assert listed(store).seen == 1


def test_what_is_mapped_long_after_it_happened_is_told_as_old(store: Store, staff: Staff) -> None:
    make_parcel(store)
    scan(store, scan_doc("", FRIDAY, code="X7"), now=FRIDAY)
    say(store, staff, "delivered", now=FRIDAY + timedelta(days=20))
    assert_recorded(ParcelDelivered, old=True)


def test_a_mapping_can_be_changed_and_taken_back(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", FRIDAY - timedelta(hours=2)), scan_doc("", FRIDAY, code="X7"), now=FRIDAY)
    say(store, staff, "exception", "weather")
    parcel.refresh_from_db()
    assert (parcel.status, parcel.reason) == ("exception", "weather")
    say(store, staff, "out_for_delivery")
    parcel.refresh_from_db()
    assert (parcel.status, parcel.reason) == ("out_for_delivery", "")
    codes.unmap_code(listed(store), by=staff, now=FRIDAY)
    run_until_idle(FRIDAY)
    parcel.refresh_from_db()
    assert parcel.status == "in_transit"
    assert listed(store).mapped_at is None
    verbs = Audit.objects.of(store).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["tracking.map_code", "tracking.map_code", "tracking.unmap_code"]


def test_a_mapping_leaves_alone_what_was_understood_by_itself(store: Store, staff: Staff) -> None:
    make_parcel(store)
    scan(store, scan_doc("picked_up", FRIDAY - timedelta(hours=3), code="X7"), scan_doc("", FRIDAY, code="X7"))
    say(store, staff, "in_transit")
    codes.unmap_code(listed(store), by=staff, now=FRIDAY)
    run_until_idle(FRIDAY)
    statuses = Scan.objects.of(store).filter(code="X7").order_by("occurred_at").values_list("status", flat=True)
    assert list(statuses) == ["picked_up", "unknown"]


def test_a_code_that_means_nothing_leaves_the_list_and_moves_nothing(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("", FRIDAY, code="X7"))
    say(store, staff, "")
    scan(store, scan_doc("", FRIDAY + timedelta(hours=1), code="X7"))
    parcel.refresh_from_db()
    assert (parcel.status, listed(store).seen) == ("label_created", 2)
    assert listed(store).mapped_at == FRIDAY


def test_a_mapping_goes_through_many_parcels_in_parts(
    store: Store, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "AT_ONCE", 2)
    for at in range(5):
        make_parcel(store, tracking_number=f"N{at}", number=f"{3000 + at}", external_id=f"n{at}")
        scan(store, scan_doc("", FRIDAY, code="X7"), tracking_number=f"N{at}")
    say(store, staff, "delivered")
    assert Parcel.objects.of(store).filter(status="delivered").count() == 5
    assert not listed(store).pending


def test_a_code_of_another_store_stays_as_it_is(store: Store, staff: Staff) -> None:
    other = make_store("other")
    for one in (store, other):
        make_parcel(one)
        scan(one, scan_doc("", FRIDAY, code="X7"))
    say(store, staff, "delivered")
    assert CarrierCode.objects.of(other).get().mapped_at is None
    assert Parcel.objects.of(other).get().status == "label_created"


def test_the_list_shows_what_is_to_map_and_takes_the_answer(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("", FRIDAY, code="X7", text="Left with goat"))
    browser: Client = signed_in(staff)
    page = browser.get(PAGE).content.decode()
    assert "Left with goat" in page
    assert parcel.tracking_number in page
    code = {"code": listed(store).pk, "meaning": "exception:customs_hold"}
    assert "1 parcel followed" in browser.post(PAGE, code, follow=True).content.decode()
    parcel.refresh_from_db()
    assert (parcel.status, parcel.reason) == ("exception", "customs_hold")
    assert "Every code is understood" in browser.get(PAGE).content.decode()
    assert "X7" in browser.get(PAGE, {"show": "mapped"}).content.decode()
    browser.post(PAGE, {"code": listed(store).pk, "action": "unmap"})
    parcel.refresh_from_db()
    assert parcel.status == "label_created"


def test_a_meaning_that_does_not_exist_changes_nothing(store: Store, staff: Staff) -> None:
    make_parcel(store)
    scan(store, scan_doc("", FRIDAY, code="X7"))
    browser: Client = signed_in(staff)
    assert (
        "Choose what X7 means"
        in browser.post(PAGE, {"code": listed(store).pk, "meaning": "lost"}, follow=True).content.decode()
    )
    assert browser.post(PAGE, {"code": "0", "meaning": "delivered"}).status_code == 404
    assert listed(store).mapped_at is None


def test_a_parcel_of_which_only_a_code_was_told_is_nowhere_again_when_that_is_unmapped(
    store: Store, staff: Staff
) -> None:
    order = make_order(store)
    at = PLACED + timedelta(days=1)
    scan(store, scan_doc("", at, code="Q9"), now=at, order=order.number)
    code = CarrierCode.objects.of(store).get()
    with clock.at(at):
        codes.map_code(code, status="delivered", by=staff, now=at)
        codes.apply_mapped(at)
        assert parcel_of(order).status == "delivered"
        codes.unmap_code(code, by=staff, now=at)
        codes.apply_mapped(at)
    parcel = parcel_of(order)
    assert (parcel.status, parcel.delivered_at, parcel.finished_at) == ("unknown", None, None)


def test_what_is_decided_while_the_last_decision_is_carried_out_is_carried_out_as_well(
    store: Store, staff: Staff
) -> None:
    order = make_order(store)
    at = PLACED + timedelta(days=1)
    scan(store, scan_doc("", at, code="Q9"), now=at, order=order.number)
    codes.map_code(CarrierCode.objects.of(store).get(), status="in_transit", by=staff, now=at)
    read_before = CarrierCode.objects.of(store).select_related("store").get()
    codes.map_code(CarrierCode.objects.of(store).get(), status="delivered", by=staff, now=at)
    with clock.at(at):
        codes.follow(read_before, at)
        codes.apply_mapped(at)
    assert parcel_of(order).status == "delivered"
