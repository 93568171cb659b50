"""Cells of review files: how each kind is read and written back."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any
from unicodedata import category

from thereafter.feedback.rules.review_formats.rows import STATES, Kind, Plan
from thereafter.kit import written_dates
from thereafter.kit.written_dates import BadCell

FEWEST_STARS, MOST_STARS = 1, 5
LONGEST_BODY, LONGEST_LINE = 20_000, 500
# fmt: off
_YES = frozenset((
    "true", "yes", "y", "1", "x", "ja", "oui", "si", "sí", "sim", "verified", "buyer", "verified_buyer",
    "verified_purchase",
))
_NO = frozenset((
    "false", "no", "n", "0", "nein", "non", "não", "nao", "unverified", "nothing", "none", "email",
))
# fmt: on
_STATES: Mapping[str, tuple[str, ...]] = {
    "published": ("published", "ok", "active", "approved", "enable", "enabled", "visible", "public", "true", "1"),
    "pending": ("pending", "notyet", "new", "inreview", "moderation", "false", "0"),
    "hidden": ("hidden", "unpublished", "disable", "disabled", "rejected", "inactive", "archived", "declined"),
    "spam": ("spam", "flagged", "abuse"),
}
_STATE_OF = {word: state for state, words in _STATES.items() for word in words}
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>")
_BREAK = re.compile(r"<(?:br\s*/?|/p|/div|/li)\s*>", re.IGNORECASE)
_BETWEEN_URLS = re.compile(r"[\s,;|]+(?=(?:[A-Za-z][A-Za-z0-9+.-]*:|//))")
# Besides ends of lines, what holds parts of an emoji and letters of Persian together.
_JOINING = "\n\t\u200c\u200d"
_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$")
_HANDLE_IN_URL = re.compile(r"/products?/([^/?#]+)")
# A number that a spreadsheet has shortened: its last digits are gone.
_SHORTENED = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_MARKED = re.compile(r"^'(?=[+=@\d-])")
_WHOLE = re.compile(r"^(\d+)(?:[.,]0+)?(?:\s*/\s*5)?$")


def bare(text: str) -> str:
    """ "product_Id", "Product ID" and "productId" are one."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def clean(text: str) -> str:
    """Without signs that nobody sees; blanks and ends of lines are those of ours."""
    if text.isprintable():
        return text.strip()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    kept = (" " if category(sign) == "Zs" else sign for sign in lines)
    return "".join(sign for sign in kept if sign.isprintable() or sign in _JOINING).strip()


def plain(text: str) -> str:
    """What was written, where an app keeps it as HTML. A "<3" or "a < b" is no tag and stays."""
    if _TAG.search(text):
        text = unescape(_TAG.sub("", _BREAK.sub("\n", text)))
        text = re.sub(r"\n{3,}", "\n\n", text)
    return clean(text)


def _read_body(text: str, plan: Plan, notes: list[str]) -> str:
    body = plain(text)
    if len(body) > LONGEST_BODY:
        raise BadCell("The text is longer than any review. A quotation mark is probably not closed in this row.")
    return body


def _read_line(text: str, plan: Plan, notes: list[str]) -> str:
    line = " ".join(plain(text).split())
    if len(line) > LONGEST_LINE:
        notes.append(f"“{line[:40]}…” was cut at {LONGEST_LINE} signs.")
    return line[:LONGEST_LINE]


def _read_word(text: str, plan: Plan, notes: list[str]) -> str:
    return _MARKED.sub("", clean(text))[:LONGEST_LINE]


def _same(value: Any, plan: Plan) -> str:
    return str(value)


TEXT, LINE, WORD = Kind(_read_body, _same), Kind(_read_line, _same), Kind(_read_word, _same)


def _read_rating(text: str, plan: Plan, notes: list[str]) -> int:
    """Whole stars from 1 to 5. A part of one is not rounded: nobody gave it."""
    said = _MARKED.sub("", text.strip())
    if said and not set(said) - set("★☆⭐"):
        said = str(said.count("★") + said.count("⭐"))
    found = _WHOLE.match(said)
    if not said:
        raise BadCell("There are no stars in this row. Write 1 to 5.")
    if found is None or not FEWEST_STARS <= int(found[1]) <= MOST_STARS:
        raise BadCell(f"“{text.strip()[:40]}” is no whole number of stars. Write 1, 2, 3, 4 or 5.")
    return int(found[1])


RATING = Kind(_read_rating, _same)


def _read_moment(text: str, plan: Plan, notes: list[str]) -> datetime | None:
    said = _MARKED.sub("", text.strip())
    return written_dates.moment(said, plan.date_order, plan.zone) if said else None


def moments(pattern: str, *, in_zone: bool = False) -> Kind:
    """Written by a pattern of `strftime`, in UTC or as the clocks of the shop show it."""

    def write(value: datetime | None, plan: Plan) -> str:
        return value.astimezone(plan.zone if in_zone else UTC).strftime(pattern) if value else ""

    return Kind(_read_moment, write)


def _read_flag(text: str, plan: Plan, notes: list[str]) -> bool | None:
    """Only what plainly says yes is a yes."""
    said = text.strip().lower().replace(" ", "_")
    if not said:
        return None
    if said in _YES or said in _NO:
        return said in _YES
    notes.append(f"“{text.strip()[:40]}” is neither yes nor no, and was taken for no.")
    return False


def flags(yes: str = "true", no: str = "false") -> Kind:
    def write(value: bool | None, plan: Plan) -> str:
        return "" if value is None else yes if value else no

    return Kind(_read_flag, write)


def _read_state(text: str, plan: Plan, notes: list[str]) -> str:
    said = bare(text)
    if said and said not in _STATE_OF:
        notes.append(f"“{text.strip()[:40]}” is no state we know. The review waits to be looked at.")
    return _STATE_OF.get(said, "pending") if said else ""


def states(published: str, pending: str, hidden: str, spam: str = "") -> Kind:
    words = dict(zip(STATES, (published, pending, hidden, spam or hidden), strict=True))
    return Kind(_read_state, lambda value, plan: words.get(value, ""))


def _read_urls(text: str, plan: Plan, notes: list[str]) -> tuple[str, ...]:
    found = (_read_url(one, plan, notes) for one in _parted(text.strip()))
    return tuple(dict.fromkeys(url for url in found if url))


def _parted(text: str) -> list[str]:
    if text.startswith("["):
        try:
            held = json.loads(text)
        except ValueError:
            held = None
        if isinstance(held, list):
            return [str(each) for each in held]
    return _BETWEEN_URLS.split(text)


def _read_url(text: str, plan: Plan, notes: list[str]) -> str:
    """An address on the web. What a browser would run (javascript:, data:) is none."""
    said = text.strip().strip(",;|").strip("\"'")
    if not said:
        return ""
    url = f"https:{said}" if said.startswith("//") else said
    if not re.match(r"^https?://[^\s/]+\.[^\s<>\"]+$", url, re.IGNORECASE) or not url.isprintable():
        notes.append(f"“{said[:60]}” is no address on the web, and was left out.")
        return ""
    return url


URL = Kind(_read_url, _same)


def urls(most: int | None = None) -> Kind:
    """Separated by commas; the app takes no more than so many."""
    return Kind(_read_urls, lambda value, plan: ",".join(value[:most]))


def _read_number(text: str, plan: Plan, notes: list[str]) -> str:
    """The number of a product: the end of a gid://, without what a spreadsheet has added."""
    said = _MARKED.sub("", text.strip())
    said = said.split("?")[0].rstrip("/").rsplit("/", 1)[-1] if said.startswith("gid:") else said
    if _SHORTENED.match(said):
        notes.append(f"“{said[:40]}” is a number that a spreadsheet has shortened; it names no product any more.")
        return ""
    return re.sub(r"^(\d+)[.,]0+$", r"\1", said)[:LONGEST_LINE]


NUMBER = Kind(_read_number, _same)


def handle_of(text: str) -> str:
    """The handle of a product, also out of its address."""
    said = text.strip().lower()
    found = _HANDLE_IN_URL.search(said)
    if found:
        return found[1]
    return "" if "://" in said else said.strip("/")


def _read_handle(text: str, plan: Plan, notes: list[str]) -> str:
    return handle_of(_MARKED.sub("", text))[:LONGEST_LINE]


HANDLE = Kind(_read_handle, _same)


def _read_email(text: str, plan: Plan, notes: list[str]) -> str:
    said = _MARKED.sub("", text.strip()).lower()
    if said and not _EMAIL.match(said):
        notes.append(f"“{said[:60]}” is no e-mail address, and was left out.")
        return ""
    return said


EMAIL = Kind(_read_email, _same)


def _read_country(text: str, plan: Plan, notes: list[str]) -> str:
    said = text.strip()
    return said.upper() if len(said) == len("DE") else said[:LONGEST_LINE]


COUNTRY = Kind(_read_country, _same)


def _read_held(text: str, plan: Plan, notes: list[str]) -> dict[str, str]:
    """Names and values, as JSON or as "Fit: true to size; Age: 35"."""
    said = text.strip()
    if not said:
        return {}
    if said.startswith("{"):
        try:
            return {str(name): str(value) for name, value in json.loads(said).items()}
        except ValueError:
            raise BadCell(f"“{said[:40]}” cannot be read as names and values.") from None
    pairs = (part.partition(":") for part in re.split(r"[;|\n]", said))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign and name.strip()}


def _write_held(value: Mapping[str, str], plan: Plan) -> str:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True) if value else ""


HELD = Kind(_read_held, _write_held)
KEPT: Kind = Kind(lambda text, plan, notes: text, lambda value, plan: "")
