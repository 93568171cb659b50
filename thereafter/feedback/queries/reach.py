"""Whom a question would reach, and what another budget would have done. Nothing is written."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from thereafter.commerce.models import Customer
from thereafter.feedback.models import Ask, OpenMatter, Survey
from thereafter.feedback.queries.asks import persons, topic_of, wish_of
from thereafter.feedback.rules.budget import ASKED, WAITS, Past, Person, Policy, Wish, decide, is_held_out
from thereafter.stores.models import Store

# So many of the newest customers stand for all: enough for whole per cents.
SAMPLE = 2000
RECENT = timedelta(days=90)
_MOST_WISHES = 20_000


@dataclass(frozen=True)
class Reach:
    """How many of those looked at would be asked now, would wait, or would not be asked, by reason."""

    people: int
    asked: int
    waiting: int
    reasons: list[tuple[str, int]]


@dataclass(frozen=True)
class Tried:
    """What a budget makes of the wishes of the last days: by topic (wanted, asked), and why the others were not."""

    wanted: int
    asked: int
    people: int
    most_asked: int
    topics: list[tuple[str, int, int]]
    reasons: list[tuple[str, int]]


def reach(store: Store, survey: Survey, policy: Policy, now: datetime) -> Reach:
    """If all who ordered in the last 90 days were asked this survey now (a sample of the newest 2,000 of them)."""
    bought = Customer.objects.of(store).filter(orders__placed_at__gte=now - RECENT, merged_into=None).distinct()
    people = list(bought.order_by("-pk")[:SAMPLE])
    known = persons(store.pk, people, policy, now)
    days = timedelta(days=survey.good_for_days)
    wish = Wish(0, f"survey:{survey.pk}", survey.priority, now, now + days, survey.again_after_days)
    verdicts = [decide(known[person.pk], [wish], policy, now)[0] for person in people]
    return Reach(
        people=len(people),
        asked=sum(1 for one in verdicts if one.state == ASKED),
        waiting=sum(1 for one in verdicts if one.state == WAITS),
        reasons=Counter(one.reason for one in verdicts if one.reason).most_common(),
    )


def tried(store: Store, policy: Policy, now: datetime, since: datetime) -> Tried:
    """The wishes of a period once more, with another budget: what each person would have been asked.

    What was open then is known (`OpenMatter`); whoever answered is taken to answer again after the same time.
    """
    wishes = Ask.objects.of(store).filter(due_at__gte=since, due_at__lt=now).select_related("survey")
    by_person: dict[int, list[Ask]] = defaultdict(list)
    for ask in wishes.order_by("-due_at", "-id")[:_MOST_WISHES]:
        by_person[ask.customer_id].append(ask)
    matters: dict[int, list[OpenMatter]] = defaultdict(list)
    for matter in OpenMatter.objects.of(store).filter(customer_id__in=by_person):
        matters[matter.customer_id].append(matter)
    names = {topic_of(ask): ask for asks in by_person.values() for ask in asks}
    wanted, asked, reasons, most = Counter[str](), Counter[str](), Counter[str](), 0
    for person, asks in by_person.items():
        held_out = is_held_out(store.pk, person, policy.holdout_percent)
        past = _again(asks, matters[person], policy, held_out=held_out)
        wanted.update(topic_of(ask) for ask in asks)
        mine = [one for one in past if one.state == ASKED]
        asked.update(one.topic for one in mine)
        reasons.update(one.reason for one in past if one.state != ASKED)
        most = max(most, len(mine))
    return Tried(
        wanted=wanted.total(),
        asked=asked.total(),
        people=len(by_person),
        most_asked=most,
        topics=[(_name(names[topic]), count, asked[topic]) for topic, count in wanted.most_common()],
        reasons=reasons.most_common(),
    )


def _name(ask: Ask) -> str:
    return str(ask.survey).replace("_", " ").capitalize() if ask.survey else ask.get_what_display()


def _again(asks: Sequence[Ask], matters: Sequence[OpenMatter], policy: Policy, *, held_out: bool) -> list[Past]:
    """One person's time once more, from wish to wish."""
    waiting = sorted((wish_of(ask) for ask in asks), key=lambda wish: (wish.due_at, wish.key))
    answered = {ask.pk: ask.answered_at - ask.asked_at for ask in asks if ask.answered_at and ask.asked_at}
    look = {wish.key: wish.due_at for wish in waiting}
    past: list[Past] = []
    while waiting:
        now = min(look[wish.key] for wish in waiting)
        heard = [one._replace(answered_at=None) if one.answered_at and one.answered_at > now else one for one in past]
        person = Person(past=heard, matters=_open(matters, now), held_out=held_out)
        for verdict in decide(person, [wish for wish in waiting if wish.due_at <= now], policy, now):
            if verdict.state == WAITS and verdict.look_at:
                look[verdict.wish.key] = verdict.look_at
                continue
            waiting.remove(verdict.wish)
            after = answered.get(verdict.wish.key)
            then = now + after if after is not None and verdict.state == ASKED else None
            past.append(Past(verdict.wish.topic, verdict.state, now, verdict.reason, then))
    return past


def _open(matters: Sequence[OpenMatter], at: datetime) -> frozenset[str]:
    return frozenset(
        one.kind for one in matters if one.opened_at <= at and (one.closed_at is None or one.closed_at > at)
    )


def figures(store: Store, since: datetime) -> list[tuple[str, str, int]]:
    """(state, reason, how many) of what was wanted in the period."""
    wanted = Ask.objects.of(store).filter(wanted_at__gte=since).order_by()
    return list(wanted.values_list("state", "reason").annotate(times=Count("id")))
