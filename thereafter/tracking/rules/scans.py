"""Making sense of what carriers write: times, texts, numbers, and when two scans are one."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

LONGEST_TEXT, LONGEST_PLACE, LONGEST_CODE, MOST_SCANS = 300, 120, 80, 1_000
YEARS = range(2000, 9000)
FUTURE = timedelta(hours=24)
# A recycled tracking number brings the scans of the parcel that had it before.
BEFORE_ORDER = timedelta(days=2)


class BadScan(ValueError):
    """A scan that cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment on the clock of the place. `precision` is second, minute or day; `zone` payload or assumed."""

    at: datetime
    precision: str
    zone: str


def local_time(text: str, assumed: tzinfo) -> LocalTime:
    """Reads ISO 8601; a time without offset is taken to be in the `assumed` zone. Raises `BadScan`."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadScan(f"bad_time: {text[:40]!r} is no ISO 8601 time") from None
    if moment.year not in YEARS:
        raise BadScan(f"bad_time: the year {moment.year} cannot be")
    if len(text) <= len("2026-03-03"):
        return LocalTime(datetime.combine(moment.date(), time(12), assumed), "day", "assumed")
    precision = "second" if moment.second else "minute"
    if moment.tzinfo is None:
        return LocalTime(moment.replace(tzinfo=assumed), precision, "assumed")
    return LocalTime(moment, precision, "payload")


def within_reach(at: datetime, now: datetime) -> datetime:
    """A clock that runs more than a day ahead of ours is not believed."""
    return now if at > now + FUTURE else at


def belongs(at: datetime, ordered_at: datetime) -> bool:
    """Whether a scan can be of this order's parcel at all."""
    return at >= ordered_at - BEFORE_ORDER


def key(*, source: str, scan_id: str, status: str, code: str, at: datetime) -> str:
    """What makes two scans one: the sender's id, else what happened when. Place and text are left out, because
    carriers send the same scan again with a city added."""
    if scan_id:
        return _short(f"id|{source}|{scan_id}")
    return _short(f"{code or status}|{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def plain(text: str, longest: int) -> str:
    """One line without control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", text).split())[:longest]


def number_key(number: str) -> str:
    """A tracking number as it is compared: capitals and digits."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())[:80]


def carrier_key(carrier: str) -> str:
    """ "DHL Express", "dhl-express" and "DHL_EXPRESS" are one carrier."""
    return re.sub(r"[^0-9a-z]", "", carrier.lower())[:60]


def offset_minutes(at: datetime) -> int:
    offset = at.utcoffset()
    return round(offset.total_seconds() / 60) if offset else 0


def day_of(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()
