"""What a journey's people did, let in and held out, counted for `rules.proof`. Reads only.

A person counts once, from the first time they entered within `LOOK_BACK`, and as soon as their window is over: who had
less time would look as if they did less.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from thereafter.commerce.models import Order
from thereafter.journeys.models import Conversion, Journey, JourneyVersion, Run
from thereafter.journeys.queries import is_marketing
from thereafter.journeys.rules import goals, proof
from thereafter.journeys.rules.plans import plan
from thereafter.journeys.rules.proof import Arm, Proof, Trial
from thereafter.kit import clock
from thereafter.messaging import queries as messaging
from thereafter.messaging.rules import gate
from thereafter.stores.models import Store

LOOK_BACK = timedelta(days=400)
CONTROL_WINDOW = timedelta(days=90)
MOST_POINTS = 26


@dataclass(frozen=True, slots=True)
class Person:
    """One who entered: what they did within their window. `bought` counts orders but the one they came with."""

    started_at: datetime
    share: float
    is_held: bool
    reached: bool
    bought: int
    money: int


@dataclass(frozen=True)
class Point:
    """What was known on a day."""

    on: date
    proof: Proof


@dataclass(frozen=True)
class Result:
    """`orders` is about buying again; `goal` about the journey's own goal, None when that is the same."""

    days: int
    orders: Proof
    goal: Proof | None
    course: list[Point]
    # Let in or held out, and still within their window.
    still_open: int
    since: datetime | None

    @property
    def main(self) -> Proof:
        return self.goal or self.orders


def of_journey(journey: Journey, now: datetime) -> Result:
    """What the journey earned by now. About a second for 100,000 people."""
    document = journey.version.document if journey.version else {}
    window = goals.window(document)
    people = _people(journey, now, window)
    over = [person for person in people if person.started_at + window <= now]
    goal = document.get("goal") or {}
    has_goal = bool(goal) and (goal.get("event") != goals.DEFAULT or bool(goal.get("if")))
    return _result(journey.store, over, window, has_goal=has_goal, still_open=len(people) - len(over))


def _result(store: Store, over: Sequence[Person], window: timedelta, *, has_goal: bool, still_open: int) -> Result:
    course = [Point(on, proof.prove(_trials(known, by_goal=has_goal))) for on, known in _known_by(store, over, window)]
    return Result(
        days=window.days,
        orders=proof.prove(_trials(over, by_goal=False)),
        goal=proof.prove(_trials(over, by_goal=True)) if has_goal else None,
        course=course,
        still_open=still_open,
        since=min((person.started_at for person in over), default=None),
    )


def _people(journey: Journey, now: datetime, window: timedelta) -> list[Person]:
    """Everybody by the first time they entered. Who gets no marketing at all is in neither group."""
    store = journey.store
    runs = Run.objects.of(store).filter(journey=journey, started_at__gt=now - LOOK_BACK)
    shares = _shares(journey)
    reached = set(Conversion.objects.of(store).filter(journey=journey).values_list("run_id", flat=True))
    orders = _orders(store, runs.values("customer_id"), now - LOOK_BACK)
    columns = ("customer_id", "pk", "order_id", "version_id", "state", "started_at")
    first: dict[int, tuple[Any, ...]] = {}
    for customer_id, *run in runs.order_by("started_at", "pk").values_list(*columns):
        first.setdefault(customer_id, tuple(run))
    left_out = _in_control(journey, first)
    people = []
    for customer_id, (pk, order_id, version_id, state, started_at) in first.items():
        if customer_id not in left_out:
            bought, money = _did(orders.get(customer_id, ()), started_at, window, order_id)
            share, is_held = shares.get(version_id, 1.0), state == Run.State.HELD
            people.append(Person(started_at, share, is_held, pk in reached, bought, money))
    return people


def _in_control(journey: Journey, customers: Collection[int]) -> set[int]:
    """Those whom the control group keeps out of the journey, whatever its own holdout says."""
    if journey.version is None or not is_marketing(journey.store_id, plan(journey.version.document)):
        return set()
    return messaging.in_control_group(journey.store, customers)


def _shares(journey: Journey) -> dict[int, float]:
    """The chance of being let in, by version."""
    rows = JourneyVersion.objects.of(journey.store_id).filter(journey=journey).values_list("pk", "document")
    return {pk: goals.treated_share(document) for pk, document in rows}


@dataclass(frozen=True, slots=True)
class _Bought:
    pk: int
    placed_at: datetime
    money: int


def _orders(store: Store, customers: "QuerySet[Any, Any]", since: datetime) -> Mapping[int, list[_Bought]]:
    """What these customers bought since then, net of refunds; what is not in the shop's currency counts nought."""
    rows = Order.objects.of(store).filter(customer_id__in=customers, placed_at__gt=since)
    rows = rows.exclude(status=Order.Status.CANCELLED)
    columns = ("customer_id", "pk", "placed_at", "total_minor", "refunded_minor", "currency")
    found: dict[int, list[_Bought]] = defaultdict(list)
    for customer_id, pk, placed_at, total, refunded, currency in rows.values_list(*columns):
        found[customer_id].append(_Bought(pk, placed_at, total - refunded if currency == store.currency else 0))
    return found


def _did(orders: Iterable[_Bought], started_at: datetime, window: timedelta, own_order: int | None) -> tuple[int, int]:
    within = [one for one in orders if started_at < one.placed_at <= started_at + window and one.pk != own_order]
    return len(within), sum(one.money for one in within)


def _trials(people: Iterable[Person], *, by_goal: bool) -> list[Trial]:
    """One trial for each holdout that was in force."""
    sums: dict[tuple[float, bool], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for person in people:
        arm = sums[person.share, person.is_held]
        arm[0] += 1
        arm[1] += person.reached if by_goal else person.bought > 0
        arm[2] += person.money
        arm[3] += person.money**2
    shares = sorted({share for share, _ in sums})
    return [Trial(share, Arm(*sums[share, False]), Arm(*sums[share, True])) for share in shares]


def _known_by(store: Store, over: Sequence[Person], window: timedelta) -> list[tuple[date, list[Person]]]:
    """Whose window was over by each of some evenly spaced days."""
    if not over:
        return []
    ended = sorted(over, key=lambda person: person.started_at)
    first, last = (clock.day_in(one.started_at + window, store.time_zone) for one in (ended[0], ended[-1]))
    step = max(1, -(-(last - first).days // (MOST_POINTS - 1)))
    days = sorted({last - timedelta(days=back) for back in range(0, (last - first).days + 1, step)})
    on = [clock.day_in(person.started_at + window, store.time_zone) for person in ended]
    return [(day, [person for person, at in zip(ended, on, strict=True) if at <= day]) for day in days]


def of_control_group(store: Store, now: datetime) -> Result | None:
    """What all marketing together earned, against the control group that gets none; None without such a group.

    A customer counts from their first order within `LOOK_BACK`.
    """
    percent = messaging.contact_rules(store).control_percent
    if not percent:
        return None
    share = 1 - percent / 100
    since = now - LOOK_BACK
    buyers = Order.objects.of(store).filter(placed_at__gt=since).order_by().values("customer_id")
    people = []
    for customer_id, orders in _orders(store, buyers, since).items():
        first = min(orders, key=lambda one: one.placed_at)
        bought, money = _did(orders, first.placed_at, CONTROL_WINDOW, first.pk)
        is_held = gate.is_in_control(store.pk, customer_id, percent)
        people.append(Person(first.placed_at, share, is_held, bought > 0, bought, money))
    over = [person for person in people if person.started_at + CONTROL_WINDOW <= now]
    return _result(store, over, CONTROL_WINDOW, has_goal=False, still_open=len(people) - len(over))
