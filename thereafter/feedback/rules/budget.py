"""How much one person is asked, over surveys, reviews and questions of others together.

Who waits gains rank with each day, and a question that was skipped again and again comes first in the end: a frequent
survey cannot keep a rare one out for ever.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

ASKED, WAITS, SKIPPED = "asked", "waiting", "skipped"

# Why an ask waits or is skipped.
NOT_YET, TOO_LATE, HELD_OUT = "not_yet", "too_late", "holdout"
BUDGET, ASKED_LATELY, ANSWERED_LATELY = "budget", "asked_lately", "answered_lately"
SAME_AGAIN, PREFERRED, MATTER, NO_ADDRESS = "same_again", "preferred", "matter", "no_address"
GONE = "gone"
# Skipped for one of these, a question has lost its place to others.
LOST_TO_OTHERS = frozenset({TOO_LATE, BUDGET, ASKED_LATELY, ANSWERED_LATELY, PREFERRED})

QUIET = ("return", "claim", "ticket", "follow_up", "problem")
FOLLOW_UP = "follow_up"
# What a day of waiting, and what having been skipped, adds to a priority of 1 to 9. Chosen by a simulated year in which
# five surveys want four times what the budget gives: the least important gets 7 % of the asks (2 % without), and the
# most important most.
_PER_DAY, _PER_SKIP = 0.1, 2
# While something is open, we look again so often even if nobody tells us that it closed.
_LOOK_AGAIN = timedelta(days=1)
REVIEW = "review"
_REVIEWS_WAIT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `most` asks in `days` days; so many days of quiet after an ask and after an answer."""

    most: int = 3
    days: int = 30
    gap_after_ask: int = 3
    gap_after_answer: int = 3
    quiet_while: frozenset[str] = frozenset(QUIET)
    holdout_percent: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """One question somebody should be asked. `topic` names what it is (a survey's key, "review", "question")."""

    key: int
    topic: str
    priority: int
    due_at: datetime
    expires_at: datetime
    again_after: int = 0


class Past(NamedTuple):
    """A question that was decided: asked (and perhaps answered), or skipped."""

    topic: str
    state: str
    at: datetime
    reason: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What decides for one person; `matters` are the kinds of what is open between them and the shop."""

    past: Sequence[Past] = ()
    matters: Collection[str] = field(default_factory=frozenset)
    held_out: bool = False
    has_address: bool = True

    def asked(self) -> list[Past]:
        return [one for one in self.past if one.state == ASKED]


class Verdict(NamedTuple):
    """What becomes of a wish now; `look_at`: when it is worth asking again."""

    wish: Wish
    state: str
    reason: str = ""
    look_at: datetime | None = None


class _Block(NamedTuple):
    reason: str
    until: datetime


def is_held_out(store_id: int, customer_id: int, percent: int) -> bool:
    """The same people always, by a hash; so many of a hundred."""
    mark = blake2b(f"ask:{store_id}:{customer_id}".encode(), digest_size=8).digest()
    return int.from_bytes(mark, "big") % 100 < percent


def decide(person: Person, wishes: Sequence[Wish], policy: Policy, now: datetime) -> list[Verdict]:
    """A verdict for each wish of one person; at most one of them is asked."""
    verdicts = [_alone(person, wish, policy, now) for wish in wishes]
    free = [verdict.wish for verdict in verdicts if verdict.state == ASKED]
    if len(free) < 2:  # noqa: PLR2004 nobody competes
        return verdicts
    first = max(free, key=lambda wish: (rank(person, wish, now), -wish.key))
    quiet = max(timedelta(days=policy.gap_after_ask), timedelta(hours=1))
    return [
        _put_off(verdict.wish, PREFERRED, now + quiet, now)
        if verdict.state == ASKED and verdict.wish is not first
        else verdict
        for verdict in verdicts
    ]


def rank(person: Person, wish: Wish, now: datetime) -> float:
    """Its priority, more for each day it has waited and for each time it was skipped since it was last asked."""
    waited = max(0, (now - wish.due_at).days)
    return wish.priority + _PER_DAY * waited + _PER_SKIP * _skipped_since_asked(person, wish.topic)


def _skipped_since_asked(person: Person, topic: str) -> int:
    mine = [one for one in person.past if one.topic == topic]
    last = max((one.at for one in mine if one.state == ASKED), default=None)
    return sum(
        1 for one in mine if one.state == SKIPPED and one.reason in LOST_TO_OTHERS and (last is None or one.at > last)
    )


def _alone(person: Person, wish: Wish, policy: Policy, now: datetime) -> Verdict:
    """What becomes of it if there were no other."""
    if person.held_out:
        return Verdict(wish, SKIPPED, HELD_OUT)
    if not person.has_address:
        return Verdict(wish, SKIPPED, NO_ADDRESS)
    if now >= wish.expires_at:
        return Verdict(wish, SKIPPED, TOO_LATE)
    if now < wish.due_at:
        return Verdict(wish, WAITS, NOT_YET, wish.due_at)
    blocks = [block for rule in _RULES if (block := rule(person, wish, policy, now))]
    if not blocks:
        return Verdict(wish, ASKED)
    longest = max(blocks, key=lambda block: block.until)
    return _put_off(wish, longest.reason, longest.until, now)


def _put_off(wish: Wish, reason: str, until: datetime, now: datetime) -> Verdict:
    """It waits while that makes sense; what can only come too late is skipped now."""
    if until < wish.expires_at:
        return Verdict(wish, WAITS, reason, until)
    # What is open may close any day; every other reason is known to last.
    if reason == MATTER:
        return Verdict(wish, WAITS, reason, wish.expires_at)
    return Verdict(wish, SKIPPED, reason)


def _same_again(person: Person, wish: Wish, policy: Policy, now: datetime) -> _Block | None:
    last = max((one.at for one in person.asked() if one.topic == wish.topic), default=None)
    return _until(SAME_AGAIN, last, wish.again_after, now)


def _matter(person: Person, wish: Wish, policy: Policy, now: datetime) -> _Block | None:
    """Reviews wait for a month at most: who has reason to complain is asked like everybody else, only later."""
    if wish.topic == REVIEW and now >= wish.due_at + _REVIEWS_WAIT:
        return None
    quiet = quiet_for(wish.topic, policy)
    return _Block(MATTER, now + _LOOK_AGAIN) if quiet.intersection(person.matters) else None


def quiet_for(topic: str, policy: Policy) -> frozenset[str]:
    """What must not be open. A bad score opens a follow-up, and no score may decide whether or when a review is asked
    (16 CFR 465.7): those wait for none."""
    return policy.quiet_while - {FOLLOW_UP} if topic == REVIEW else policy.quiet_while


def _full(person: Person, wish: Wish, policy: Policy, now: datetime) -> _Block | None:
    """The window rolls: the oldest of the last `most` asks must have left it."""
    window = timedelta(days=policy.days)
    times = sorted((one.at for one in person.asked() if one.at > now - window), reverse=True)
    return _Block(BUDGET, times[policy.most - 1] + window) if len(times) >= policy.most else None


def _asked_lately(person: Person, wish: Wish, policy: Policy, now: datetime) -> _Block | None:
    return _until(ASKED_LATELY, max((one.at for one in person.asked()), default=None), policy.gap_after_ask, now)


def _answered_lately(person: Person, wish: Wish, policy: Policy, now: datetime) -> _Block | None:
    last = max((one.answered_at for one in person.past if one.answered_at), default=None)
    return _until(ANSWERED_LATELY, last, policy.gap_after_answer, now)


def _until(reason: str, last: datetime | None, days: int, now: datetime) -> _Block | None:
    if last is None or not days:
        return None
    until = last + timedelta(days=days)
    return _Block(reason, until) if until > now else None


_RULES: Sequence[Callable[[Person, Wish, Policy, datetime], _Block | None]] = (
    _same_again,
    _matter,
    _full,
    _asked_lately,
    _answered_lately,
)
