"""A program's copy of a segment: whatever goes wrong between, it ends with the same people as the segment."""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.journeys.actions import segments, syncing
from thereafter.journeys.models import Segment, SegmentSync
from thereafter.kit import clock
from thereafter.messaging import accounts
from thereafter.messaging.tests.servers import Service, listening
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PEOPLE = ("ada@example.com", "bo@example.com", "cy@example.com")


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as heard:
        heard.answers = [(200, b"thank you")]
        yield heard


@pytest.fixture
def store(db: None, settings: Settings) -> Store:
    settings.MAIL_URL, settings.PRIVATE_HOOKS = "smtp://127.0.0.1:9", True
    store = make_store()
    with clock.at(NOW):
        for number, email in enumerate(PEOPLE):
            make_order(store, number=f"#{number}", email=email)
        run_until_idle()
    return store


def list_of(store: Store, *emails: str) -> Segment:
    made = segments.create(store, name="Friends", condition="", by=None, now=NOW)
    segments.add_people(made, emails, by=None, now=NOW)
    return made


def synced(segment: Segment, service: Service) -> SegmentSync:
    return syncing.add(segment, f"{service.address}/segment", by=None, now=NOW)


def work(after: timedelta = timedelta()) -> None:
    with clock.at(NOW + after):
        while syncing.tell_due(clock.now()):
            pass


def copy(service: Service) -> set[str]:
    """Who a program that does what it is told has in the end."""
    held: set[str] = set()
    for call in service.calls:
        document = json.loads(call.body)
        held |= {one["email"] for one in document["added"]}
        held -= {one["email"] for one in document["removed"]}
    return held


def person(store: Store, email: str) -> Customer:
    return Customer.objects.of(store).get(email=email)


def test_everybody_first_then_who_comes_and_who_leaves(store: Store, service: Service) -> None:
    segment = list_of(store, *PEOPLE[:2])
    synced(segment, service)
    work()
    assert copy(service) == set(PEOPLE[:2])
    segments.add_people(segment, PEOPLE[2:], by=None, now=NOW)
    segments.remove_person(segment, person(store, PEOPLE[0]), by=None, now=NOW)
    work(timedelta(minutes=2))
    assert copy(service) == set(PEOPLE[1:])
    assert len(service.calls) == 2


def test_nothing_new_is_no_call(store: Store, service: Service) -> None:
    synced(list_of(store, *PEOPLE), service)
    work()
    work(timedelta(hours=1))
    assert len(service.calls) == 1


def test_the_call_is_signed_and_says_who_may_be_written_to(store: Store, service: Service) -> None:
    synced(list_of(store, PEOPLE[0]), service)
    work()
    (call,) = service.calls
    signed = call.headers["x-thereafter-timestamp"].encode() + b"." + call.body
    expected = hmac.new(accounts.hook_secret(store.pk).encode(), signed, "sha256").hexdigest()
    document = json.loads(call.body)
    assert call.headers["x-thereafter-signature"] == f"sha256={expected}"
    assert document["segment"] == {"key": "friends", "name": "Friends"}
    assert document["added"][0]["email_marketing"] is False


def test_many_people_come_in_parts(store: Store, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "PEOPLE", 2)
    synced(list_of(store, *PEOPLE), service)
    work()
    assert [len(json.loads(call.body)["added"]) for call in service.calls] == [2, 1]


def test_a_call_that_failed_is_repeated_with_the_same_id(store: Store, service: Service) -> None:
    service.answers = [(503, b"later"), (200, b"")]
    sync, segment = None, list_of(store, *PEOPLE[:2])
    sync = synced(segment, service)
    work()
    segments.remove_person(segment, person(store, PEOPLE[0]), by=None, now=NOW)
    work(timedelta(minutes=5))
    work(timedelta(minutes=7))
    first, second, third = service.calls
    assert first.headers["x-thereafter-id"] == second.headers["x-thereafter-id"] != third.headers["x-thereafter-id"]
    assert copy(service) == {PEOPLE[1]}
    sync.refresh_from_db()
    assert (sync.trouble, sync.attempts) == ("", 0)


def test_who_refuses_is_left_alone_until_somebody_looked(store: Store, service: Service) -> None:
    service.answers = [(410, b"gone"), (200, b"")]
    sync = synced(list_of(store, *PEOPLE), service)
    work()
    work(timedelta(days=1))
    sync.refresh_from_db()
    assert (sync.state, len(service.calls)) == (SegmentSync.State.STOPPED, 1)
    assert "410" in sync.trouble
    syncing.try_again(sync, whole=False, by=None, now=NOW)
    work()
    assert len(json.loads(service.calls[-1].body)["added"]) == 3


def test_a_program_that_lost_its_copy_is_told_everybody_anew(store: Store, service: Service) -> None:
    sync = synced(list_of(store, *PEOPLE), service)
    work()
    service.calls.clear()
    syncing.try_again(sync, whole=True, by=None, now=NOW)
    work()
    assert copy(service) == set(PEOPLE)


def test_addresses_inside_our_own_network_are_refused(store: Store, settings: Settings) -> None:
    settings.PRIVATE_HOOKS = False
    segment = list_of(store, *PEOPLE)
    with pytest.raises(syncing.BadSync):
        syncing.add(segment, "http://example.com/segment", by=None, now=NOW)
    sync = syncing.add(segment, "https://127.0.0.1/segment", by=None, now=NOW)
    work()
    sync.refresh_from_db()
    assert sync.state == SegmentSync.State.STOPPED


def test_a_list_of_today_stays_when_the_segment_changes(store: Store) -> None:
    segment = segments.create(store, name="All", condition="customer.orders >= 1", by=None, now=NOW)
    kept = segments.keep_as_list(segment, name="All then", by=None, now=NOW)
    with clock.at(NOW + timedelta(days=1)):
        make_order(store, number="#9", email="new@example.com")
    segments.recount(segment, NOW + timedelta(days=1), tell=True)
    segment.refresh_from_db()
    kept.refresh_from_db()
    assert (segment.people, kept.people) == (4, 3)


def test_the_console_adds_tries_again_and_takes_away(store: Store, service: Service) -> None:
    client, segment = signed_in(make_staff(store)), list_of(store, *PEOPLE)
    page = f"/console/{store.slug}/segments/{segment.key}/"
    client.post(f"{page}sync/", {"url": f"{service.address}/segment"})
    (sync,) = SegmentSync.objects.of(store)
    work(timedelta(days=400))
    assert "In step" in client.get(page).content.decode()
    client.post(f"{page}sync/{sync.pk}/again/", {"whole": "1"})
    client.post(f"{page}sync/{sync.pk}/remove/")
    assert not SegmentSync.objects.of(store).exists()
    client.post(f"{page}sync/", {"url": "ftp://example.com"})
    assert not SegmentSync.objects.of(store).exists()


def test_a_record_that_was_merged_is_taken_out_under_the_address_the_program_knows(
    store: Store, service: Service
) -> None:
    segment = list_of(store, *PEOPLE)
    synced(segment, service)
    work()
    with clock.at(NOW):
        merge(person(store, PEOPLE[0]), person(store, PEOPLE[1]), NOW)
        run_until_idle()
    work(timedelta(minutes=2))
    assert copy(service) == {PEOPLE[0], PEOPLE[2]}
    assert all(one["email"] for call in service.calls for one in json.loads(call.body)["removed"])


def test_who_left_before_everybody_is_told_anew_is_taken_out(store: Store, service: Service) -> None:
    segment = list_of(store, *PEOPLE)
    sync = synced(segment, service)
    work()
    segments.remove_person(segment, person(store, PEOPLE[0]), by=None, now=NOW)
    syncing.try_again(sync, whole=True, by=None, now=NOW)
    work()
    assert copy(service) == set(PEOPLE[1:])


def test_trying_again_with_an_old_page_repeats_no_call_that_was_settled(store: Store, service: Service) -> None:
    sync = synced(list_of(store, *PEOPLE), service)
    service.answers = [(503, b"later")]
    work()
    as_the_page_saw_it = SegmentSync.objects.of(store).get(pk=sync.pk)
    assert as_the_page_saw_it.open_call
    service.answers = [(200, b"thank you")]
    work(timedelta(hours=1))
    syncing.try_again(as_the_page_saw_it, whole=False, by=None, now=NOW)
    calls = len(service.calls)
    work(timedelta(hours=2))
    assert len(service.calls) == calls
    assert SegmentSync.objects.of(store).get(pk=sync.pk).open_call is None
