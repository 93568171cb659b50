"""Cells as numbers, days and birthdays. What may be read in two ways is not guessed. Plain Python."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from thereafter.kit.written_dates import DAY_FIRST, MONTH_FIRST, BadCell, birthday, date_order, moment

__all__ = ["DAY_FIRST", "MONTH_FIRST", "BadCell", "birthday", "code", "date_order", "decimal_sign", "moment", "points"]
MOST_POINTS = 1_000_000_000
_NAMELESS = {"", "-", "–", "n/a", "na", "null", "none", "nil", "never"}
# "1,250" and "12,50": where the last separator stands before exactly three digits, it parts thousands.
_GROUPED = re.compile(r"^[+-]?\d{1,3}([.,' ])\d{3}(\1\d{3})*$")


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


def code(text: str) -> str:
    """A code, or the last part of a link that carries one; "" when it is none that could be told to a friend."""
    last = text.strip().rstrip("/").split("?")[0].rsplit("/", 1)[-1]
    if "=" in text and text.lower().startswith("http"):
        last = text.rsplit("=", 1)[-1]
    return last if re.fullmatch(r"[A-Za-z0-9_-]{3,16}", last) else ""
