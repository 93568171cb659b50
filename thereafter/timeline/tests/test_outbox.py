from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline import outbox
from thereafter.timeline.log import record
from thereafter.timeline.models import Delivery, Due, Entry
from thereafter.timeline.tests import events
from thereafter.timeline.tests.events import BellRang, LightWentOut
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture(autouse=True)
def fresh_ears() -> Iterator[None]:
    yield
    for memory in (events.heard, events.batches, events.broken):
        memory.clear()


@transaction.atomic
def ring(store: Store, *times: int) -> None:
    with clock.at(NOON):
        record(*[BellRang(store_id=store.pk, occurred_at=NOON, customer_id=7, times=one) for one in times])


def test_an_event_is_one_entry_and_one_delivery_per_subscriber(store: Store) -> None:
    ring(store, 3)
    entry = Entry.objects.of(store).get()
    assert entry.event == BellRang(store_id=store.pk, occurred_at=NOON, customer_id=7, times=3)
    assert set(Delivery.objects.values_list("subscriber", flat=True)) == {"timeline.hear", "timeline.hear_many"}


def test_an_event_nobody_waits_for_is_still_kept(store: Store) -> None:
    with transaction.atomic():
        record(LightWentOut(store_id=store.pk, occurred_at=NOON))
    assert Entry.objects.of(store).count() == 1
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused(store: Store) -> None:
    with pytest.raises(transaction.TransactionManagementError, match="transaction"):
        record(LightWentOut(store_id=store.pk, occurred_at=NOON))


def test_each_subscriber_hears_each_event_once(store: Store) -> None:
    ring(store, 1, 2, 3)
    assert run_until_idle(NOON) == 6
    assert run_until_idle(NOON) == 0
    assert events.heard == [1, 2, 3]


def test_a_batch_handler_gets_the_whole_claim(store: Store) -> None:
    ring(store, *range(20))
    run_until_idle(NOON)
    assert events.batches == [20]


def test_one_bad_event_does_not_hold_up_the_others(store: Store) -> None:
    events.broken.add(2)
    ring(store, 1, 2, 3)
    run_until_idle(NOON)
    assert sorted(set(events.heard)) == [1, 3]
    waiting = Delivery.objects.get(state=Due.WAITING)
    assert (waiting.attempts, waiting.error) == (1, "ValueError: deaf to 2")


def test_tries_come_with_growing_delay_and_end_in_the_dead_letters(store: Store) -> None:
    events.broken.add(2)
    ring(store, 2)
    moments = [NOON]
    while (due := Delivery.objects.filter(state=Due.WAITING, subscriber="timeline.hear").first()) is not None:
        moments.append(due.due_at)
        outbox.deliver_due(due.due_at)
    waits = [later - earlier for earlier, later in pairwise(moments[1:])]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert outbox.dead(store).get().attempts == 8


def test_a_dead_delivery_can_be_replayed_by_its_own_store_only(store: Store) -> None:
    other = make_store("other")
    ring(store, 2)
    Delivery.objects.filter(subscriber="timeline.hear").update(state=Due.DEAD)
    dead = outbox.dead(store).get()
    assert not outbox.replay(other, dead.pk, NOON)
    assert outbox.replay(store, dead.pk, NOON)
    run_until_idle(NOON)
    assert events.heard == [2]


def test_what_a_failed_handler_wrote_is_undone(store: Store) -> None:
    ring(store, 1)
    Delivery.objects.filter(subscriber="timeline.hear").update(subscriber="gone.with_its_module")
    run_until_idle(NOON)
    assert Delivery.objects.get(state=Due.WAITING).error.startswith("KeyError")
