"""When to ask a carrier again: how often by status, seldom when quiet, not at night, later when it is overloaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from thereafter.tracking.rules import states

HOUR = timedelta(hours=1)
# How long to wait after an answer, while there is news; each quiet answer makes it half as long again.
PACE: Mapping[str, timedelta] = {
    states.UNKNOWN: 6 * HOUR,
    states.LABEL_CREATED: 8 * HOUR,
    states.PICKED_UP: 4 * HOUR,
    states.IN_TRANSIT: 4 * HOUR,
    states.OUT_FOR_DELIVERY: HOUR / 2,
    states.ATTEMPTED: 3 * HOUR,
    states.EXCEPTION: 4 * HOUR,
    states.AVAILABLE_FOR_PICKUP: 8 * HOUR,
    states.RETURNING: 12 * HOUR,
}
QUIETER, SELDOM = 1.5, 24 * HOUR
# A parcel on the van comes today or not at all.
SELDOM_ON_THE_VAN = 3 * HOUR
# Who is told by webhooks asks only to find out whether they still come.
PUSHED = 18 * HOUR
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
# Mornings are spread, so that a night's parcels are not all asked for at six.
MORNING = timedelta(minutes=90)
# After refusals and silence of a carrier: doubled each time.
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=6)
# Credentials that are refused do not mend themselves.
REFUSED_REST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Asked:
    """What counts of a parcel. `spread`, 0 to 1, is its own and always the same; `pushed`: its news come by webhook."""

    status: str
    quiet: int
    pushed: bool
    spread: float


def next_due(asked: Asked, now: datetime, zone: tzinfo) -> datetime:
    """When to ask again after an answer at `now`; `zone` is the shop's, whose night it keeps."""
    on_the_van = asked.status == states.OUT_FOR_DELIVERY
    longest = SELDOM_ON_THE_VAN if on_the_van else SELDOM
    wait = min(PACE.get(asked.status, SELDOM) * QUIETER ** min(asked.quiet, 20), longest)
    if asked.pushed and not on_the_van:
        wait = max(wait, PUSHED)
    # A tenth more or less, so that what was handed over together is not asked for together.
    return by_day(now + wait * (0.95 + asked.spread / 10), zone, asked.spread)


def by_day(at: datetime, zone: tzinfo, spread: float) -> datetime:
    """The same moment, or the morning after when it falls into the night."""
    local = at.astimezone(zone)
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return at
    day = local.date() + timedelta(days=local.time() >= NIGHT_BEGINS)
    return (datetime.combine(day, NIGHT_ENDS, zone) + MORNING * spread).astimezone(UTC)


def spread(number: int) -> float:
    """A number's own place between 0 and 1: neighbours lie far apart."""
    return number * 0.6180339887498949 % 1


def rest(failures: int, chance: float) -> timedelta:
    """How long to leave a carrier alone after so many failures in a row; `chance`, 0 to 1, keeps several installations
    from coming back at the same moment."""
    wait = min(FIRST_REST * float(2 ** min(max(failures, 1) - 1, 16)), LONGEST_REST)
    return wait * (0.75 + chance / 2)


def retry_after(said: str, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, in seconds or as a date, at most a day; None when it says nothing."""
    said = said.strip()
    if said.isascii() and said.isdigit() and len(said) <= len("999999999"):
        return min(timedelta(seconds=int(said)), SELDOM)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), SELDOM)


def has_expired(*, last_news_at: datetime | None, started_at: datetime, after_days: int, now: datetime) -> bool:
    """Whether there was no news for so long that asking ends; being asked for anew counts as news."""
    return now - max(started_at, last_news_at or started_at) > timedelta(days=after_days)
