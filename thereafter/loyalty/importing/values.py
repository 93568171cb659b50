"""Cells as numbers, days and birthdays. What may be read in two ways is not guessed. Plain Python."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

MONTHS, MOST_POINTS = 12, 1_000_000_000
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_PARTED = re.compile(r"^\s*(\d{1,2})\s*[/-]\s*(\d{1,2})(?:\s*[/-]\s*(\d{4}))?(?=$|[ T,])")
_DOTTED = re.compile(r"^\s*(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})?(?=$|[ T,])")
_YEAR_FIRST = re.compile(r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=$|[ T])")
_NO_YEAR = re.compile(r"^\s*--(\d{1,2})-?(\d{1,2})\s*$")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$")
_WORDED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y")
_NAMELESS = {"", "-", "–", "n/a", "na", "null", "none", "nil", "never"}
# "1,250" and "12,50": where the last separator stands before exactly three digits, it parts thousands.
_GROUPED = re.compile(r"^[+-]?\d{1,3}([.,' ])\d{3}(\1\d{3})*$")


class BadCell(ValueError):
    """A cell that cannot be read; the text says why and what to write."""


def is_nothing(text: str) -> bool:
    return text.strip().lower() in _NAMELESS


def decimal_sign(texts: Iterable[str]) -> str:
    """ "," or ".": what parts whole points from parts of one, as the column itself shows. Points are whole, so that a
    column of nothing but "1.250" has thousands."""
    for text in texts:
        value = text.replace("\u00a0", " ").strip()
        if "," in value and "." in value:
            return "," if value.rfind(",") > value.rfind(".") else "."
        if "," in value and not _GROUPED.match(value):
            return ","
        if "." in value and not _GROUPED.match(value):
            return "."
    return ""


def points(text: str, sign: str) -> int:
    """Whole points; parts of one are rounded to the nearest. `sign` is that of `decimal_sign`. Raises `BadCell`."""
    value = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    value = re.sub(r"\s*(points?|pts?\.?)$", "", value, flags=re.IGNORECASE).strip()
    plain = value.replace("'", "").replace(" ", "")
    if sign == ",":
        plain = plain.replace(".", "").replace(",", ".")
    elif sign == ".":
        plain = plain.replace(",", "")
    else:
        plain = plain.replace(",", "").replace(".", "")
    try:
        whole = Decimal(plain).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        raise BadCell(f"“{text[:40]}” is no number of points.") from None
    if abs(whole) > MOST_POINTS:
        raise BadCell(f"{text[:40]} points are more than anybody can have.")
    return int(whole)


_FIRST_YEAR, _LAST_YEAR = 1900, 2200


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
        raise BadCell(f"“{text[:40]}” is too far away. Leave it empty where nothing ends.")
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


def code(text: str) -> str:
    """A code, or the last part of a link that carries one; "" when it is none that could be told to a friend."""
    last = text.strip().rstrip("/").split("?")[0].rsplit("/", 1)[-1]
    if "=" in text and text.lower().startswith("http"):
        last = text.rsplit("=", 1)[-1]
    return last if re.fullmatch(r"[A-Za-z0-9_-]{3,16}", last) else ""
