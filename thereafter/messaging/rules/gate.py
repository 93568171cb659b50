"""May this message go now, and by which channel? Asked at the moment of sending, and by a rehearsal of any moment.

The order of the questions: is it still of use; is the person in the control group; by which channel are they reached
(an address, consent, not closed); is a claim open; have they had enough; is it night where they are. How fast the
channel may go is asked last, of all together: `rules.pacing`. See docs/contact-rules.md for class by class.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from thereafter.messaging.rules.caps import Contact as Contact  # noqa: PLC0414 rehearsals know it from here
from thereafter.messaging.rules.caps import Limits, free_at
from thereafter.messaging.rules.classes import MARKETING, SERVICE, TRANSACTIONAL
from thereafter.messaging.rules.contact_rules import ContactRules
from thereafter.messaging.rules.letters import is_address
from thereafter.messaging.rules.quiet import first_allowed, quiet_week

GO, HOLD, SKIP = "go", "hold", "skip"
ORDERS, SURVEYS, OFFERS = "orders", "surveys", "marketing"
CONFIRMED = "double opt-in"
# Topics are chosen once, whatever the channel.
ANY = "any"
# Nobody tells us when a claim is closed: it is looked at again.
LOOK_AGAIN = timedelta(hours=6)
# What a reader chose in the preference centre (see `caps.PACES`), and what is open with them, as traits.
PACE_TRAIT, OPEN_TRAIT = "messages.pace", "open."
_RANK = {TRANSACTIONAL: 0, SERVICE: 1, MARKETING: 2}
# When no channel reaches somebody, the reason is told that came nearest to doing so.
_NEARNESS = ("no_channel", "no_address", "bad_address", "no_consent", "not_a_buyer", "unconfirmed", "objected")


class Said(NamedTuple):
    """The last word of a person on a purpose, and where they said it."""

    granted: bool
    source: str


class Closed(NamedTuple):
    scope: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A message that is due. `held_for` is what it waited for until now."""

    key: int
    customer_id: int
    message_class: str
    channels: tuple[str, ...]
    due_at: datetime
    priority: int = 0
    origin: str = ""
    topic: str = ""
    expires_at: datetime | None = None
    held_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the person. `history` is shared by all candidates of one person, and grows as they go."""

    rules: ContactRules
    # By channel; a channel that is not there has none.
    addresses: Mapping[str, str]
    # By channel and purpose; who never said anything is not in it.
    said: Mapping[tuple[str, str], Said] = field(default_factory=dict)
    # By channel.
    closed: Mapping[str, Closed] = field(default_factory=dict)
    # Everywhere they may be, the likeliest first; country and state for the law.
    zones: tuple[str, ...] = ("UTC",)
    country: str = ""
    state: str = ""
    # Rooms with something open, such as "claim".
    open: tuple[str, ...] = ()
    history: MutableSequence[Contact] = field(default_factory=list)
    in_control: bool = False
    is_buyer: bool = True
    pace: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`until` when it is held; `expires` the moment after which it would be of no use, when it had none itself."""

    answer: str
    why: str = ""
    channel: str = ""
    until: datetime | None = None
    expires: datetime | None = None
    passed_over: tuple[tuple[str, str], ...] = ()


def judge_all(due: Iterable[tuple[Candidate, Facts]], now: datetime) -> dict[int, Verdict]:
    """Judges messages that are due together, by their key: the more important one goes first, and then counts."""
    verdicts: dict[int, Verdict] = {}
    for candidate, facts in sorted(due, key=lambda pair: rank(pair[0])):
        verdict = verdicts[candidate.key] = judge(candidate, facts, now)
        if verdict.answer == GO and candidate.message_class != TRANSACTIONAL:
            facts.history.append(Contact(now, candidate.message_class, verdict.channel))
    return verdicts


def rank(candidate: Candidate) -> tuple[int, int, bool, datetime, int]:
    """Order news first; then by priority; a journey before a campaign; what waits longest."""
    is_campaign = candidate.origin.startswith("campaign")
    is_order = candidate.message_class != TRANSACTIONAL
    return is_order, -candidate.priority, is_campaign, candidate.due_at, candidate.key


def judge(candidate: Candidate, facts: Facts, now: datetime) -> Verdict:
    """Whether it may go now, must wait, or must not go; and by which channel."""
    early = _expired(candidate, now) or _in_control(candidate, facts)
    if early:
        return early
    channel, passed_over = choose_channel(candidate, facts)
    if not channel:
        return Verdict(SKIP, _nearest(passed_over), passed_over=passed_over)
    for ask in (_open_matter, _full, _quiet):
        verdict = ask(candidate, facts, channel, now)
        if verdict:
            return Verdict(verdict.answer, verdict.why, channel, verdict.until, verdict.expires, passed_over)
    return Verdict(GO, channel=channel, passed_over=passed_over)


def _expired(candidate: Candidate, now: datetime) -> Verdict | None:
    if candidate.expires_at is None or candidate.expires_at > now:
        return None
    return Verdict(SKIP, f"expired:{candidate.held_for}" if candidate.held_for else "expired")


def _in_control(candidate: Candidate, facts: Facts) -> Verdict | None:
    return Verdict(SKIP, "control_group") if candidate.message_class == MARKETING and facts.in_control else None


def choose_channel(candidate: Candidate, facts: Facts) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The first channel that reaches the person and may be used; and why those before it were passed over."""
    passed_over: list[tuple[str, str]] = []
    for channel in candidate.channels:
        why = why_not_by(channel, candidate, facts)
        if not why:
            return channel, tuple(passed_over)
        passed_over.append((channel, why))
    return "", tuple(passed_over)


def why_not_by(channel: str, candidate: Candidate, facts: Facts) -> str:
    """Why this channel cannot or may not be used, or ""."""
    address = facts.addresses.get(channel, "")
    if not address:
        return "no_address"
    if channel == "email" and not is_address(address):
        return "bad_address"
    refused, closed = _refused(channel, candidate, facts), _is_closed(channel, candidate, facts)
    # Who unsubscribed has also said no: the first tells more.
    return closed if closed == "unsubscribed" else refused or closed


def _refused(channel: str, candidate: Candidate, facts: Facts) -> str:
    if candidate.message_class == TRANSACTIONAL:
        return _no_order_news(channel, facts)
    if candidate.message_class == SERVICE:
        return _no_questions(channel, facts)
    return _no_offers(channel, candidate, facts)


def _no_order_news(channel: str, facts: Facts) -> str:
    """Wanted by whoever ordered. E-mail is what the law asks for; other ways may be refused, or need a yes."""
    if channel == "email":
        return ""
    said = facts.said.get((channel, ORDERS))
    if said:
        return "" if said.granted else "objected"
    needs_yes = channel == "whatsapp" or (channel == "sms" and facts.rules.consent.order_sms == "yes")
    return "no_consent" if needs_yes else ""


def _no_questions(channel: str, facts: Facts) -> str:
    """Surveys and reviews are advertising in parts of Europe: allowed to buyers by e-mail until they object."""
    said = facts.said.get((channel, SURVEYS))
    if said:
        return "" if said.granted else "objected"
    offers = facts.said.get((channel, OFFERS))
    if offers and offers.granted:
        return ""
    if channel in {"sms", "whatsapp"} or facts.rules.consent.service == "consent":
        return "no_consent"
    return "" if facts.is_buyer else "not_a_buyer"


def _no_offers(channel: str, candidate: Candidate, facts: Facts) -> str:
    said = facts.said.get((channel, OFFERS))
    if not said or not said.granted:
        return "no_consent"
    if channel == "email" and facts.rules.consent.double_opt_in == "all" and said.source != CONFIRMED:
        return "unconfirmed"
    topic = facts.said.get((ANY, topic_purpose(candidate.topic))) if candidate.topic else None
    return "other_topics" if topic and not topic.granted else ""


def topic_purpose(topic: str) -> str:
    return f"topic.{topic}"


_CLASS_OF = {ORDERS: TRANSACTIONAL, SURVEYS: SERVICE, OFFERS: MARKETING}


def allows(channel: str, purpose: str, facts: Facts) -> bool:
    """Whether the person's own word, or what holds without one, allows a purpose on a channel."""
    if purpose.startswith("topic."):
        said = facts.said.get((ANY, purpose))
        return said is None or said.granted
    asked = Candidate(
        key=0,
        customer_id=0,
        message_class=_CLASS_OF[purpose],
        channels=(channel,),
        due_at=datetime.min.replace(tzinfo=UTC),
    )
    return not (_refused(channel, asked, facts) or _is_closed(channel, asked, facts))


def _is_closed(channel: str, candidate: Candidate, facts: Facts) -> str:
    closed = facts.closed.get(channel)
    if closed is None or (closed.scope != "all" and candidate.message_class == TRANSACTIONAL):
        return ""
    return "unsubscribed" if closed.reason == "unsubscribed" else f"suppressed:{closed.reason}"


def _nearest(passed_over: Sequence[tuple[str, str]]) -> str:
    reasons = [why for _, why in passed_over] or ["no_channel"]
    return max(reasons, key=lambda why: _NEARNESS.index(why) if why in _NEARNESS else len(_NEARNESS))


Asked = Callable[[Candidate, Facts, str, datetime], Verdict | None]


def _open_matter(candidate: Candidate, facts: Facts, channel: str, now: datetime) -> Verdict | None:
    pause = facts.rules.pause
    rooms = [room for room in facts.open if room not in pause.not_for]
    if not rooms or candidate.message_class not in pause.classes:
        return None
    why = f"open:{rooms[0]}"
    return _held(candidate, why, now + LOOK_AGAIN, now, longest=timedelta(days=pause.at_most_days))


def _full(candidate: Candidate, facts: Facts, channel: str, now: datetime) -> Verdict | None:
    free = free_at(candidate.message_class, channel, facts.history, Limits(facts.rules.caps, facts.pace), now)
    if free is None:
        return None
    if facts.rules.caps.when_full == "skip":
        return Verdict(SKIP, "frequency_cap")
    return _held(candidate, "frequency_cap", free, now, longest=timedelta(hours=facts.rules.hold_hours))


def _quiet(candidate: Candidate, facts: Facts, channel: str, now: datetime) -> Verdict | None:
    quiet = facts.rules.quiet
    if candidate.message_class == TRANSACTIONAL and not (channel == "sms" and quiet.order_sms):
        return None
    if candidate.message_class == TRANSACTIONAL:
        week = quiet_week(quiet, channel)
    else:
        week = quiet_week(quiet, channel, facts.country, facts.state)
    if not week.starts:
        return None
    until = first_allowed(week, facts.zones, now)
    if until is None:
        return Verdict(SKIP, "always_quiet")
    return _held(candidate, "quiet_hours", until, now, longest=timedelta(hours=facts.rules.hold_hours))


def _held(candidate: Candidate, why: str, until: datetime, now: datetime, *, longest: timedelta) -> Verdict | None:
    """Held until then, unless it is then of no use any more. None when then is now."""
    if until <= now:
        return None
    expires = candidate.expires_at or now + longest
    if until >= expires:
        return Verdict(SKIP, f"expired:{why}")
    return Verdict(HOLD, why, until=until, expires=None if candidate.expires_at else expires)


def is_in_control(store_id: int, customer_id: int, percent: float) -> bool:
    """Whether a customer belongs to the control group: always the same ones, and more of them when it grows."""
    if percent <= 0:
        return False
    digest = hashlib.blake2b(f"control:{store_id}:{customer_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < percent / 100


def opened(traits: Mapping[str, object]) -> tuple[str, ...]:
    """The rooms that have something open with a customer, by their traits."""
    return tuple(
        sorted(name.removeprefix(OPEN_TRAIT) for name, value in traits.items() if name.startswith(OPEN_TRAIT) and value)
    )
