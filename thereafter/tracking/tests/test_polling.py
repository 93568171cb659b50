"""Asking carriers, over real HTTP to a server of this machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.documents import Address
from thereafter.kit import clock
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline import inbox
from thereafter.timeline.models import Inbound
from thereafter.timeline.worker import one_round, run_until_idle
from thereafter.tracking.actions import accounts, planning
from thereafter.tracking.actions.accounts import CannotConnect
from thereafter.tracking.models import CarrierAccount, Flag, Parcel, PollPlan
from thereafter.tracking.tests.carrier_server import (
    Carrier,
    Reply,
    an_adapter,
    carrier_server,
    known,
    news,
    with_oauth,
)
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
MOVED = {"status": "in_transit", "occurred_at": "2026-03-05T10:00:00+01:00", "place": "Kassel"}
OUT = {"status": "out_for_delivery", "occurred_at": "2026-03-05T11:00:00+01:00"}


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with carrier_server() as made:
        yield made


@pytest.fixture(autouse=True)
def testpost(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, an_adapter())


def connect(store: Store, carrier: Carrier, code: str = "testpost", **given: str) -> CarrierAccount:
    staff = make_staff(store, email=f"{code}@stride.example")
    return accounts.connect(store, code, {"key": "s3cret", "host": carrier.host} | given, by=staff, now=NOON)


def a_parcel(store: Store, number: str = "TP1", carrier: str = "Testpost", **order: Any) -> Parcel:
    return make_parcel(store, tracking_number=number, carrier=carrier, **order)


def work(store: Store, at: datetime = NOON) -> None:
    """What a worker does in the minute after `at`."""
    with clock.at(at):
        planning.plan_parcels(store, at)
        run_until_idle(at)
        planning.plan_parcels(store, at)


def plan(store: Store) -> PollPlan:
    return PollPlan.objects.of(store).get()


def account(store: Store) -> CarrierAccount:
    return CarrierAccount.objects.of(store).get()


def test_a_parcel_is_asked_for_and_moves_by_the_answer(store: Store, carrier: Carrier) -> None:
    parcel = a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(body=news("TP1", MOVED)))
    work(store)
    parcel.refresh_from_db()
    assert parcel.status == "in_transit"
    assert [(asked.numbers, asked.headers["authorization"]) for asked in carrier.asked] == [(["TP1"], "s3cret")]
    assert account(store).answered_at == NOON
    kept = Inbound.objects.of(store).get(source="testpost")
    assert (kept.topic, kept.state) == ("poll:TP1", "done")


def test_nobody_is_asked_before_the_plan_says_so(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(body=news("TP1", MOVED)))
    work(store)
    work(store, NOON + timedelta(hours=3))
    assert len(carrier.asked) == 1
    work(store, NOON + timedelta(hours=5))
    assert len(carrier.asked) == 2


def test_what_the_answer_says_sets_the_pace_at_once(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(body=news("TP1", MOVED, OUT)))
    work(store)
    assert timedelta(minutes=25) < plan(store).due_at - NOON < timedelta(minutes=35)
    assert plan(store).quiet == 0


def test_a_quiet_carrier_is_asked_less_and_less(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    waits, at = [], NOON
    for _ in range(4):
        work(store, at)
        waits.append(plan(store).due_at - at)
        at = plan(store).due_at
    assert waits == sorted(waits)
    assert waits[-1] > 1.5 * waits[0]


def test_a_parcel_that_is_there_is_not_asked_for_any_more(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(body=news("TP1", {**MOVED, "status": "delivered"})))
    work(store)
    assert not PollPlan.objects.of(store).exists()


def test_the_carriers_own_account_comes_before_an_aggregators(
    store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, an_adapter("everywhere", "aggregator"))
    a_parcel(store)
    connect(store, carrier, "everywhere")
    work(store)
    assert plan(store).adapter == "everywhere"
    own = connect(store, carrier)
    work(store, NOON + timedelta(hours=1))
    assert plan(store).adapter == "testpost"
    accounts.disconnect(own, by=make_staff(store, email="o@stride.example"), now=NOON)
    work(store, NOON + timedelta(hours=2))
    assert plan(store).adapter == "everywhere"


def test_a_carrier_without_an_account_is_not_asked(store: Store, carrier: Carrier) -> None:
    a_parcel(store, carrier="Other Post")
    connect(store, carrier)
    work(store)
    assert not PollPlan.objects.of(store).exists()
    assert carrier.asked == []


def test_several_parcels_go_into_one_request(store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, an_adapter(batch=10))
    for number in ("TP1", "TP2", "TP3"):
        make_parcel(store, tracking_number=number, carrier="Testpost", external_id=number)
    connect(store, carrier)
    work(store)
    (asked,) = carrier.asked
    assert sorted(asked.numbers) == ["TP1", "TP2", "TP3"]


def test_a_number_that_spoils_the_answer_is_asked_for_alone(
    store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, an_adapter(batch=10, per_minute=6000))
    for number in ("TP1", "BAD"):
        make_parcel(store, tracking_number=number, carrier="Testpost", external_id=number)
    connect(store, carrier)
    carrier.answer = lambda asked: (
        Reply(400, b"bad number") if "BAD" in asked.numbers else Reply(body=news("TP1", MOVED))
    )
    for seconds in range(3):
        work(store, NOON + timedelta(seconds=seconds))
    assert sorted(map(len, (asked.numbers for asked in carrier.asked))) == [1, 1, 2]
    assert Parcel.objects.of(store).get(tracking_number="TP1").status == "in_transit"
    assert "HTTP 400" in PollPlan.objects.of(store).get(parcel__tracking_number="BAD").error
    assert account(store).error == ""


def test_an_account_keeps_the_carriers_pace(store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, an_adapter(per_minute=2))
    for number in ("TP1", "TP2", "TP3"):
        make_parcel(store, tracking_number=number, carrier="Testpost", external_id=number)
    connect(store, carrier)
    work(store)
    assert len(carrier.asked) == 1
    work(store, NOON + timedelta(seconds=29))
    assert len(carrier.asked) == 1
    work(store, NOON + timedelta(seconds=31))
    assert len(carrier.asked) == 2


def test_a_token_is_got_once_and_kept_sealed(store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, with_oauth())
    for number in ("TP1", "TP2"):
        make_parcel(store, tracking_number=number, carrier="Testpost", external_id=number)
    connect(store, carrier)
    work(store)
    work(store, NOON + timedelta(minutes=1))
    assert (carrier.tokens, len(carrier.asked)) == (1, 2)
    assert {asked.headers["authorization"] for asked in carrier.asked} == {"Bearer token-1"}
    kept = account(store)
    assert "token-1" not in kept.sealed_token
    assert kept.token_until == NOON + timedelta(seconds=3540)


def test_a_token_that_is_not_accepted_is_renewed_once(
    store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, with_oauth())
    parcel = a_parcel(store)
    connect(store, carrier)
    work(store)
    carrier.answer = lambda asked: (
        Reply(401) if asked.headers["authorization"] == "Bearer token-1" else Reply(body=news("TP1", MOVED))
    )
    work(store, plan(store).due_at)
    parcel.refresh_from_db()
    assert (parcel.status, carrier.tokens, account(store).error) == ("in_transit", 2, "")


def test_refused_credentials_are_shown_and_the_account_rests(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(401, b'{"error": "no"}'))
    work(store)
    work(store, NOON + timedelta(hours=1))
    kept = account(store)
    assert "does not accept the credentials" in kept.error
    assert kept.rests_until == NOON + timedelta(hours=6)
    assert len(carrier.asked) == 1
    connect(store, carrier, key="better")
    carrier.says(Reply())
    work(store, NOON + timedelta(hours=2))
    assert account(store).error == ""
    assert carrier.asked[-1].headers["authorization"] == "better"


@pytest.mark.parametrize("status", [429, 503])
def test_a_carrier_says_when_to_come_back(store: Store, carrier: Carrier, status: int) -> None:
    a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(status, headers={"Retry-After": "600"}), Reply())
    work(store)
    assert account(store).rests_until == NOON + timedelta(minutes=10)
    work(store, NOON + timedelta(minutes=9))
    assert len(carrier.asked) == 1
    work(store, NOON + timedelta(minutes=11))
    assert len(carrier.asked) == 2
    assert (account(store).error, account(store).failures) == ("", 0)


def test_trouble_without_a_word_makes_the_account_rest_longer_each_time(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(500))
    at, rests = NOON, []
    for _ in range(5):
        work(store, at)
        until = account(store).rests_until
        assert until is not None
        rests.append(until - at)
        at = until
    assert rests[-1] > 8 * rests[0]
    assert account(store).failures == 5


def test_a_carrier_that_cannot_be_reached_is_counted_and_asked_again(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier, host="http://127.0.0.1:1")
    work(store)
    kept = account(store)
    assert ("could not be reached" in kept.error, kept.failures) == (True, 1)
    assert plan(store).due_at == NOON


def test_redirects_are_not_followed_and_endless_answers_are_cut_off(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(302, headers={"Location": f"{carrier.host}/elsewhere"}), Reply(body=b" " * 5_000_000))
    work(store)
    assert [asked.path for asked in carrier.asked] == ["/track"]
    assert "HTTP 302" in account(store).error
    work(store, NOON + timedelta(hours=1))
    assert "longer than" in account(store).error


def test_an_answer_that_cannot_be_read_is_a_dead_letter_and_can_be_tried_again(store: Store, carrier: Carrier) -> None:
    parcel = a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(body=b"<html>Maintenance\x00</html>"))
    work(store)
    (dead,) = inbox.refused(store)
    assert dead.reason.startswith("bad_document")
    assert dead.body.startswith("<html>Maintenance")
    inbox.replay(store, dead.pk, NOON, body=news("TP1", MOVED).decode())
    work(store, NOON + timedelta(minutes=1))
    parcel.refresh_from_db()
    assert parcel.status == "in_transit"


def test_an_answer_of_one_number_is_of_that_number_also_where_it_does_not_say_so(
    store: Store, carrier: Carrier
) -> None:
    parcel = a_parcel(store)
    connect(store, carrier)
    carrier.says(Reply(404, b'{"scans": [], "unknown_number": true}'))
    work(store)
    parcel.refresh_from_db()
    assert parcel.unknown_number
    assert "invalid_number" in parcel.flags


def test_what_a_carrier_wants_to_know_comes_from_the_order_or_is_said_to_be_missing(
    store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, an_adapter(needs=("postcode",)))
    make_parcel(store, tracking_number="TP1", carrier="Testpost", shipping_address=Address(country="DE"))
    connect(store, carrier)
    work(store)
    assert carrier.asked == []
    assert plan(store).error == "The carrier wants to know the postcode, and the order does not say it."


def test_asking_ends_after_long_silence_and_a_person_begins_it_again(store: Store, carrier: Carrier) -> None:
    parcel = a_parcel(store)
    connect(store, carrier)
    work(store)
    late = NOON + timedelta(days=31)
    work(store, late)
    parcel.refresh_from_db()
    assert "polling_expired" in parcel.flags
    before = len(carrier.asked)
    work(store, late + timedelta(days=3))
    assert len(carrier.asked) == before
    planning.ask_again(plan(store), by=make_staff(store, email="b@stride.example"), now=late + timedelta(days=3))
    work(store, late + timedelta(days=3))
    parcel.refresh_from_db()
    assert len(carrier.asked) == before + 1
    assert "polling_expired" not in parcel.flags
    assert Flag.objects.of(store).get(kind="polling_expired").cleared_by == "staff"


def test_any_new_scan_begins_asking_again(store: Store, carrier: Carrier) -> None:
    parcel = a_parcel(store)
    connect(store, carrier)
    work(store)
    late = NOON + timedelta(days=31)
    work(store, late)
    scan(store, scan_doc("in_transit", "2026-03-06T10:00:00+01:00"), now=late + timedelta(hours=1),
         tracking_number="TP1", carrier="Testpost")  # fmt: skip
    work(store, late + timedelta(hours=1))
    parcel.refresh_from_db()
    assert (plan(store).expired_at, parcel.flags.get("polling_expired")) == (None, None)


def test_news_that_come_by_themselves_make_asking_seldom(store: Store, carrier: Carrier) -> None:
    a_parcel(store)
    connect(store, carrier)
    scan(store, scan_doc("in_transit", NOON), now=NOON, source="aftership", tracking_number="TP1", carrier="Testpost")
    work(store)
    assert plan(store).due_at - NOON > timedelta(hours=16)


def test_a_slow_carrier_does_not_hold_up_the_others(
    store: Store, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, an_adapter("snail"))
    make_parcel(store, tracking_number="S1", carrier="Snail", external_id="S1")
    make_parcel(store, tracking_number="TP1", carrier="Testpost", external_id="TP1")
    connect(store, carrier, "snail")
    connect(store, carrier)
    moved = Parcel.objects.of(store).filter(tracking_number="TP1", status="in_transit")
    carrier.answer = lambda asked: Reply(slowly=6) if asked.numbers == ["S1"] else Reply(body=news("TP1", MOVED))
    with clock.at(NOON):
        planning.plan_parcels(store, NOON)
        end = datetime.now(UTC) + timedelta(seconds=5)
        while not moved.exists() and datetime.now(UTC) < end:
            one_round(NOON)
        is_in_time = datetime.now(UTC) < end
    work(store)  # whatever comes of it, no answer may reach the next test
    assert is_in_time


def test_credentials_are_kept_sealed_and_never_written_down_elsewhere(store: Store, carrier: Carrier) -> None:
    made = connect(store, carrier)
    assert "s3cret" not in made.sealed_credentials
    assert "s3cret" not in str(list(Audit.objects.of(store).values()))
    again = connect(store, carrier, key="")
    assert accounts.credentials_of(again)["key"] == "s3cret"


def test_a_credential_that_is_missing_is_told(store: Store, carrier: Carrier) -> None:
    with pytest.raises(CannotConnect, match="API key is missing"):
        connect(store, carrier, key="")
    with pytest.raises(CannotConnect, match="cannot be asked"):
        connect(store, carrier, "carrier")
