"""A calendar of deliveries by RFC 5545, whole days, as text with CRLF."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LINE = 75


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event: the days on which a parcel is expected. `uid` stays; `sequence` grows whenever anything changed."""

    uid: str
    sequence: int
    changed_at: datetime
    first: date
    last: date
    title: str
    text: str = ""
    url: str = ""
    cancelled: bool = False


def calendar(name: str, deliveries: Iterable[Delivery]) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Thereafter//Delivery//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        f"NAME:{_escaped(name)}",
        # How often one who subscribes to it asks again (RFC 7986, and Outlook's word for it).
        "REFRESH-INTERVAL;VALUE=DURATION:PT2H",
        "X-PUBLISHED-TTL:PT2H",
        *(line for one in deliveries for line in _event(one)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(one: Delivery) -> Sequence[str]:
    stamp = f"{one.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return [
        "BEGIN:VEVENT",
        f"UID:{one.uid}",
        f"SEQUENCE:{one.sequence}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"DTSTART;VALUE=DATE:{one.first:%Y%m%d}",
        # The end of whole days is the day after the last one.
        f"DTEND;VALUE=DATE:{one.last + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(one.title)}",
        *([f"DESCRIPTION:{_escaped(one.text)}"] if one.text else []),
        *([f"URL:{one.url}"] if one.url else []),
        f"STATUS:{'CANCELLED' if one.cancelled else 'CONFIRMED'}",
        # It does not make anybody busy.
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    """Backslash, semicolon, comma and line break; what no text may hold is left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(sign, written)
    return "".join(letter for letter in plain if letter.isprintable())


def _folded(line: str) -> str:
    """At most 75 octets to a line, never through the middle of a letter; what follows begins with a space."""
    parts, part, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            parts.append(part)
            part, size = "", 1
        part, size = part + letter, size + width
    return "\r\n ".join([*parts, part])
