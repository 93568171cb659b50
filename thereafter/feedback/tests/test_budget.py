from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.feedback.rules import budget
from thereafter.feedback.rules.budget import ASKED, SKIPPED, WAITS, Past, Person, Policy, Verdict, Wish

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def wish(key: int = 1, topic: str = "survey:1", priority: int = 5, **changes: object) -> Wish:
    usual = Wish(key, topic, priority, NOW - timedelta(hours=1), NOW + 14 * DAY)
    return replace(usual, **changes)  # type: ignore[arg-type]  # fields of a wish


def asked(days_ago: float, topic: str = "survey:9", answered_days_ago: float | None = None) -> Past:
    answered = None if answered_days_ago is None else NOW - answered_days_ago * DAY
    return Past(topic, ASKED, NOW - days_ago * DAY, answered_at=answered)


def only(person: Person, one: Wish, policy: Policy = Policy()) -> Verdict:  # noqa: B008 a frozen value
    (verdict,) = budget.decide(person, [one], policy, NOW)
    return verdict


def test_who_was_left_in_peace_is_asked() -> None:
    assert only(Person(), wish()) == Verdict(wish(), ASKED)


def test_before_its_time_an_ask_waits_and_after_it_is_skipped() -> None:
    early = wish(due_at=NOW + DAY)
    assert only(Person(), early) == Verdict(early, WAITS, budget.NOT_YET, NOW + DAY)
    assert only(Person(), wish(expires_at=NOW)).reason == budget.TOO_LATE


def test_three_in_thirty_days_and_then_when_the_oldest_has_left_the_window() -> None:
    person = Person(past=[asked(29), asked(20), asked(10)])
    assert only(person, wish()) == Verdict(wish(), WAITS, budget.BUDGET, NOW + DAY)
    assert only(Person(past=[asked(30), asked(20), asked(10)]), wish()).state == ASKED


def test_what_cannot_have_a_place_in_time_is_skipped_now() -> None:
    person = Person(past=[asked(5), asked(9), asked(12)])
    assert only(person, wish()) == Verdict(wish(), SKIPPED, budget.BUDGET)


def test_days_of_quiet_after_an_ask_and_after_an_answer() -> None:
    assert only(Person(past=[asked(2)]), wish()) == Verdict(wish(), WAITS, budget.ASKED_LATELY, NOW + DAY)
    late = Person(past=[asked(10, answered_days_ago=1)])
    assert only(late, wish()) == Verdict(wish(), WAITS, budget.ANSWERED_LATELY, NOW + 2 * DAY)


def test_the_same_survey_is_not_asked_again_before_its_days_are_over() -> None:
    yearly = wish(again_after=90)
    assert only(Person(past=[asked(60, "survey:1")]), yearly) == Verdict(yearly, SKIPPED, budget.SAME_AGAIN)
    assert only(Person(past=[asked(60, "survey:2")]), yearly).state == ASKED


@pytest.mark.parametrize("kind", budget.QUIET)
def test_while_something_is_open_an_ask_waits(kind: str) -> None:
    verdict = only(Person(matters={kind}), wish())
    assert (verdict.state, verdict.reason) == (WAITS, budget.MATTER)
    other = Policy(quiet_while=frozenset(budget.QUIET) - {kind})
    assert only(Person(matters={kind}), wish(), other).state == ASKED


def test_a_bad_score_holds_back_no_review() -> None:
    """16 CFR 465.7: it opens a follow-up, and what a person is asked for a review waits for none."""
    review = replace(wish(), topic="review")
    assert only(Person(matters={"follow_up"}), review).state == ASKED
    assert only(Person(matters={"return"}), review).reason == budget.MATTER


def test_reviews_wait_a_month_for_what_is_open_and_no_longer() -> None:
    def of(days: int) -> Wish:
        return wish(topic="review", due_at=NOW - days * DAY, expires_at=NOW + 15 * DAY)

    busy = Person(matters={"return"})
    assert only(busy, of(29)).reason == budget.MATTER
    assert only(busy, of(30)).state == ASKED


def test_held_out_people_and_those_without_an_address_are_not_asked() -> None:
    assert only(Person(held_out=True), wish()).reason == budget.HELD_OUT
    assert only(Person(has_address=False), wish()).reason == budget.NO_ADDRESS
    shares = [sum(budget.is_held_out(1, person, percent) for person in range(10_000)) for percent in (0, 10, 50)]
    assert shares[0] == 0
    assert 900 < shares[1] < 1100
    assert 4800 < shares[2] < 5200


def test_of_two_the_more_important_goes_and_the_other_waits() -> None:
    low, high = wish(1, priority=2), wish(2, "survey:2", priority=8)
    verdicts = budget.decide(Person(), [low, high], Policy(), NOW)
    assert [(one.wish.key, one.state, one.reason) for one in verdicts] == [
        (1, WAITS, budget.PREFERRED),
        (2, ASKED, ""),
    ]


def test_waiting_and_being_skipped_raise_the_rank() -> None:
    low, high = wish(1, priority=5, due_at=NOW - 11 * DAY), wish(2, "survey:2", priority=6)
    assert [one.state for one in budget.decide(Person(), [low, high], Policy(), NOW)] == [ASKED, WAITS]
    often = Person(past=[Past("survey:1", SKIPPED, NOW - n * DAY, budget.BUDGET) for n in (20, 40, 60)])
    fresh = wish(1, priority=2)
    assert budget.rank(often, fresh, NOW) == 2 + 6
    since_asked = Person(past=[*often.past, asked(30, "survey:1")])
    assert budget.rank(since_asked, fresh, NOW) == 2 + 2
    told = Person(past=[Past("survey:1", SKIPPED, NOW - DAY, budget.HELD_OUT)])
    assert budget.rank(told, fresh, NOW) == 2


@given(
    st.lists(st.tuples(st.floats(0, 60), st.none() | st.floats(0, 60)), max_size=12),
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9), st.floats(-20, 20)), min_size=1, max_size=8),
    st.integers(1, 4),
    st.integers(0, 10),
)
def test_whatever_was_before_at_most_one_is_asked_and_never_over_the_budget(
    before: list[tuple[float, float | None]], wanted: list[tuple[int, int, float]], most: int, gap: int
) -> None:
    person = Person(past=[asked(ago, "survey:1", answered) for ago, answered in before])
    policy = Policy(most=most, gap_after_ask=gap)
    wishes = [
        wish(key, f"survey:{topic}", priority, due_at=NOW + due * DAY, expires_at=NOW + (due + 14) * DAY)
        for key, (topic, priority, due) in enumerate(wanted)
    ]
    verdicts = budget.decide(person, wishes, policy, NOW)
    assert [one.wish for one in verdicts] == wishes
    chosen = [one for one in verdicts if one.state == ASKED]
    recent = [ago for ago, _ in before if ago < policy.days]
    assert len(chosen) <= (0 if len(recent) >= most or any(ago < gap for ago, _ in before) else 1)
    assert all(one.look_at and one.look_at > NOW for one in verdicts if one.state == WAITS)
    assert all(one.reason for one in verdicts if one.state == SKIPPED)


class Survey(NamedTuple):
    """A survey of the simulated shop: it wants somebody every so many days, and is good for so many."""

    topic: str
    priority: int
    every: int
    good_for: int


# A shop that wants four times what its budget gives, and one with customers who buy every two months.
GREEDY = (
    Survey("survey:delivery", 9, 7, 7),
    Survey("survey:ticket", 7, 20, 7),
    Survey("review", 6, 10, 30),
    Survey("survey:nps", 4, 45, 30),
    Survey("survey:habits", 1, 30, 30),
)
USUAL = (
    Survey("survey:delivery", 9, 60, 14),
    Survey("survey:ticket", 7, 180, 14),
    Survey("review", 6, 60, 45),
    Survey("survey:nps", 4, 90, 14),
    Survey("survey:habits", 1, 90, 14),
)


def a_year(person: int, surveys: Sequence[Survey], policy: Policy) -> tuple[Counter[str], Counter[str], list[datetime]]:
    """How often each survey wanted one person in a year, how often it was asked, and when anything was."""
    chance = Random(person)
    waiting = [
        Wish(0, one.topic, one.priority, at, at + one.good_for * DAY)
        for one in surveys
        for at in _times(chance, one.every)
    ]
    waiting = [replace(one, key=key) for key, one in enumerate(sorted(waiting, key=lambda one: one.due_at))]
    wanted, look = Counter(one.topic for one in waiting), {one.key: one.due_at for one in waiting}
    past: list[Past] = []
    while waiting:
        # As the job does: whoever has something due is looked at, with all that waits for them.
        now = min(look[one.key] for one in waiting)
        for verdict in budget.decide(Person(past=past), [one for one in waiting if one.due_at <= now], policy, now):
            if verdict.state == WAITS and verdict.look_at:
                look[verdict.wish.key] = verdict.look_at
                continue
            waiting.remove(verdict.wish)
            past.append(Past(verdict.wish.topic, verdict.state, now, verdict.reason))
    asks = [one for one in past if one.state == ASKED]
    return wanted, Counter(one.topic for one in asks), [one.at for one in asks]


def _times(chance: Random, every: int) -> Sequence[datetime]:
    times, at = [], NOW + chance.random() * every * DAY
    while at < NOW + 365 * DAY:
        times.append(at)
        at += chance.expovariate(1 / every) * DAY
    return times


@pytest.mark.parametrize(
    ("people", "surveys", "policy"),
    [
        (10_000, USUAL, Policy()),
        (200, GREEDY, Policy()),
        (200, GREEDY, Policy(most=1, days=14, gap_after_ask=7)),
    ],
    ids=["ten thousand people", "a greedy shop", "a greedy shop with a small budget"],
)
def test_in_a_year_nobody_is_over_the_budget_and_the_least_important_survey_gets_its_share(
    people: int, surveys: Sequence[Survey], policy: Policy
) -> None:
    wanted, asked_of = Counter[str](), Counter[str]()
    for person in range(people):
        wishes, asks, times = a_year(person, surveys, policy)
        wanted += wishes
        asked_of += asks
        for first, last in zip(times, times[policy.most :], strict=False):
            assert last - first >= policy.days * DAY
        for first, second in pairwise(times):
            assert second - first >= policy.gap_after_ask * DAY
    least, most = surveys[-1].topic, surveys[0].topic
    # Half of what it would get if all were alike, at the least; and rank still counts.
    assert asked_of[least] / asked_of.total() > wanted[least] / wanted.total() / 2, (wanted, asked_of)
    assert asked_of[most] / wanted[most] > asked_of[least] / wanted[least], (wanted, asked_of)
