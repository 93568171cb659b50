"""A mapping says which columns of a table become which fields of an order; mappings/README.md describes the format."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from thereafter.commerce.connectors.reading import Unreadable, decode
from thereafter.commerce.connectors.tables import Row

READY = Path(__file__).parent / "mappings"
Tables = dict[str, list[Row]]
Rule = Callable[[Row, Tables], str]
Fields = dict[str, Any]


class Join(msgspec.Struct, forbid_unknown_fields=True):
    """Another table: rows whose column `on` equals that of the order's row, or of the table it hangs `under`."""

    file: str
    on: str
    under: str = ""


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """Something of which an order may have several: one for each row of the table `each` ("" is the file itself)."""

    fields: Fields
    each: str = ""


class Mapping(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    source: str
    key: str
    order: Fields
    line: Part
    customer: Fields = {}
    shipping_address: Fields = {}
    payment: Part | None = None
    fulfilment: Part | None = None
    refund: Part | None = None
    file: str = "*.csv"
    tables: dict[str, Join] = {}
    time_zone: str = "UTC"
    dates: list[str] = []
    decimal: str = "."
    skip: dict[str, list[str]] = {}


_decoder = msgspec.json.Decoder(Mapping)


def find_mapping(name: str) -> Mapping:
    """A ready mapping by its name, or one from a file; raises `Unreadable`."""
    path = READY / f"{name}.json" if (READY / f"{name}.json").exists() else Path(name)
    if not path.is_file():
        ready = ", ".join(sorted(each.stem for each in READY.glob("*.json")))
        raise Unreadable(f'no_mapping: "{name}" is neither a mapping file nor one of {ready}')
    return decode(path.read_bytes(), _decoder)


def compile_rule(rule: Any) -> Rule:
    """Turns a rule of a mapping into a function; raises `Unreadable` for one that is none."""
    match rule:
        case str():
            return lambda row, tables: row.get(rule, "").strip()
        case [*choices]:
            return _first_of([compile_rule(choice) for choice in choices])
        case {"value": value}:
            return lambda row, tables: str(value)
        case {"sum": [*columns]}:
            return _sum_of([str(column) for column in columns])
        case {"of": inner, "values": {**values}}:
            return _translated(compile_rule(inner), {str(key): str(value) for key, value in values.items()}, rule)
    return _worded(rule)


def _worded(rule: Any) -> Rule:
    """The rules that only change how a text reads."""
    match rule:
        case {"words": inner}:
            worded = compile_rule(inner)
            return lambda row, tables: worded(row, tables).replace("_", " ").capitalize()
        case {"join": [*parts]}:
            joined = [compile_rule(part) for part in parts]
            return lambda row, tables: " ".join(text for part in joined if (text := part(row, tables)))
    raise Unreadable(f"bad_mapping: {rule!r} is no rule"[:200])


def _first_of(choices: list[Rule]) -> Rule:
    return lambda row, tables: next((text for choice in choices if (text := choice(row, tables))), "")


def _sum_of(columns: list[str]) -> Rule:
    """The sum of columns over all rows of their tables; "" without rows, and the text itself if it is no number."""

    def add_up(row: Row, tables: Tables) -> str:
        texts = [each[column] for column in columns for each in tables.get(column.rpartition(".")[0], ())]
        try:
            return str(sum((Decimal(text) for text in texts if text), Decimal(0))) if texts else ""
        except ArithmeticError:
            return " + ".join(texts)

    return add_up


def _translated(inner: Rule, values: dict[str, str], rule: dict[str, Any]) -> Rule:
    """Values the table does not name become `otherwise`, or stay as they are."""
    otherwise = rule.get("otherwise")

    def translate(row: Row, tables: Tables) -> str:
        text = inner(row, tables)
        return values.get(text, values.get(text.lower(), text if otherwise is None else str(otherwise)))

    return translate


class Values:
    """How a mapping's texts become times, days and numbers. What cannot be read stays as it is and is refused later."""

    def __init__(self, mapping: Mapping) -> None:
        self._zone = ZoneInfo(mapping.time_zone)
        self._formats = tuple(mapping.dates)
        self._decimal = mapping.decimal

    def amount(self, text: str) -> str:
        text = text.replace(" ", "").replace("\u00a0", "").replace("'", "")
        if self._decimal == ",":
            return text.replace(".", "").replace(",", ".")
        return text.replace(",", "")

    def moment(self, text: str) -> str:
        found = parse_time(text, self._formats)
        if found is None:
            return text
        return (found if found.tzinfo else found.replace(tzinfo=self._zone)).astimezone(UTC).isoformat()

    def day(self, text: str) -> str:
        found = parse_time(text, self._formats)
        return found.date().isoformat() if found else text


@lru_cache(maxsize=4096)
def parse_time(text: str, formats: tuple[str, ...]) -> datetime | None:
    """By one of the formats or ISO 8601; naive when the text names no offset."""
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 the mapping knows the zone
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@cache
def fields_of(kind: type[msgspec.Struct]) -> dict[str, str]:
    """How each field of a document is read: amount, moment, day, number, flag, list or text."""
    return {field.name: _manner(field.name, field.type) for field in msgspec.structs.fields(kind)}


_MANNERS: dict[Any, str] = {datetime: "moment", date: "day", int: "number", bool: "flag", list[str]: "list"}


def _manner(name: str, kind: Any) -> str:
    for plain, manner in _MANNERS.items():
        if kind == plain or kind == plain | None:
            return manner
    return "amount" if "float" in str(kind) else "text"
