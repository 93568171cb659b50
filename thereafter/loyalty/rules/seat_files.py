"""A seat at an event as a calendar file: iCalendar by RFC 5545."""

from datetime import UTC, datetime

# A line is at most 75 octets long without its end; what is longer goes on behind a blank.
LONGEST = 75


def seat_file(  # noqa: PLR0913 an event has all of these
    *,
    uid: str,
    title: str,
    starts_at: datetime,
    ends_at: datetime | None,
    place: str,
    note: str,
    stamped_at: datetime,
    is_cancelled: bool = False,
) -> str:
    """One event. The same `uid` again replaces it in a calendar; a cancelled one is struck out there."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Thereafter//Rewards//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if is_cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{int(is_cancelled)}",
        f"DTSTAMP:{_utc(stamped_at)}",
        f"DTSTART:{_utc(starts_at)}",
        *([f"DTEND:{_utc(ends_at)}"] if ends_at else []),
        f"SUMMARY:{_text(title)}",
        *([f"LOCATION:{_text(place)}"] if place else []),
        *([f"DESCRIPTION:{_text(note)}"] if note else []),
        f"STATUS:{'CANCELLED' if is_cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """Section 3.3.11: these signs mean something else in a text."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _folded(line: str) -> str:
    """Section 3.1: folded between letters, never within the octets of one."""
    parts: list[str] = []
    part = ""
    for letter in line:
        if len((part + letter).encode()) > (LONGEST if not parts else LONGEST - 1):
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
