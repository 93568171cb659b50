"""When a person is left alone: nights, days off and what the law forbids, on the clocks of where they may be.

A week is a ring of 10,080 minutes that begins on Monday at midnight; quiet times are stretches of it. All is decided
by the clock on the wall, so the days on which clocks change need no rule of their own, only care in coming back to
the moment: the later one where a time of day comes twice or not at all.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from thereafter.messaging.rules.contact_rules import Quiet

DAY, WEEK = 1_440, 10_080
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
# A moment that suits several zones is looked for this far ahead.
LONGEST = timedelta(days=8)
_ROUNDS = 60


class Week(NamedTuple):
    """Quiet stretches, in minutes of the week: disjoint, in order, the last one perhaps over the end of the week."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    @property
    def is_always(self) -> bool:
        return bool(self.starts) and self.ends[0] - self.starts[0] >= WEEK

    def until(self, minute: int) -> int | None:
        """How many minutes the stretch goes on that this minute is in; None when it is in none."""
        if not self.starts:
            return None
        at = bisect_right(self.starts, minute) - 1
        if at < 0:
            # Before the first of this week: perhaps still in the last of the week before.
            minute, at = minute + WEEK, len(self.starts) - 1
        return self.ends[at] - minute if minute < self.ends[at] else None


def week_of(stretches: Iterable[tuple[int, int]]) -> Week:
    """One ring of stretches that may overlap, touch, and run over the end of the week."""
    rows = sorted((start % WEEK, start % WEEK + end - start) for start, end in stretches if end > start)
    merged: list[list[int]] = []
    for start, end in [*rows, *((start + WEEK, end + WEEK) for start, end in rows)]:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    if not merged:
        return Week()
    if merged[0][1] - merged[0][0] >= WEEK:
        return Week((0,), (WEEK,))
    return _turned(merged)


def _turned(merged: Sequence[Sequence[int]]) -> Week:
    """Each stretch once: of those found in two turns of the ring, the ones that begin in one whole turn."""
    first = merged[0][0]
    # A stretch at the very beginning may be the end of one that began the week before.
    begin = first if not any(start < first + WEEK <= end for start, end in merged[1:]) else merged[1][0]
    kept = sorted((start % WEEK, start % WEEK + end - start) for start, end in merged if begin <= start < begin + WEEK)
    return Week(tuple(start for start, _ in kept), tuple(end for _, end in kept))


def _nights(days: Iterable[int], start: str, end: str) -> list[tuple[int, int]]:
    """Stretches that begin on these days; one that ends before it begins ends the next day."""
    begins, ends = _minutes(start), _minutes(end)
    if begins == ends:
        return []
    ends += DAY if ends < begins else 0
    return [(day * DAY + begins, day * DAY + ends) for day in days]


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _outside(days: Iterable[int], opens: int, closes: int) -> list[tuple[int, int]]:
    """All of these days but the hours from `opens` to `closes`."""
    return [
        stretch
        for day in days
        for stretch in ((day * DAY, day * DAY + opens * 60), (day * DAY + closes * 60, (day + 1) * DAY))
    ]


_ALL = range(7)
# The Telephone Consumer Protection Act: no texts that sell before 8 or after 21 where the reader is. Some states ask
# for more. Read in public summaries of the laws, 2026; see docs/contact-rules.md.
_FEDERAL = tuple(_outside(_ALL, 8, 21))
_EARLIER = tuple(_outside(_ALL, 8, 20))
_STATES: dict[str, tuple[tuple[int, int], ...]] = {
    "FL": _EARLIER,
    "MD": _EARLIER,
    "OK": _EARLIER,
    "NJ": _EARLIER,
    "CT": tuple(_outside(_ALL, 9, 20)),
    "TX": (*_outside(range(6), 9, 21), *_outside([SUNDAY], 12, 21)),
}


def _by_law(country: str, state: str) -> tuple[tuple[int, int], ...]:
    if country != "US":
        return ()
    if state:
        return _STATES.get(state, _FEDERAL)
    # Nobody knows in which state they are: what is allowed in all of them.
    return tuple(stretch for stretches in (_FEDERAL, *_STATES.values()) for stretch in stretches)


@lru_cache(maxsize=1024)
def quiet_week(quiet: Quiet, channel: str, country: str = "", state: str = "") -> Week:
    """The shop's quiet times on a channel, and the law's for text messages."""
    stretches: list[tuple[int, int]] = []
    if channel in quiet.channels:
        weekend = [FRIDAY, SATURDAY] if quiet.weekend_start or quiet.weekend_end else []
        stretches += _nights([day for day in _ALL if day not in weekend], quiet.start, quiet.end)
        stretches += _nights(weekend, quiet.weekend_start or quiet.start, quiet.weekend_end or quiet.end)
        stretches += [(day * DAY, (day + 1) * DAY) for day in quiet.silent_days]
    if channel == "sms" and quiet.us_law:
        stretches += _by_law(country, state)
    return week_of(stretches)


def is_quiet(week: Week, zones: Iterable[str], moment: datetime) -> bool:
    """Whether it is quiet in any of the zones."""
    return any(week.until(_minute(moment.astimezone(_zone(name)))) is not None for name in zones)


def first_allowed(week: Week, zones: Sequence[str], now: datetime) -> datetime | None:
    """The first moment from now on that is quiet in none of the zones, to the minute; None when there is none in the
    next eight days."""
    moment = now
    for _ in range(_ROUNDS):
        later = max((_over(week, _zone(name), moment) for name in zones), default=moment)
        if later == moment:
            return moment
        moment = later
        if moment - now > LONGEST:
            return None
    return None


def _over(week: Week, zone: ZoneInfo, moment: datetime) -> datetime:
    """When the stretch is over that this moment is in; the moment itself when it is in none."""
    local = moment.astimezone(zone)
    left = week.until(_minute(local))
    if left is None:
        return moment
    wall = local.replace(second=0, microsecond=0, tzinfo=None) + timedelta(minutes=left)
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _minute(local: datetime) -> int:
    return local.weekday() * DAY + local.hour * 60 + local.minute


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
