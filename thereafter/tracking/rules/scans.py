"""Making sense of what carriers write: times, texts, numbers, and when two scans are one."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.core import get_global

LONGEST_TEXT, LONGEST_PLACE, LONGEST_CODE, MOST_SCANS = 300, 120, 80, 1_000
YEARS = range(2000, 9000)
FUTURE = timedelta(hours=24)
FURTHEST = timedelta(hours=14)
# A recycled tracking number brings the scans of the parcel that had it before.
BEFORE_ORDER = timedelta(days=2)


class BadScan(ValueError):
    """A scan that cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A moment on the clock of the place. `precision` is second, minute or day; `zone` says how we know the clock:
    payload (its offset was told), place (its country has one time), carrier (it always means one), assumed."""

    at: datetime
    precision: str
    zone: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where a clock without an offset may hang: the country of the scan, the zone the carrier always means, ours."""

    assumed: tzinfo
    country: str = ""
    carrier: str = ""


def local_time(text: str, clocks: Clocks) -> LocalTime:
    """Reads ISO 8601. Raises `BadScan`."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadScan(f"bad_time: {text[:40]!r} is no ISO 8601 time") from None
    if moment.year not in YEARS:
        raise BadScan(f"bad_time: the year {moment.year} cannot be")
    is_day = len(text) <= len("2026-03-03")
    if is_day:
        moment = datetime.combine(moment.date(), time(12))
    precision = "day" if is_day else "second" if moment.second else "minute"
    if moment.tzinfo is not None:
        return LocalTime(_whole_minutes(moment), precision, "payload")
    zone, source = _zone(moment, clocks)
    return LocalTime(moment.replace(tzinfo=zone), precision, source)


def _whole_minutes(moment: datetime) -> datetime:
    """Offsets are kept in minutes; no place on earth is further from Greenwich than `FURTHEST`."""
    if abs(moment.utcoffset() or timedelta()) > FURTHEST:
        raise BadScan(f"bad_time: no place is {moment:%z} from UTC")
    return moment.astimezone(timezone(timedelta(minutes=offset_minutes(moment))))


def _zone(moment: datetime, clocks: Clocks) -> tuple[tzinfo, str]:
    zones = _zones_of(clocks.country.upper())
    if zones and len({zone.utcoffset(moment) for zone in zones}) == 1:
        return zones[0], "place"
    try:
        return (ZoneInfo(clocks.carrier), "carrier") if clocks.carrier else (clocks.assumed, "assumed")
    except (ZoneInfoNotFoundError, ValueError):
        return clocks.assumed, "assumed"


@lru_cache(maxsize=300)
def _zones_of(country: str) -> tuple[ZoneInfo, ...]:
    """The zones of a country as CLDR lists them; those that this machine does not know are left out."""
    known = available_timezones()
    return tuple(ZoneInfo(name) for name in get_global("territory_zones").get(country, ()) if name in known)


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
