"""Goals are written down for who is in a journey and who is held out, and compared."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.events.journeys import JourneyGoalReached
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.surveys import SurveyAnswered
from thereafter.journeys import attribution, proving, splitting
from thereafter.journeys.actions import goals, publishing, winning
from thereafter.journeys.models import Conversion, Journey, Run, SplitWinner
from thereafter.journeys.rules import proof
from thereafter.kit import clock
from thereafter.messaging.models import Message, Receipt
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
REST = {"id": "rest", "kind": "wait", "days": 20}
SAY = {"id": "say", "kind": "send", "template": "delivered"}


@pytest.fixture
def store() -> Store:
    return make_store()


def journey(store: Store, *steps: dict[str, Any], **more: Any) -> Journey:
    made = Journey.objects.create(store=store, key="j", name="A journey", live=True, created_at=NOW)
    publishing.publish(made, {"trigger": {"event": "parcel.delivered"}, "steps": list(steps), **more}, now=NOW)
    return made


def delivered(store: Store, number: int = 1) -> Order:
    with clock.at(NOW):
        order = make_order(store, number=str(number), email=f"p{number}@example.com", placed_at=NOW - timedelta(days=9))
        ids: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
        record(ParcelDelivered(**ids, occurred_at=NOW, parcel_id=number, carrier="dhl"))
    return order


def work(now: datetime) -> None:
    with clock.at(now):
        run_until_idle()


def buys(store: Store, number: int, at: datetime) -> None:
    with clock.at(at):
        make_order(store, number=f"again-{number}-{at:%d}", email=f"p{number}@example.com", placed_at=at)
    work(at)


BUY = {"event": "order.placed", "within_days": 10}


def test_a_goal_counts_within_its_time_once_per_event(store: Store) -> None:
    journey(store, REST, goal=BUY)
    delivered(store)
    work(NOW)
    for days in (2, 4, 11):
        buys(store, 1, NOW + timedelta(days=days))
    assert [row.amount_minor for row in Conversion.objects.all()] == [8990, 8990]
    assert_recorded(JourneyGoalReached, amount_minor=8990, held_out=False)
    event = SurveyAnswered(store_id=store.pk, customer_id=1, occurred_at=NOW, answer_id=1, survey="x", score=1)
    goals.reach([event], NOW)
    assert Conversion.objects.count() == 2


def test_a_goal_told_twice_is_one(store: Store) -> None:
    journey(store, REST, goal={"event": "survey.answered", "if": "fact.score >= 4"})
    order = delivered(store)
    work(NOW)
    at = NOW + timedelta(days=1)
    ids: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
    events = [
        SurveyAnswered(**ids, occurred_at=at, answer_id=answer, survey="x", score=score)
        for answer, score in ((1, 5), (1, 5), (2, 3))
    ]
    for _ in range(2):
        goals.reach(events, at)
    assert [row.event for row in Conversion.objects.all()] == ["survey.answered:1"]


def test_a_goal_that_ends_the_journey_ends_it(store: Store) -> None:
    journey(store, REST, SAY, goal=BUY | {"stops": True})
    delivered(store)
    work(NOW)
    buys(store, 1, NOW + timedelta(days=3))
    work(NOW + timedelta(days=30))
    assert list(Run.objects.values_list("state", "outcome")) == [("stopped", "goal")]
    assert not Message.objects.exclude(origin="").exists()


def test_who_is_held_out_reaches_goals_too_and_is_compared(store: Store) -> None:
    made = journey(store, SAY, goal=BUY, holdout=50)
    for number in range(1, 25):
        delivered(store, number)
    work(NOW)
    for number in range(1, 25):
        if number % 2:
            buys(store, number, NOW + timedelta(days=3))
    held = Run.objects.filter(state="held")
    assert Conversion.objects.filter(run__in=held).exists()
    early = proving.of_journey(made, NOW + timedelta(days=5))
    assert (early.main.treated.people, early.still_open) == (0, 24)
    result = proving.of_journey(made, NOW + timedelta(days=20))
    treated, held_out = result.main.treated, result.main.held
    assert (treated.people, held_out.people) == (24 - held.count(), held.count())
    assert treated.reached + held_out.reached == 12
    assert treated.money + held_out.money == 12 * 8990
    assert result.main.verdict == proof.TOO_FEW


def test_without_a_holdout_it_tells_what_people_did_and_compares_nothing(store: Store) -> None:
    made = journey(store, SAY)
    delivered(store)
    work(NOW)
    buys(store, 1, NOW + timedelta(days=3))
    result = proving.of_journey(made, NOW + timedelta(days=60))
    assert (result.main.verdict, result.main.treated.reached, result.main.rate) == (proof.NO_HOLDOUT, 1, None)


def test_the_last_touch_is_a_readers_click_else_what_was_sent_last(store: Store) -> None:
    made = journey(store, SAY)
    delivered(store)
    work(NOW)
    message = Message.objects.exclude(origin="").get()
    assert message.state == "sent"
    buys(store, 1, NOW + timedelta(days=3))
    window = timedelta(days=5)
    assert attribution.last_touch(made, NOW - window, window) == attribution.Attributed(1, 0, 8990)
    for machine, clicked in ((True, 0), (False, 1)):
        Receipt.objects.create(
            store=store, message=message, kind="clicked", machine=machine, key=f"{machine}", at=NOW + timedelta(days=1)
        )
        assert attribution.last_touch(made, NOW - window, window).clicked == clicked
    assert attribution.last_touch(made, NOW - window, timedelta(days=1)) == attribution.Attributed()


WAYS = [{"name": "a", "weight": 50, "to": "say"}, {"name": "b", "weight": 50, "to": "other"}]
SPLIT = {"id": "test", "kind": "split", "ways": WAYS, "winner": {"by": "click", "at_least": 10}}
OTHER = {"id": "other", "kind": "send", "template": "delivered_late"}


def test_the_better_way_of_a_split_takes_over_when_it_is_beyond_doubt(store: Store) -> None:
    made = journey(store, SPLIT, SAY | {"next": "end"}, OTHER)
    for number in range(1, 61):
        delivered(store, number)
    work(NOW)
    version = made.version
    assert version
    for message in Message.objects.filter(template="delivered_late"):
        click(message, machine=False)
    for message in Message.objects.filter(template="delivered"):
        click(message, machine=True)
    (split,) = splitting.of_version(version)
    a, b = split.ways
    assert (a.people + b.people, a.reached, b.reached) == (60, 0, b.people)
    assert winning.name_winners(NOW) == 1
    assert winning.name_winners(NOW) == 0
    assert SplitWinner.objects.get().way == "b"
    for number in range(61, 81):
        delivered(store, number)
    work(NOW + timedelta(hours=1))
    assert Message.objects.filter(template="delivered").exclude(origin="").count() == a.people


def click(message: Message, *, machine: bool) -> None:
    Receipt.objects.create(
        store_id=message.store_id,
        message=message,
        kind="clicked",
        machine=machine,
        key="k",
        at=NOW + timedelta(hours=1),
    )


def test_equal_ways_have_no_winner(store: Store) -> None:
    journey(store, SPLIT, SAY | {"next": "end"}, OTHER)
    for number in range(1, 31):
        delivered(store, number)
    work(NOW)
    assert winning.name_winners(NOW) == 0


def page(store: Store, path: str) -> str:
    return signed_in(make_staff(store)).get(f"/console/{store.slug}/{path}").content.decode()


def test_the_page_tells_what_was_proved(store: Store) -> None:
    journey(store, SAY, goal=BUY, holdout=50)
    for number in range(1, 9):
        delivered(store, number)
    work(NOW)
    with clock.at(NOW + timedelta(days=15)):
        told = page(store, "journeys/j/proof/")
    assert "Too few to tell" in told
    assert "bought again within 10 days" in told


def test_the_page_without_a_holdout_says_how_to_set_one(store: Store) -> None:
    journey(store, SAY)
    assert "Set a holdout" in page(store, "journeys/j/proof/")
    assert "Nobody is held out" in page(store, "proof/")


def test_a_journey_of_another_shop_has_no_proof_here(store: Store) -> None:
    journey(make_store("other"), SAY)
    staff = make_staff(store)
    for path in ("proof", "rehearse", "walk"):
        assert signed_in(staff).get(f"/console/{store.slug}/journeys/j/{path}/").status_code == 404
