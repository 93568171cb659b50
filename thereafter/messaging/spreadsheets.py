"""Closed addresses as CSV, out and in."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from thereafter.messaging.actions.contacts import Closing
from thereafter.messaging.models import Suppression
from thereafter.messaging.rules.letters import is_address

HEAD = ("channel", "address", "scope", "reason", "note", "at")
MOST_BYTES, MOST_ROWS = 20_000_000, 500_000
_ADDRESS = ("address", "email", "e-mail", "email address", "phone", "recipient")
# What other tools call it.
_REASONS: dict[str, str] = {
    "bounce": "hard_bounce",
    "bounced": "hard_bounce",
    "hardbounce": "hard_bounce",
    "spam": "complaint",
    "spamcomplaint": "complaint",
    "spamreport": "complaint",
    "unsubscribe": "unsubscribed",
} | {reason.replace("_", ""): reason for reason in Suppression.Reason.values}


class Read(NamedTuple):
    closings: list[Closing]
    # (line, why) of those that could not be taken.
    refused: list[tuple[int, str]]


class Unreadable(ValueError):
    """Not a table that we can take; the text says what to do."""


def rows(suppressions: Iterable[Suppression]) -> Iterator[str]:
    """Lines of the file, one at a time."""
    yield _line(HEAD)
    for row in suppressions:
        yield _line((row.channel, row.address, row.scope, row.reason, row.note, row.at.isoformat()))


def _line(values: Iterable[str]) -> str:
    held = io.StringIO()
    csv.writer(held).writerow([_harmless(value) for value in values])
    return held.getvalue()


def _harmless(value: str) -> str:
    """A spreadsheet takes what begins like this for a formula; a number in E.164 is none."""
    is_formula = value[:1] in {"=", "@", "\t", "-"} or (value[:1] == "+" and not value[1:].isdigit())
    return f"'{value}" if is_formula else value


def read(data: bytes) -> Read:
    """What a file asks to close; raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable("The file is larger than 20 MB. Split it.")
    text = data.decode("utf-8-sig", "replace")
    try:
        dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    table = csv.DictReader(io.StringIO(text), dialect=dialect)
    column = next((name for name in table.fieldnames or () if name and name.strip().lower() in _ADDRESS), None)
    if column is None:
        raise Unreadable("No column is named address or email. Name the columns in the first line.")
    return _read(table, column)


def _read(table: Iterable[dict[str, str]], column: str) -> Read:
    found = Read([], [])
    for number, row in enumerate(table, start=2):
        if number > MOST_ROWS:
            raise Unreadable(f"More than {MOST_ROWS:,} lines. Split the file.")
        told = {str(name).strip().lower(): str(value or "").strip() for name, value in row.items() if name}
        address = (row.get(column) or "").strip().removeprefix("'")
        is_mail = "@" in address or "mail" in column.lower()
        channel = told.get("channel", "").lower() or ("email" if is_mail else "sms")
        why = _why_not(channel, address)
        if why:
            found.refused.append((number, why))
        elif address:
            found.closings.append(_closing(channel, address, told))
    return found


def _why_not(channel: str, address: str) -> str:
    if not address:
        return ""
    if channel not in {"email", "sms", "whatsapp"}:
        return f"{channel} is no channel with addresses."
    if channel == "email":
        return "" if is_address(address) else f"{address[:60]} is no e-mail address."
    is_number = address[:1] == "+" and sum(sign.isdigit() for sign in address) >= 7  # noqa: PLR2004  the shortest of E.164
    return "" if is_number else f"{address[:60]} is no number with its country, such as +49…"


def _bare(reason: str) -> str:
    return "".join(sign for sign in reason.lower() if sign.isalpha())


def _closing(channel: str, address: str, told: dict[str, str]) -> Closing:
    reason = _REASONS.get(_bare(told.get("reason", "")), Suppression.Reason.IMPORTED)
    scope = told.get("scope", "").lower()
    if scope not in Suppression.Scope.values:
        is_of_will = reason in {Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.IMPORTED}
        scope = Suppression.Scope.MARKETING if is_of_will else Suppression.Scope.ALL
    return Closing(channel=channel, address=address, reason=reason, scope=scope, note=told.get("note", ""))
