"""Several workers, shoppers and people of the shop at once: one parcel, one flag, one truth."""

import random
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, ship
from thereafter.commerce.tests.test_races import at_once
from thereafter.events.parcels import ParcelShipped
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions import intake, reports
from thereafter.tracking.actions.flags import clear_flag, look_again
from thereafter.tracking.actions.parcels import open_parcels
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.models import CarrierCode, Flag, Parcel, Scan
from thereafter.tracking.rules import states
from thereafter.tracking.tests.makers import make_parcel, parcel_doc, scan_doc

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
TUESDAY = datetime(2026, 3, 3, 9, tzinfo=UTC)
AT = TUESDAY + timedelta(days=1)
FAR = date(2026, 6, 30)


@pytest.fixture
def store() -> Store:
    return make_store()


def orders(store: Store, many: int) -> list[Order]:
    with clock.at(TUESDAY):
        made = [make_order(store, number=str(1001 + at), placed_at=TUESDAY, promised_on=FAR) for at in range(many)]
        run_until_idle()
    return made


def picked_up(order: Order) -> ParcelDoc:
    return parcel_doc(scan_doc("picked_up", AT), order=order.number, tracking_number=f"N{order.number}")


def flags_agree(parcel: Parcel) -> bool:
    up = Flag.objects.of(parcel.store_id).up().filter(parcel=parcel)
    return Parcel.objects.get(pk=parcel.pk).flags == dict(up.values_list("kind", "cause"))


def test_a_parcel_that_many_workers_hear_of_first_is_made_once(store: Store) -> None:
    docs = [picked_up(order) for order in orders(store, 5)]
    errors = at_once(*[lambda at=at: add_scans(store, docs, source=f"s{at}", now=AT) for at in range(6)])
    assert errors == []
    assert Parcel.objects.count() == Scan.objects.count() == 5
    assert_recorded(ParcelShipped, times=5)


def test_a_parcel_of_which_shop_and_carrier_tell_at_once_is_made_once(store: Store) -> None:
    made = orders(store, 5)
    shipped = [ship(one, tracking_number=f"N{one.number}", external_id=f"f{one.number}").pk for one in made]
    docs = [picked_up(one) for one in made]
    carriers = [lambda: add_scans(store, docs, source="carrier", now=AT)] * 3
    errors = at_once(*carriers, *[lambda: open_parcels(store, shipped, AT)] * 3)
    assert errors == []
    assert Parcel.objects.filter(fulfilment__isnull=False).count() == Parcel.objects.count() == 5


def test_scans_reports_and_people_that_change_the_flags_at_once_lose_none(store: Store) -> None:
    parcel = make_parcel(store, placed_at=TUESDAY, promised_on=FAR)
    staff = make_staff(store)
    for turn in range(8):
        now = AT + timedelta(hours=2 * (turn + 1))
        doc = parcel_doc(scan_doc("in_transit" if turn % 2 else "exception", now, reason="" if turn % 2 else "weather"))

        def hear(doc: ParcelDoc = doc, now: datetime = now) -> None:
            add_scans(store, [doc], source="carrier", now=now)

        def report(now: datetime = now) -> None:
            reports.report(parcel.order, Parcel.objects.get(pk=parcel.pk), reports.Problem(kind="damaged"), now)

        def clear(now: datetime = now) -> None:
            up = Flag.objects.of(store).up().filter(kind="reported").select_related("parcel", "order")
            for flag in up:
                clear_flag(flag, by=staff, now=now)

        def look(now: datetime = now) -> None:
            look_again(store, now)

        errors = at_once(hear, hear, report, report, clear, look)
        assert errors == []
        assert flags_agree(parcel)


def test_workers_that_drain_scans_of_the_same_parcels_from_several_sources_take_turns(store: Store) -> None:
    made = orders(store, 30)
    with clock.at(AT):
        for one in made:
            ship(one, tracking_number=f"N{one.number}", external_id=f"f{one.number}")
        run_until_idle()
    chance = random.Random(3)
    calls = []
    for at in range(400):
        status = chance.choice(["in_transit", "exception", "out_for_delivery", "attempted", "", "picked_up"])
        scan = scan_doc(status, AT + timedelta(minutes=at), code=f"C{at % 7}")
        doc = parcel_doc(scan, tracking_number=f"N{chance.choice(made).number}")
        body = msgspec.json.encode(doc).decode()
        calls.append(Received(store.pk, "tracking", chance.choice("abcd"), "scans", f"k{at}", body))
    inbox.put(calls, AT)
    now = AT + timedelta(hours=10)

    def drain() -> None:
        while inbox.drain("tracking", lambda rows: intake.take(rows, now), now, limit=40):
            pass

    assert at_once(*[drain] * 4) == []
    assert Inbound.objects.filter(room="tracking", state="done").count() == 400
    unknown = Scan.objects.filter(status=states.UNKNOWN).count()
    assert sum(CarrierCode.objects.values_list("seen", flat=True)) == unknown > 0
    for parcel in Parcel.objects.all():
        state = states.state(scan.fact for scan in Scan.objects.filter(parcel=parcel))
        assert (parcel.status, parcel.status_at) == (state.status, state.at)
        assert flags_agree(parcel)
