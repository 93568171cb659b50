"""What a campaign would do if it went out now: how many get it, by which channel and when, and who does not and why.

Asks the same contact rules as sending does. Of large audiences an even sample is asked, and the figures say so.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F

from thereafter.campaigns import audience
from thereafter.campaigns.audience import Reached
from thereafter.campaigns.rules import timing
from thereafter.campaigns.rules.plans import Plan
from thereafter.commerce.models import Customer
from thereafter.kit import clock
from thereafter.stores.models import Store

SAMPLE = 4_000


@dataclass(frozen=True)
class Turn:
    """People whose clocks are alike. `offset` is hours from UTC; `at` is when their first message goes."""

    at: datetime
    zones: tuple[str, ...]
    offset: float
    people: int


@dataclass(frozen=True)
class Estimate:
    """`total` is the audience; `get` those who get it, after holdout and the most. Scaled up when `is_sample`."""

    total: int
    get: int
    held: int
    over_most: int
    by_channel: list[tuple[str, int]] = field(default_factory=list)
    why_not: list[tuple[str, int]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    per_hour: list[tuple[datetime, int]] = field(default_factory=list)
    is_sample: bool = False


def count(store: Store, plan: Plan, now: datetime) -> int:
    """The audience alone. Raises `BadCondition`."""
    return audience.chosen(store, plan, now).count()


def estimate(store: Store, plan: Plan, now: datetime) -> Estimate:
    """Raises `BadCondition` and `UnknownTemplate`."""
    total = count(store, plan, now)
    people = _sample(store, plan, total, now)
    scale = total / len(people) if people else 1.0
    known = audience.reached(store, plan, people, now)
    can = [one for one in known if not one.why_not]
    reachable = round(len(can) * scale)
    chosen = min(reachable, plan.most_people or reachable)
    held = round(chosen * plan.holdout / 100)
    get = chosen - held
    share = get / len(can) if can else 0.0
    launch = timing.launch_at(plan, now=now, shop_zone=store.time_zone)
    turns = _turns(plan, can, launch, share)
    per_hour = _per_hour(plan, turns, get, launch)
    return Estimate(
        total=total,
        get=get,
        held=held,
        over_most=reachable - chosen,
        by_channel=_scaled(Counter(one.channel for one in can), share),
        why_not=_scaled(Counter(one.why_not for one in known if one.why_not), scale),
        turns=turns,
        begins_at=turns[0].at if turns else launch,
        ends_at=_ends(plan, turns, get),
        per_hour=per_hour,
        is_sample=len(people) < total,
    )


def _sample(store: Store, plan: Plan, total: int, now: datetime) -> list[Customer]:
    people = audience.chosen(store, plan, now).order_by("pk")
    step = -(-total // SAMPLE)
    if step > 1:
        people = people.annotate(place=F("pk") % step).filter(place=step // 2)
    found = list(people[: SAMPLE * 2])
    return found or list(audience.chosen(store, plan, now).order_by("pk")[:SAMPLE])


def _scaled(counts: Counter[str], scale: float) -> list[tuple[str, int]]:
    return [(name, round(count * scale)) for name, count in counts.most_common()]


def _turns(plan: Plan, can: Sequence[Reached], launch: datetime, share: float) -> list[Turn]:
    counts = Counter(one.zone for one in can)
    at: dict[datetime, list[tuple[str, int]]] = {}
    for zone, people in counts.items():
        at.setdefault(timing.due_at(plan, zone=zone, launched_at=launch), []).append((zone, people))
    return [_turn(moment, at[moment], share) for moment in sorted(at)]


def _turn(moment: datetime, zones: Sequence[tuple[str, int]], share: float) -> Turn:
    largest = sorted(zones, key=lambda one: -one[1])
    offset = moment.astimezone(clock.zone(largest[0][0])).utcoffset() or timedelta()
    people = round(sum(count for _, count in zones) * share)
    return Turn(moment, tuple(name for name, _ in largest), offset / timedelta(hours=1), people)


def _per_hour(plan: Plan, turns: Sequence[Turn], get: int, launch: datetime) -> list[tuple[datetime, int]]:
    """How many go in each hour; a throttle carries over to the next what one hour does not hold."""
    if not turns or not get:
        return []
    room = plan.per_minute * 60 if plan.per_minute else float("inf")
    waiting = 0.0
    hours: list[tuple[datetime, int]] = []
    at = turns[0].at.replace(minute=0, second=0, microsecond=0)
    left = list(turns)
    while (left or waiting >= 1) and len(hours) < 24 * 14:
        while left and left[0].at < at + timedelta(hours=1):
            waiting += left.pop(0).people
        going = min(waiting, room)
        hours.append((at, round(going)))
        waiting -= going
        at += timedelta(hours=1)
    return hours


def _ends(plan: Plan, turns: Sequence[Turn], get: int) -> datetime | None:
    """When the last one goes, if nothing holds it."""
    if not turns or not get:
        return None
    if plan.per_minute is None:
        return turns[-1].at
    end = turns[0].at
    for turn in turns:
        end = max(end, turn.at) + timedelta(minutes=turn.people / plan.per_minute)
    return end
