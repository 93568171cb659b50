from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.journeys import JourneyEnded, JourneyStarted
from thereafter.events.orders import OrderCancelled, OrderRefunded
from thereafter.events.parcels import ParcelDelivered
from thereafter.journeys import handlers, queries
from thereafter.journeys.actions import moving, publishing, walking
from thereafter.journeys.models import Journey, Run
from thereafter.journeys.registry import Go, Step, Visit, steps
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def visited() -> Iterator[list[list[Visit]]]:
    """A kind of step, `note`, that remembers the batches it was called with."""
    batches: list[list[Visit]] = []

    def note(visits: Sequence[Visit]) -> Sequence[Go]:
        batches.append(list(visits))
        if any(visit.settings.get("fails") == visit.order_id for visit in visits):
            raise ValueError("this one cannot be noted")
        return [Go() for _ in visits]

    steps["note"] = Step("note", "Note", (), note)
    yield batches
    del steps["note"]


def journey(store: Store, *listed: dict[str, Any], event: str = "parcel.delivered", **more: Any) -> Journey:
    made = Journey.objects.create(
        store=store, key=f"j{Journey.objects.count()}", name="A journey", live=True, created_at=NOW
    )
    publishing.publish(made, {"trigger": {"event": event}, "steps": list(listed), **more}, now=NOW)
    return made


def order_of(store: Store, number: str = "1001") -> Order:
    """An order from before journeys listened."""
    with clock.at(NOW - timedelta(days=30)):
        order = make_order(store, number=number, placed_at=NOW - timedelta(days=40))
        run_until_idle()
    return order


def delivered(order: Order, now: datetime = NOW, late: bool | None = False, parcel_id: int = 1) -> None:
    ids: dict[str, Any] = {"store_id": order.store_id, "customer_id": order.customer_id, "order_id": order.pk}
    with clock.at(now):
        record(ParcelDelivered(**ids, occurred_at=now, parcel_id=parcel_id, carrier="dhl", late=late))
    work(now)


def work(now: datetime) -> None:
    with clock.at(now):
        run_until_idle()


NOTE = {"id": "note", "kind": "note"}
REST = {"id": "rest", "kind": "wait", "days": 3, "at": "10:00"}


def test_john_hears_the_whole_story_in_time(store: Store) -> None:
    publishing.install_recipes(store, NOW)
    with clock.at(NOW):
        order = make_order(store, placed_at=NOW)
    work(NOW)
    delivered(order, NOW + timedelta(days=2))
    for days in range(3, 20):
        work(NOW + timedelta(days=days))
    told = list(Message.objects.order_by("created_at", "id").values_list("template", "state", "created_at"))
    assert [(template, state) for template, state, _ in told if template not in {"satisfaction"}] == [
        ("order_confirmation", "sent"),
        ("delivered", "sent"),
        ("loyalty_invite", "sent"),
        ("goes_well_with", "skipped"),  # nobody asked him for consent
    ]
    assert told[-1][2] - told[0][2] == timedelta(days=16)
    assert_recorded(JourneyStarted, journey="After delivery")
    assert_recorded(JourneyEnded, journey="After delivery", outcome="finished")


def test_who_waited_too_long_gets_an_apology(store: Store) -> None:
    publishing.install_recipes(store, NOW)
    delivered(order_of(store), late=True)
    assert list(Message.objects.values_list("template", flat=True)) == ["delivered_late"]


def test_the_same_event_handled_twice_starts_one_run_and_one_message(store: Store) -> None:
    journey(store, {"id": "say", "kind": "send", "template": "delivered"})
    order = order_of(store)
    event = ParcelDelivered(
        store_id=store.pk, customer_id=order.customer_id, order_id=order.pk, occurred_at=NOW, parcel_id=1, carrier="dhl"
    )
    with clock.at(NOW):
        for _ in range(3):
            handlers.let_in([event, event])
            run_until_idle()
    assert (Run.objects.count(), Message.objects.count()) == (1, 1)


def test_one_journey_per_parcel_or_per_order_as_the_document_says(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, NOTE)
    per_parcel = journey(store, NOTE)
    publishing.publish(
        per_parcel, {"trigger": {"event": "parcel.delivered", "once_per": "parcel"}, "steps": [NOTE]}, now=NOW
    )
    order = order_of(store)
    for parcel_id in (1, 2):
        delivered(order, parcel_id=parcel_id)
    assert sorted(Run.objects.values_list("entry_key", flat=True)) == [f"order:{order.pk}", "parcel:1", "parcel:2"]


def test_a_run_sleeps_until_its_hour_and_says_why(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, REST, NOTE)
    delivered(order_of(store))
    run = Run.objects.get()
    assert (run.node, run.asleep_at, run.why) == ("note", "rest", "Waits until 6 Mar 2026, 10:00")
    assert run.due_at == datetime(2026, 3, 6, 9, tzinfo=UTC)
    work(run.due_at - timedelta(seconds=1))
    assert visited == []
    work(run.due_at)
    assert len(visited) == 1
    assert Run.objects.get().state == "done"


def test_all_at_the_same_step_are_handled_by_one_call(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, REST, NOTE)
    for number in ("1", "2", "3"):
        delivered(order_of(store, number))
    work(NOW + timedelta(days=4))
    assert [len(batch) for batch in visited] == [3]


def test_one_that_fails_holds_up_nobody_and_is_tried_again(store: Store, visited: list[list[Visit]]) -> None:
    orders = [order_of(store, number) for number in ("1", "2", "3")]
    bad = orders[1].pk
    journey(store, REST, NOTE | {"fails": bad}, {"id": "say", "kind": "send", "template": "delivered"})
    for order in orders:
        delivered(order)
    work(NOW + timedelta(days=4))
    assert Message.objects.count() == 2
    run = Run.objects.get(order_id=bad)
    assert (run.state, run.attempts) == ("waiting", 1)
    assert run.why == "Failed, will be tried again: ValueError: this one cannot be noted"
    for hours in range(1, 200):
        work(NOW + timedelta(days=4, hours=hours))
    assert Run.objects.get(order_id=bad).outcome == "Failed: ValueError: this one cannot be noted"


def test_a_killed_worker_leaves_nothing_half_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages and the run's step are one transaction: when writing the runs dies, the messages are gone with it."""
    journey(store, REST, {"id": "say", "kind": "send", "template": "delivered"})
    delivered(order_of(store))

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    later = NOW + timedelta(days=4)
    with monkeypatch.context() as patch:
        patch.setattr(walking, "_write", die)
        with pytest.raises(Killed):
            moving.resume(later, 100)
    assert (Message.objects.count(), Run.objects.get().state) == (0, "waiting")
    work(later)
    assert (Message.objects.count(), Run.objects.get().state) == (1, "done")


def test_a_cancelled_order_ends_its_journeys(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, REST, NOTE)
    order = order_of(store)
    delivered(order)
    with clock.at(NOW):
        record(
            OrderCancelled(
                store_id=store.pk,
                customer_id=order.customer_id,
                order_id=order.pk,
                occurred_at=NOW,
                number=order.number,
            )
        )
    work(NOW)
    assert (Run.objects.get().state, Run.objects.get().outcome) == ("stopped", "order.cancelled")
    assert_recorded(JourneyEnded, outcome="order.cancelled")


def test_a_cancellation_nobody_told_us_of_is_seen_when_the_run_wakes(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, REST, NOTE)
    order = order_of(store)
    delivered(order)
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    work(NOW + timedelta(days=4))
    assert visited == []
    assert Run.objects.get().outcome == "order.cancelled"


def test_a_refund_ends_only_journeys_that_say_so(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, REST, NOTE)
    stops = journey(store, REST, NOTE, stops_on=["order.refunded"])
    order = order_of(store)
    delivered(order)
    ids: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
    with clock.at(NOW):
        record(OrderRefunded(**ids, occurred_at=NOW, number="1", refund_id=1, amount_minor=100, currency="EUR"))
    work(NOW)
    assert set(Run.objects.filter(state="stopped").values_list("journey", flat=True)) == {stops.pk}


def test_who_is_on_the_way_keeps_the_version_they_entered(store: Store, visited: list[list[Visit]]) -> None:
    made = journey(store, REST, NOTE)
    delivered(order_of(store))
    publishing.publish(
        made, {"trigger": {"event": "parcel.delivered"}, "steps": [{"id": "new", "kind": "note"}]}, now=NOW
    )
    work(NOW + timedelta(days=4))
    assert [[visit.step for visit in batch] for batch in visited] == [["note"]]


def test_a_journey_that_is_off_lets_nobody_in(store: Store, visited: list[list[Visit]]) -> None:
    made = journey(store, NOTE)
    publishing.turn(made, live=False, by=None, now=NOW)
    delivered(order_of(store))
    assert not Run.objects.exists()


def test_an_event_that_comes_weeks_late_starts_nothing(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, NOTE)
    order = order_of(store)
    with clock.at(NOW):
        record(
            ParcelDelivered(
                store_id=store.pk,
                customer_id=order.customer_id,
                order_id=order.pk,
                occurred_at=NOW - timedelta(days=20),
                parcel_id=1,
                carrier="dhl",
                delivered_on=date(2026, 2, 11),
            )
        )
    work(NOW)
    assert not Run.objects.exists()


def test_another_stores_journeys_hear_nothing(store: Store, visited: list[list[Visit]]) -> None:
    journey(make_store("other"), NOTE)
    delivered(order_of(store))
    assert not Run.objects.exists()


def test_a_bad_document_is_not_published(store: Store) -> None:
    with pytest.raises(publishing.BadJourney, match="no kind of step"):
        journey(store, {"id": "a", "kind": "dance"})


def test_recipes_are_installed_once(store: Store) -> None:
    first = publishing.install_recipes(store, NOW)
    assert {"shipped", "delivered", "problem_reported"} <= {journey.key for journey in first}
    assert publishing.install_recipes(store, NOW) == []


def test_counts_tell_who_passed_and_who_sleeps(store: Store, visited: list[list[Visit]]) -> None:
    made = journey(store, REST, NOTE)
    version = made.version_id or 0
    for number in ("1", "2"):
        delivered(order_of(store, number))
    assert queries.asleep(version) == {"rest": 2}
    work(NOW + timedelta(days=4))
    assert (queries.passed(version), queries.asleep(version)) == ({"rest": 2, "note": 2}, {})


def test_runs_follow_when_two_records_become_one(store: Store, visited: list[list[Visit]]) -> None:
    journey(store, REST, NOTE)
    keep = make_order(store, number="1", email="keep@example.com", placed_at=NOW - timedelta(days=30)).customer
    order = order_of(store, "2")
    delivered(order)
    with clock.at(NOW):
        merge(keep, order.customer, NOW)
    work(NOW)
    assert Run.objects.get().customer_id == keep.pk
