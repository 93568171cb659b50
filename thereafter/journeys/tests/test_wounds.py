"""What went wrong in other engines, each as a test that it cannot happen here."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.customers import set_trait
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.customers import CustomerTracked
from thereafter.events.orders import OrderPlaced
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.segments import SegmentEntered, SegmentLeft
from thereafter.events.surveys import SurveyAnswered
from thereafter.journeys import handlers, queries
from thereafter.journeys.actions import moving, pausing, publishing, segments, sweeping, waking
from thereafter.journeys.models import Journey, Run, Stuck, Timer
from thereafter.journeys.registry import Go, Step, Visit, steps
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VIP: Any = {"name": "VIP", "condition": "customer.orders > 9", "by": None, "now": NOW}
SAY = {"id": "say", "kind": "send", "template": "delivered"}
REST = {"id": "rest", "kind": "wait", "days": 3}
CART = {"event": "customer.tracked", "topic": "cart.abandoned"}


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def noted() -> Iterator[list[str]]:
    """A kind of step, `note`, that remembers who did it."""
    done: list[str] = []

    def note(visits: Sequence[Visit]) -> Sequence[Go]:
        if any(visit.settings.get("fails") for visit in visits):
            raise ValueError("no")
        done.extend(visit.source for visit in visits)
        return [Go() for _ in visits]

    steps["note"] = Step("note", "Note", (), note)
    yield done
    del steps["note"]


NOTE = {"id": "note", "kind": "note"}


def journey(store: Store, *listed: dict[str, Any], trigger: dict[str, Any] | None = None, **more: Any) -> Journey:
    made = Journey.objects.create(
        store=store, key=f"j{Journey.objects.count()}", name="A journey", live=True, created_at=NOW
    )
    begins = trigger or {"event": "parcel.delivered"}
    publishing.publish(made, {"trigger": begins, "steps": list(listed), **more}, now=NOW)
    return made


def order_of(store: Store, number: str = "1", email: str = "john@example.com") -> Order:
    with clock.at(NOW - 30 * DAY):
        return make_order(store, number=number, email=email, placed_at=NOW - 40 * DAY)


def work(now: datetime) -> None:
    with clock.at(now):
        run_until_idle()


def tell(kind: Any, order: Order, at: datetime = NOW, *, when: datetime | None = None, **fields: Any) -> None:
    """Something happens at `at`; we are told `when`."""
    order_id = fields.pop("order_id", order.pk)
    with clock.at(when or at):
        record(
            kind(store_id=order.store_id, customer_id=order.customer_id, order_id=order_id, occurred_at=at, **fields)
        )
        run_until_idle()


def delivered(order: Order, at: datetime = NOW, parcel_id: int = 1) -> None:
    tell(ParcelDelivered, order, at, parcel_id=parcel_id, carrier="dhl", late=False)


def cart(order: Order, at: datetime = NOW, key: str = "c1", **more: Any) -> None:
    tell(CustomerTracked, order, at, order_id=None, topic="cart.abandoned", key=key, about={}, **more)


def bought(order: Order, at: datetime, *, when: datetime | None = None, order_id: int = 99) -> None:
    new = {"order_id": order_id, "number": str(order_id), "total_minor": 100, "currency": "EUR", "items": 1}
    tell(OrderPlaced, order, at, when=when, source="api", **new)


# parcelvoy #462: "my users get on the same journey 4 times"; saving a journey reset its schedule.
def test_users_get_on_the_same_journey_four_times(store: Store) -> None:
    journey(store, REST, SAY)
    order = order_of(store)
    for parcel_id in range(4):
        delivered(order, parcel_id=parcel_id)
    work(NOW + 10 * DAY)
    assert (Run.objects.count(), Message.objects.count()) == (1, 1)


def test_saving_a_journey_lets_everybody_in_again(store: Store) -> None:
    made = journey(store, SAY)
    delivered(order_of(store))
    document = made.version.document if made.version else {}
    publishing.save_draft(made, document, now=NOW)
    publishing.publish(made, document, now=NOW, people="move")
    publishing.turn(made, live=False, by=None, now=NOW)
    publishing.turn(made, live=True, by=None, now=NOW)
    work(NOW + HOUR)
    delivered(Order.objects.get(), NOW + HOUR)
    assert (Run.objects.count(), Message.objects.count()) == (1, 1)


# mautic #3669, #2215 …: two cron processes send twice; one bad address re-sends the batch.
def test_one_bad_run_makes_the_whole_batch_do_it_again(store: Store, noted: list[str]) -> None:
    journey(store, NOTE, REST)
    journey(store, NOTE | {"fails": True})
    for number in range(5):
        delivered(order_of(store, str(number), f"p{number}@example.com"))
    work(NOW + HOUR)
    assert len(noted) == len(set(noted)) == 5
    assert Run.objects.filter(attempts__gt=0, why__startswith="Failed, will be tried again").count() == 5


# mautic #2004, #150: rebuilding a segment removed contacts and deleted what was due to them.
def test_leaving_a_segment_deletes_what_was_to_come(store: Store) -> None:
    segments.create(store, **VIP)
    journey(store, REST, SAY, trigger={"segment": "vip"})
    order = order_of(store)
    tell(SegmentEntered, order, order_id=None, segment_id=1, segment="vip")
    tell(SegmentLeft, order, order_id=None, segment_id=1, segment="vip")
    work(NOW + 4 * DAY)
    assert Run.objects.get().state == "done"
    assert Message.objects.count() == 1


def test_leaving_a_segment_ends_the_journey_only_where_it_says_so(store: Store) -> None:
    segments.create(store, **VIP)
    journey(store, REST, SAY, trigger={"segment": "vip"}, stops_on=["segment.left"])
    order = order_of(store)
    tell(SegmentEntered, order, order_id=None, segment_id=1, segment="vip")
    tell(SegmentLeft, order, NOW + HOUR, order_id=None, segment_id=1, segment="vip")
    assert Run.objects.get().outcome == "segment.left"
    assert not Timer.objects.exists()


# mautic #3340, PR #13995: published again after weeks, it fired every mail of the past.
@pytest.mark.parametrize(
    ("late", "sent", "outcomes"),
    [
        (None, 1, ["too late after a pause", "finished"]),
        ({"do": "fire"}, 2, ["finished", "finished"]),
        ({"do": "shift"}, 0, ["", ""]),
    ],
)
def test_a_journey_that_was_paused_fires_every_past_mail(
    store: Store, late: dict[str, Any] | None, sent: int, outcomes: list[str]
) -> None:
    made = journey(store, REST, SAY, **({"late": late} if late else {}))
    delivered(order_of(store, "1"))
    delivered(order_of(store, "2", "ana@example.com"), NOW + 66 * HOUR)
    pausing.pause(made, by=None, now=NOW + 70 * HOUR)
    back = NOW + 6 * DAY  # for the first it is three days too late, for the second six hours
    work(back)
    assert not Message.objects.exists()
    resumed = pausing.go_on(made, by=None, now=back)
    work(back)
    assert Message.objects.count() == sent
    assert [run.outcome for run in Run.objects.order_by("pk")] == outcomes
    assert (resumed.skipped, resumed.shifted) == (late is None, 2 if late == {"do": "shift"} else 0)
    work(NOW + 20 * DAY)
    assert Message.objects.count() == (1 if late is None else 2)


# mautic #9797, #6405, #11634: entering again made two schedules; what was removed was done; nothing could be moved.
def test_entering_again_makes_two_schedules(store: Store) -> None:
    journey(store, REST, SAY, trigger=CART | {"once_per": "customer"}, entry={"again": "always"})
    order = order_of(store)
    cart(order, NOW, "c1")
    cart(order, NOW + HOUR, "c2")
    assert Run.objects.count() == 1
    work(NOW + 4 * DAY)
    cart(order, NOW + 4 * DAY, "c3")
    cart(order, NOW, "c1")  # told once more: it had its run
    assert list(Run.objects.order_by("pk").values_list("turn", "state")) == [(1, "done"), (2, "waiting")]


def test_what_was_stopped_is_done_all_the_same(store: Store, noted: list[str]) -> None:
    journey(store, REST, NOTE)
    delivered(order_of(store))
    moving.stop(Run.objects.get(), by=None, now=NOW)
    work(NOW + 10 * DAY)
    assert (noted, Timer.objects.count(), Run.objects.get().outcome) == ([], 0, "stopped by hand")
    with pytest.raises(moving.NotThere, match="has ended"):
        moving.reschedule(Run.objects.get(), due_at=NOW, by=None, now=NOW)


def test_nobody_can_move_a_run_by_hand(store: Store, noted: list[str]) -> None:
    journey(store, NOTE, REST, NOTE | {"id": "last"})
    delivered(order_of(store))
    run = Run.objects.get()
    moving.reschedule(run, due_at=NOW + 2 * HOUR, by=None, now=NOW)
    work(NOW + HOUR)
    assert noted == [f"run:{run.pk}:note"]
    moving.put_on(run, "note", by=None, now=NOW + HOUR)
    work(NOW + HOUR)
    assert noted[1:] == [f"run:{run.pk}:note:2"]
    with pytest.raises(moving.NotThere, match="no step"):
        moving.put_on(run, "nowhere", by=None, now=NOW)
    work(NOW + HOUR + 3 * DAY)
    assert noted[2:] == [f"run:{run.pk}:last:2"]


RESCUE = {"id": "hope", "kind": "wait_for", "event": "order.placed", "hours": 2, "then": "end", "else": "say"}


def test_put_on_the_wait_where_it_sleeps_it_waits_anew(store: Store) -> None:
    journey(store, RESCUE, SAY, trigger=CART)
    cart(order_of(store))
    moving.put_on(Run.objects.get(), "hope", by=None, now=NOW + HOUR)
    work(NOW + HOUR)
    work(NOW + 2.5 * HOUR)
    assert not Message.objects.exists()
    work(NOW + 3.5 * HOUR)
    assert Message.objects.get().template == SAY["template"]


# dittofeed #1463, #958: what an event started could not wait for an event: no abandoned carts.


def test_an_abandoned_cart_is_impossible(store: Store) -> None:
    journey(store, RESCUE, SAY, trigger=CART)
    buyer, other = order_of(store, "1"), order_of(store, "2", "ana@example.com")
    cart(buyer)
    cart(other)
    assert Run.objects.filter(waits_for="order.placed", why="Waits for an order, until 3 Mar 2026, 15:00").count() == 2
    bought(buyer, NOW + HOUR)
    assert Run.objects.get(customer=buyer.customer).state == "done"
    work(NOW + 2 * HOUR)
    assert list(Message.objects.values_list("customer_id", flat=True)) == [other.customer_id]


def test_an_event_wakes_only_whom_it_is_about(store: Store) -> None:
    hope = {
        "id": "hope",
        "kind": "wait_for",
        "event": "survey.answered",
        "if": "fact.score >= 4",
        "days": 2,
        "else": "end",
    }
    journey(store, hope, SAY)
    one, two = order_of(store, "1"), order_of(store, "2")
    assert one.customer_id == two.customer_id
    delivered(one)
    delivered(two)
    tell(SurveyAnswered, one, NOW + HOUR, answer_id=1, survey="satisfaction", score=2)
    assert Run.objects.filter(state="waiting").count() == 2
    tell(SurveyAnswered, one, NOW + 2 * HOUR, answer_id=2, survey="satisfaction", score=5)
    assert list(Message.objects.values_list("order_id", flat=True)) == [one.pk]
    assert Run.objects.get(order=two).due_at == Timer.objects.get().due_at == NOW + 2 * DAY


# limeJourney PR #40: check, then start.
def test_an_entry_is_checked_before_it_is_made(store: Store) -> None:
    """Here nothing is checked: the same entry twice in one batch, and again in the next, is refused by the database."""
    journey(store, SAY)
    order = order_of(store)
    told = ParcelDelivered(
        store_id=store.pk, customer_id=order.customer_id, order_id=order.pk, occurred_at=NOW, parcel_id=1, carrier="dhl"
    )
    with clock.at(NOW):
        handlers.let_in([told, told])
        handlers.let_in([told])
    assert (Run.objects.count(), Timer.objects.count()) == (1, 1)


# novu #12373, #2569: what was retried found its own row and dropped it; two events in a second made two mails.
def test_a_step_that_is_tried_again_trips_over_its_own_work(store: Store) -> None:
    journey(store, REST, SAY)
    delivered(order_of(store))
    run = Run.objects.get()
    work(NOW + 4 * DAY)
    # As if the end of the transaction had been lost with the worker: the run stands before the step again.
    Run.objects.filter(pk=run.pk).update(state="waiting", node="say", asleep_at="rest", ended_at=None)
    Timer.objects.create(run=run, due_at=NOW)
    work(NOW + 4 * DAY)
    assert (Run.objects.get().state, Message.objects.count()) == ("done", 1)


# parcelvoy #627, #533, #432, #607: idle until restarted, stuck at 30 %, the last step not sent, 24 hours late.
def test_a_queue_stands_still_and_nobody_notices(store: Store) -> None:
    made = journey(store, REST, SAY)
    delivered(order_of(store))
    late = NOW + 3 * DAY + HOUR
    sweeping.sweep(late)
    (found,) = queries.stuck(store)
    assert (found.kind, found.count, found.since, found.journey_id) == ("overdue", 1, NOW + 3 * DAY, made.pk)
    assert queries.overdue(store, late - HOUR / 2) == 1
    work(late)
    sweeping.sweep(late)
    assert not Stuck.objects.exists()


def test_every_run_that_waits_says_why_and_until_when(store: Store, noted: list[str]) -> None:
    journey(store, REST, SAY)
    journey(store, RESCUE | {"else": "end"})
    journey(store, NOTE | {"fails": True})
    delivered(order_of(store))
    assert sorted(Run.objects.values_list("why", flat=True)) == [
        "Failed, will be tried again: ValueError: no",
        "Waits for an order, until 3 Mar 2026, 15:00",
        "Waits until 6 Mar 2026, 13:00",
    ]
    assert {run.due_at == run.timer.due_at for run in Run.objects.select_related("timer")} == {True}


# pikku PR #1148: a deploy between the row and its timer: the run slept for ever.
def test_a_run_without_its_timer_sleeps_for_ever(store: Store) -> None:
    journey(store, REST, SAY)
    delivered(order_of(store))
    Timer.objects.all().delete()
    assert sweeping.sweep(NOW + 5 * DAY) == 1
    assert Stuck.objects.get().kind == "untimed"
    work(NOW + 5 * DAY)
    assert Message.objects.count() == 1


def test_an_event_is_lost_between_entering_a_wait_and_falling_asleep(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever told of it saw nobody asleep; whoever fell asleep had not seen it."""
    journey(store, RESCUE, SAY, trigger=CART)
    buyer = order_of(store)
    with monkeypatch.context() as patch:
        patch.setattr(waking, "look_up", lambda *_: 0)  # and the worker died before it looked once more
        cart(buyer)
    with monkeypatch.context() as patch:
        patch.setattr(waking, "wake", lambda *_: 0)
        bought(buyer, NOW + HOUR / 60)
    assert Run.objects.get().state == "waiting"
    sweeping.sweep(NOW + HOUR / 12)
    work(NOW + HOUR / 12)
    assert (Run.objects.get().state, Message.objects.count()) == ("done", 0)


# Klaviyo community 17401, 393: the cart mail came after the order, because the order was told of first, or late.
def test_the_cart_mail_comes_after_the_order(store: Store) -> None:
    journey(store, RESCUE, SAY, trigger=CART)
    first, late = order_of(store, "1"), order_of(store, "2", "ana@example.com")
    # The order is told of before the cart that it was made of.
    bought(first, NOW + HOUR / 60, when=NOW + HOUR / 60)
    cart(first, NOW, when=NOW + HOUR / 10)
    # And long after it, but still in time.
    cart(late, NOW)
    bought(late, NOW + HOUR / 60, when=NOW + HOUR + HOUR / 2)
    work(NOW + 3 * HOUR)
    assert not Message.objects.exists()
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}


def test_guards_are_only_looked_at_on_entering(store: Store) -> None:
    journey(store, REST, SAY, stop_if="'vip' in customer.tags", stops_on=[])
    order = order_of(store)
    delivered(order)
    set_trait(Customer.objects.get(pk=order.customer_id), "tags", ["vip"])
    work(NOW + 4 * DAY)
    assert (Run.objects.get().outcome, Message.objects.count()) == ("stop_if", 0)


# customer.io: profile data lags behind the event; thirty minutes of trying again.
def test_facts_lag_behind_the_event_that_asks_for_them(store: Store) -> None:
    vip = {"id": "vip", "kind": "branch", "if": "'vip' in customer.tags", "then": "say", "else": "end"}
    journey(store, vip, SAY, trigger={"event": "parcel.delivered", "settle_minutes": 10})
    order = order_of(store)
    delivered(order)
    assert Run.objects.get().due_at == NOW + timedelta(minutes=10)
    set_trait(Customer.objects.get(pk=order.customer_id), "tags", ["vip"])
    work(NOW + timedelta(minutes=10))
    assert Message.objects.count() == 1
