"""Reading what carriers send. Nothing here raises whatever the document holds, save `BadScan` for one that is none.

XML becomes the same dictionaries, lists and texts as JSON: names without namespaces, attributes beside the children, an
element's own text under "#" when it has attributes too, a list where a name repeats.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # it has no types

from thereafter.tracking.carriers import phrases
from thereafter.tracking.carriers.adapter import Meaning, Parsed
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules.scans import YEARS, BadScan

LONGEST_NAME, LONGEST_INTEGER, SHORTEST_SHOUT, FARTHEST_MINUTES = 80, 30, 4, 14 * 60
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def json_document(body: str) -> Any:
    """The JSON in it, or `BadScan`. Numbers too long for any use are kept as their digits, so as to spoil no more."""
    try:
        return json.loads(_clean(body), strict=False, parse_int=_whole, parse_constant=str)
    except (ValueError, RecursionError) as wrong:
        raise BadScan(f"bad_document: not JSON: {str(wrong)[:120]}") from None


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < LONGEST_INTEGER else digits


def _clean(said: str) -> str:
    """Without what can be neither sent nor kept: half characters and zero characters."""
    return said.encode("utf-8", "replace").decode().replace("\x00", "")


def xml_document(body: str) -> dict[str, Any]:
    """The XML in it under the name of its root, or `BadScan`; documents with entities of their own are refused."""
    try:
        root = fromstring(_clean(body).strip())
        return {_local(root.tag): _tree(root)}
    except (ParseError, ValueError, RecursionError) as wrong:
        raise BadScan(f"bad_document: not XML: {str(wrong)[:120]}") from None


def _tree(element: Element) -> Any:
    said = (element.text or "").strip()
    if not len(element) and not element.attrib:
        return said
    tree: dict[str, Any] = {_local(name): value for name, value in element.attrib.items()}
    for child in element:
        name, value = _local(child.tag), _tree(child)
        before = tree.get(name)
        if before is None:
            tree[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            tree[name] = [before, value]
    return tree | {"#": said} if said else tree


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def at(node: Any, *path: str | int) -> Any:
    """What is found along the path, or None. A name asked of a list is looked for in its first row."""
    for step in path:
        if isinstance(node, list):
            place = step if isinstance(step, int) else 0
            node = node[place] if -len(node) <= place < len(node) else None
            if isinstance(step, int):
                continue
        node = node.get(step) if isinstance(node, dict) else None
    return node


def text(node: Any, *path: str | int) -> str:
    """A text or number along the path as a text that can be kept, else ""."""
    found = at(node, *path)
    if isinstance(found, dict):
        found = found.get("#")
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return _clean(str(found)).strip()


def first(*texts: str) -> str:
    """The first that says something."""
    return next((one for one in texts if one), "")


def name(node: Any, *path: str | int) -> str:
    """A text that names something: a number, a carrier, a service."""
    return text(node, *path)[:LONGEST_NAME]


def rows(node: Any, *path: str | int) -> list[Any]:
    """The rows along the path; a single thing is a list of one, nothing is none."""
    found = at(node, *path)
    if isinstance(found, list):
        return found
    return [] if found is None or found == "" else [found]


def yes(node: Any, *path: str | int) -> bool:
    """Whether it says yes: true, "true", "Y", 1."""
    found = at(node, *path)
    return found is True or text(found).lower() in {"true", "y", "yes", "1"}


def meaning(codes: Mapping[str, Meaning], *said: str, words: str = "") -> Meaning:
    """What the first code that is in the table means; when none is, what the words say for certain."""
    known = next((codes[code] for code in map(str.upper, said) if code in codes), None)
    return phrases.meaning_of(words) if known is None else known


def told(words: str, rules: Sequence[tuple[str, Meaning]]) -> Meaning | None:
    """What the first of a carrier's own phrases in the words means. The phrases are in small letters."""
    said = words.casefold()
    return next((means for phrase, means in rules if phrase in said), None)


def scans(events: Sequence[Any], read: Callable[[Any], ScanDoc]) -> list[msgspec.Raw]:
    """Each event as `read` reads it. What is no object goes through as it is: the core refuses it with its reason."""
    return [raw(read(event) if isinstance(event, dict) else event) for event in events]


def raw(scan: Any) -> msgspec.Raw:
    try:
        return msgspec.Raw(msgspec.json.encode(scan))
    except (ValueError, RecursionError):
        return msgspec.Raw(b'"a row that cannot be written"')


def parcels(items: Sequence[Any], read: Callable[[Any], ParcelDoc | BadScan]) -> Parsed:
    """Each parcel as `read` reads it; what is no object is answered by a `BadScan`."""
    return [
        read(item) if isinstance(item, dict) else BadScan(f"bad_document: no parcel: {item!r:.80}") for item in items
    ]


def place(*parts: str) -> str:
    """ "Louisville, KY, US" of what is known; carriers shout, and nobody wants to be shouted at."""
    known = [part.title() if part.isupper() and len(part) >= SHORTEST_SHOUT else part for part in parts if part]
    return ", ".join(part for at, part in enumerate(known) if part not in known[:at])


def country(said: str) -> str:
    """An ISO 3166 code of two letters, else ""."""
    return said.upper() if re.fullmatch(r"[A-Za-z]{2}", said) else ""


def when(day_said: str, hour_said: str = "", offset_said: str = "", *, month_first: bool = False) -> str:
    """ISO 8601 of what a clock showed, in one text or as day, hour and offset. What cannot be read is given back as it
    was said, for the core to refuse; an hour that cannot be read leaves the day."""
    whole = _moment(day_said)
    if whole:
        return whole.isoformat() if whole.tzinfo else whole.isoformat() + offset(offset_said)
    told = day(day_said, month_first=month_first)
    hour = clock_of(hour_said)
    if not told:
        return f"{day_said} {hour_said}".strip()
    return f"{told}T{hour}{offset(offset_said)}" if hour else told


def local(utc: str, offset_said: str) -> str:
    """A moment told in UTC as the clock of the place showed it; as told when one of the two cannot be read."""
    moment, shift = _moment(utc), offset(offset_said)
    if not moment or not shift:
        return when(utc)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    minutes = int(shift[1:3]) * 60 + int(shift[4:6])
    zone = timezone(timedelta(minutes=-minutes if shift[0] == "-" else minutes))
    try:
        return aware.astimezone(zone).isoformat()
    except OverflowError:
        return when(utc)


def beside(local_said: str, utc: str) -> str:
    """A clock of the place with the offset that the same moment in UTC shows; as it is when they do not fit."""
    here, there = _moment(local_said), _moment(utc)
    if not here or not there or here.tzinfo or there.tzinfo:
        return local_said
    minutes = round((here - there).total_seconds() / 60)
    if minutes % 15 or abs(minutes) > FARTHEST_MINUTES:
        return local_said
    return f"{here.isoformat()}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def expected(day_said: str, hour_said: str = "", offset_said: str = "") -> str:
    """An announced day or moment as ISO 8601; "" for what is none, as 0001-01-01. A mere day stays one, and so does
    a midnight, which is how many write one."""
    said = when(day_said, hour_said, offset_said)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return ""
    if moment.year not in YEARS:
        return ""
    return moment.date().isoformat() if moment.time() == time() else said


def announced(said: str) -> str:
    """An announced day; aggregators write it as midnight in UTC, which is the evening before in America."""
    return expected(re.sub(r"[T ]00:00(:00(\.0+)?)?(Z|[+-]00:?00)?$", "", said))


def day(said: str, *, month_first: bool = False) -> str:
    """An ISO date of 20260303, 2026-03-03, 03.03.2026, 03/03/2026, "March 3, 2026" or "3 Mar 2026", else ""."""
    if found := re.fullmatch(r"(\d{4})([-/.]?)(\d\d)\2(\d\d)", said):
        return _date(found[1], found[3], found[4])
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", said):
        return _date(found[3], found[1], found[2]) if month_first else _date(found[3], found[2], found[1])
    if found := re.fullmatch(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", said):
        return _date(found[3], _month(found[1]), found[2])
    if found := re.fullmatch(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?[ -](\d{4})", said):
        return _date(found[3], _month(found[2]), found[1])
    return ""


def clock_of(said: str) -> str:
    """ISO time of 1405, 140500, 14:05, 14:05:00.250 or "2:05 pm", else ""."""
    found = re.fullmatch(r"(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?(?: ?([aApP])\.?[mM]\.?)?", said)
    if not found:
        return ""
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    # Some write "13:58 PM".
    if found[4] and hour in range(1, 13):
        hour = hour % 12 + (12 if found[4] in "pP" else 0)
    try:
        return time(hour, minute, second).isoformat()
    except ValueError:
        return ""


def offset(said: str) -> str:
    """ISO offset of "Z", -4, -0400, -04:00 or -04.00, else ""."""
    if said in {"Z", "z", "UTC", "GMT"}:
        return "+00:00"
    found = re.fullmatch(r"([+-]?)(\d{1,2})[:.]?(\d\d)?(?::?00)?", said)
    if not found or int(found[2]) not in range(15) or int(found[3] or 0) not in range(60):
        return ""
    return f"{found[1] or '+'}{int(found[2]):02}:{found[3] or '00'}"


def _moment(said: str) -> datetime | None:
    """A full ISO time: a day and a clock in one."""
    if len(said) <= len("2026-03-03"):
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None


def _month(said: str) -> str:
    short = said[:3].lower()
    return str(_MONTHS.index(short) + 1) if short in _MONTHS else "0"


def _date(year: str, month: str, day_of_month: str) -> str:
    try:
        return date(int(year), int(month), int(day_of_month)).isoformat()
    except ValueError:
        return ""
