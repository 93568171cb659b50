"""Days as people and programs write them. What may be read in two ways is not guessed. Plain Python."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONTHS = 12
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_PARTED = re.compile(r"^\s*(\d{1,2})\s*[/-]\s*(\d{1,2})(?:\s*[/-]\s*(\d{4}))?(?=$|[ T,])")
_DOTTED = re.compile(r"^\s*(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})?(?=$|[ T,])")
_YEAR_FIRST = re.compile(r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=$|[ T])")
_NO_YEAR = re.compile(r"^\s*--(\d{1,2})-?(\d{1,2})\s*$")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$")
_WORDED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
# Within what every database and calendar can count with, also as far back again.
_FIRST_ASKED, _LAST_ASKED = date(1990, 1, 1), date(2190, 1, 1)


class BadCell(ValueError):
    """A cell that cannot be read; the text says why and what to write."""


def date_order(column: str, texts: Iterable[str]) -> str | None:
    """Which comes first in 3/4/2026, as the column's name or its other dates show.

    "" when no date asks the question; None when it cannot be told, and somebody has to say.
    """
    said = column.upper().replace(" ", "")
    if "DD/MM" in said or "DD-MM" in said:
        return DAY_FIRST
    if "MM/DD" in said or "MM-DD" in said:
        return MONTH_FIRST
    found = [match for text in texts if (match := _PARTED.match(text))]
    firsts, seconds = {int(match[1]) for match in found}, {int(match[2]) for match in found}
    day_first, month_first = max(firsts, default=0) > MONTHS, max(seconds, default=0) > MONTHS
    if day_first != month_first:
        return DAY_FIRST if day_first else MONTH_FIRST
    return None if any(match[1].lstrip("0") != match[2].lstrip("0") for match in found) else ""


def moment(text: str, order: str, zone: ZoneInfo, *, ends: bool = False) -> datetime:
    """In UTC. A mere day is its first moment in `zone`; with `ends` the first one after it, because points that end on
    a day can be used all of that day. Raises `BadCell`."""
    day = _day(text, order)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        # 9999 is how some say never; at the end of the calendar a zone leads out of it.
        raise BadCell(f"“{text[:40]}” is too far away. Leave the cell empty if there is no such day.")
    found = _CLOCK.search(text) if ":" in text else None
    if found is None:
        return datetime.combine(day + timedelta(days=1 if ends else 0), time(0), zone).astimezone(UTC)
    local = datetime.combine(day, _time(found, text))
    offset = (found[5] or "").replace("Z", "+00:00").replace("UTC", "+00:00")
    if not offset:
        return local.replace(tzinfo=zone).astimezone(UTC)
    return datetime.fromisoformat(f"{local.isoformat()}{offset}").astimezone(UTC)


def _time(found: re.Match[str], text: str) -> time:
    noon, half = 12, (found[4] or "").lower()
    hour = int(found[1]) % noon + (noon if half == "pm" else 0) if half else int(found[1])
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        raise BadCell(f"“{text[:40]}” has a time of day that there is not.") from None


def _day(text: str, order: str) -> date:
    if found := _YEAR_FIRST.match(text):
        return _made(int(found[1]), int(found[2]), int(found[3]), text)
    if found := _DOTTED.match(text):
        return _made(int(found[3] or 0), int(found[2]), int(found[1]), text)
    if (found := _PARTED.match(text)) and found[3]:
        month, day = _turned(int(found[1]), int(found[2]), order, text)
        return _made(int(found[3]), month, day, text)
    for pattern in _WORDED:
        try:
            return datetime.strptime(text.strip(), pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise BadCell(f"“{text[:40]}” is no date. Write it as 2026-04-03.")


def _turned(first: int, second: int, order: str, text: str) -> tuple[int, int]:
    """(month, day) of two numbers."""
    if first == second:
        return first, second
    if not order and max(first, second) <= MONTHS:
        raise BadCell(f"“{text[:40]}” may be either month. Write it as 2026-04-03.")
    is_month_first = order == MONTH_FIRST if order else second > MONTHS
    return (first, second) if is_month_first else (second, first)


def _made(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise BadCell(f"“{text[:40]}” is no day of the calendar.") from None


def birthday(text: str, order: str) -> tuple[int, int]:
    """(month, day); a year is not kept. Raises `BadCell`."""
    leap = 2000
    if found := _NO_YEAR.match(text):
        month, day = int(found[1]), int(found[2])
    elif (found := _DOTTED.match(text)) and not found[3]:
        month, day = int(found[2]), int(found[1])
    elif (found := _PARTED.match(text)) and not found[3]:
        month, day = _turned(int(found[1]), int(found[2]), order, text)
    else:
        born = _day(text, order)
        month, day = born.month, born.day
    _made(leap, month, day, text)
    return month, day


def asked_day(text: str | None) -> date | None:
    """A day as the field of a browser writes it into an address; None for what is none, or too far away."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if _FIRST_ASKED <= day <= _LAST_ASKED else None
