from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import DONE, Outcome, Received
from thereafter.timeline.models import Inbound

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


def call(store: Store, key: str, body: str = "{}") -> Received:
    return Received(store.pk, "hall", "shopify", "orders/create", key, body)


def all_done(rows: list[Inbound]) -> Sequence[Outcome]:
    return [DONE] * len(rows)


def remembering(seen: list[Inbound]) -> Callable[[list[Inbound]], Sequence[Outcome]]:
    def handle(rows: list[Inbound]) -> Sequence[Outcome]:
        seen.extend(rows)
        return all_done(rows)

    return handle


def test_the_same_delivery_twice_is_kept_once(store: Store) -> None:
    assert inbox.put([call(store, "a"), call(store, "b")], NOON) == {
        (store.pk, "shopify", "a"),
        (store.pk, "shopify", "b"),
    }
    assert inbox.put([call(store, "a"), call(store, "c")], NOON) == {(store.pk, "shopify", "c")}
    assert Inbound.objects.of(store).count() == 3


def test_two_stores_may_get_the_same_key(store: Store) -> None:
    other = make_store("other")
    assert len(inbox.put([call(store, "a"), call(other, "a")], NOON)) == 2


def test_rows_are_drained_oldest_first_and_once(store: Store) -> None:
    inbox.put([call(store, "a"), call(store, "b")], NOON)
    seen: list[Inbound] = []
    assert inbox.drain("hall", remembering(seen), NOON) == 2
    assert inbox.drain("hall", all_done, NOON) == 0
    assert [row.key for row in seen] == ["a", "b"]


def test_another_room_is_not_given_them(store: Store) -> None:
    inbox.put([call(store, "a")], NOON)
    assert inbox.drain("kitchen", all_done, NOON) == 0


def test_a_refused_row_is_kept_with_its_reason_and_can_be_mended(store: Store) -> None:
    inbox.put([call(store, "a", '{"currency": "EURO"}')], NOON)
    refusal = Outcome(Inbound.State.REFUSED, "unknown_currency: EURO")
    inbox.drain("hall", lambda rows: [refusal], NOON)
    row = inbox.refused(store).get()
    assert row.reason == "unknown_currency: EURO"
    assert not inbox.replay(make_store("other"), row.pk, NOON)
    assert inbox.replay(store, row.pk, NOON, body='{"currency": "EUR"}')
    seen: list[Inbound] = []
    inbox.drain("hall", remembering(seen), NOON)
    assert [row.body for row in seen] == ['{"currency": "EUR"}']


def test_rejected_parts_of_a_batch_become_dead_letters_of_their_own(store: Store) -> None:
    inbox.put([call(store, "batch", "[1, 2]")], NOON)
    outcome = Outcome(rejects=[("batch:1", "2", "no_lines: an order needs lines")])
    inbox.drain("hall", lambda rows: [outcome], NOON)
    assert [(row.key, row.body) for row in inbox.refused(store)] == [("batch:1", "2")]


def test_a_kept_row_goes_on_when_what_it_waits_for_arrives(store: Store) -> None:
    inbox.put([call(store, "refund")], NOON)
    kept = Outcome(Inbound.State.KEPT, "its order is not here yet", waits_for="order:shopify:1")
    inbox.drain("hall", lambda rows: [kept], NOON)
    assert inbox.drain("hall", all_done, NOON) == 0
    assert inbox.wake(make_store("other"), ["order:shopify:1"], NOON) == 0
    assert inbox.wake(store, ["order:shopify:1"], NOON) == 1
    assert inbox.drain("hall", all_done, NOON) == 1


def test_what_is_kept_is_looked_at_again_for_a_day(store: Store) -> None:
    """What it waits for may be committed by another worker in the moment in which it is found missing."""
    inbox.put([call(store, "refund")], NOON)
    inbox.drain("hall", lambda rows: [Outcome(inbox.State.KEPT, "no order yet", "order:shopify:1")], NOON)
    assert inbox.look_again(NOON + timedelta(days=2)) == 0
    assert inbox.look_again(NOON + timedelta(hours=1)) == 1
    assert inbox.drain("hall", all_done, NOON + timedelta(hours=1)) == 1


def test_one_row_that_raises_is_tried_again_later_and_the_rest_go_in(store: Store) -> None:
    inbox.put([call(store, key) for key in "abc"], NOON)

    def choke_on_b(rows: list[Inbound]) -> Sequence[Outcome]:
        if any(row.key == "b" for row in rows):
            raise ValueError("b is bad")
        return all_done(rows)

    inbox.drain("hall", choke_on_b, NOON)
    assert set(Inbound.objects.filter(state="done").values_list("key", flat=True)) == {"a", "c"}
    left = Inbound.objects.get(state="waiting")
    assert (left.reason, left.due_at) == ("ValueError: b is bad", NOON + timedelta(seconds=5))


def test_after_eight_tries_a_row_is_refused(store: Store) -> None:
    inbox.put([call(store, "a")], NOON)

    def choke(rows: list[Inbound]) -> Sequence[Outcome]:
        raise ValueError("never")

    for _ in range(8):
        inbox.drain("hall", choke, Inbound.objects.get().due_at)
    assert inbox.refused(store).get().reason == "ValueError: never"
