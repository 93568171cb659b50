"""Orders from text tables by a mapping: one row per order, one per item, or several joined tables. Streams."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from thereafter.commerce.connectors.mapping import Fields, Mapping, Part, Rule, Tables, Values, compile_rule, fields_of
from thereafter.commerce.connectors.reading import Unreadable
from thereafter.commerce.connectors.tables import Lookup, Row, Table
from thereafter.commerce.documents import Address, Line, OrderDoc, Payment, Person, RefundDoc, Shipped

# More rows of one order than an order may have lines: the rest only makes memory run out.
MOST_ROWS = 2000
# A mark by which spreadsheets keep digits as text.
_TEXT_MARK = re.compile(r"'(?=[\d+])")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
Json = dict[str, Any]
Take = Callable[[Row, Tables], Json]


def read_orders(path: Path, mapping: Mapping) -> Iterator[Json]:
    """Each order of a file, or of a folder of tables, as the JSON of an `OrderDoc`; raises `Unreadable`.

    A value that cannot be read stays as it stands, so that the check names it and a person can mend it.
    """
    table = Table(_main_file(path, mapping))
    table.require([mapping.key])
    folder = path if path.is_dir() else path.parent
    shape = _Shape(mapping)
    with ExitStack() as stack:
        lookups = {
            name: stack.enter_context(closing(Lookup(Table(_file(folder, join.file)), join.on)))
            for name, join in mapping.tables.items()
        }
        seen: set[int] = set()
        for key, rows in groupby(table, lambda row: row[mapping.key].strip()):
            group = list(islice(rows, MOST_ROWS))
            if not _is_skipped(group[0], mapping):
                document = shape.order(group[0], _tables(group, mapping, lookups))
                yield _mark_scattered(document, mapping) if hash(key) in seen else document
            seen.add(hash(key))


def _main_file(path: Path, mapping: Mapping) -> Path:
    return _file(path, mapping.file) if path.is_dir() else path


def _file(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise Unreadable(f"no_file: there is no {pattern} in {folder}")
    return found[0]


def _is_skipped(row: Row, mapping: Mapping) -> bool:
    return any(row.get(column, "").strip() in values for column, values in mapping.skip.items())


def _mark_scattered(document: Json, mapping: Mapping) -> Json:
    """Rows of an order that do not stand together would look like a second version of it; refused as a wrong id."""
    return document | {"external_id": "", "note": f'rows of this order are scattered: sort the file by "{mapping.key}"'}


def _tables(group: list[Row], mapping: Mapping, lookups: dict[str, Lookup]) -> Tables:
    """An order's rows of each table, their columns named table.column, joined to what they hang under."""
    tables: Tables = {"": group}
    for name, join in mapping.tables.items():
        on = f"{join.under}.{join.on}" if join.under else join.on
        found = []
        for above in tables[join.under] if join.under else group[:1]:
            matches = [_prefixed(name, row) for row in lookups[name].find(above.get(on, ""))]
            # What hangs under a row is part of it: a product of its item.
            if join.under and matches:
                above.update(matches[0])
            found += matches
        tables[name] = found
    return tables


def _prefixed(name: str, row: Row) -> Row:
    return {f"{name}.{column}": value for column, value in row.items()}


class _Shape:
    """A mapping, made ready: its rules as functions, its fields with the manner in which they are read."""

    def __init__(self, mapping: Mapping) -> None:
        self._values = Values(mapping)
        self._order = self._taker(OrderDoc, mapping.order)
        self._customer = self._taker(Person, mapping.customer)
        self._address = self._taker(Address, mapping.shipping_address)
        self._line = self._parts(Line, mapping.line)
        self._payment = self._parts(Payment, mapping.payment)
        self._fulfilment = self._parts(Shipped, mapping.fulfilment)
        self._refund = self._parts(RefundDoc, mapping.refund)

    def order(self, row: Row, tables: Tables) -> Json:
        single = {key: value for name, rows in tables.items() if name and rows for key, value in rows[0].items()}
        row = row | single
        document = self._order(row, tables)
        document["customer"] = self._customer(row, tables)
        document["shipping_address"] = self._address(row, tables)
        document["lines"] = [
            _priced(line) for line in self._line(row, tables) if line.get("title") or "quantity" in line
        ]
        document["payments"] = [each for each in self._payment(row, tables) if each.get("kind")]
        document["fulfilments"] = [each for each in self._fulfilment(row, tables) if each.get("shipped_at")]
        document["refunds"] = [each for each in self._refund(row, tables) if _is_money(each.get("amount"))]
        if "taxes_included" not in document:
            document["taxes_included"] = _is_tax_inside(document)
        return document

    def _taker(self, kind: type, fields: Fields) -> Take:
        manners = fields_of(kind) | {"subtotal": "amount", "total": "amount"}
        unknown = [name for name in fields if name not in manners]
        if unknown:
            raise Unreadable(f'bad_mapping: "{unknown[0]}" is no field of {kind.__name__}')
        rules: list[tuple[str, Rule, str]] = [
            (name, compile_rule(rule), manners[name]) for name, rule in fields.items()
        ]

        def take(row: Row, tables: Tables) -> Json:
            texts = ((name, _TEXT_MARK.sub("", rule(row, tables), count=1), manner) for name, rule, manner in rules)
            return {name: self._value(text, manner) for name, text, manner in texts if text}

        return take

    def _parts(self, kind: type, part: Part | None) -> Callable[[Row, Tables], list[Json]]:
        if part is None:
            return lambda row, tables: []
        take = self._taker(kind, part.fields)
        numbered = "external_id" in fields_of(kind)

        def take_all(row: Row, tables: Tables) -> list[Json]:
            rows = tables.get(part.each, ())
            taken = [take(row | each, tables) for each in rows]
            for at, each in enumerate(taken):
                if numbered and each:
                    each.setdefault("external_id", str(at + 1))
            return taken

        return take_all

    def _value(self, text: str, manner: str) -> Any:
        values = self._values
        manners: dict[str, Callable[[str], Any]] = {
            "amount": values.amount,
            "moment": values.moment,
            "day": values.day,
            "number": lambda given: _whole(values.amount(given)),
            "flag": lambda given: _FLAGS.get(given.lower(), given),
            "list": lambda given: [each.strip() for each in given.split(",") if each.strip()],
        }
        return manners[manner](text) if manner in manners else text


def _whole(text: str) -> Any:
    """2 for "2" and "2.0"; else the text, for the check to complain of."""
    try:
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() else text
    except (ArithmeticError, ValueError):
        return text


def _priced(line: Json) -> Json:
    """Some exports give a line's sums instead of the price of one: `subtotal` before and `total` after discount."""
    before, after = line.pop("subtotal", None), line.pop("total", None)
    line.setdefault("quantity", 1)
    if before is not None and _is_number(before) and isinstance(line["quantity"], int) and line["quantity"]:
        line.setdefault("unit_price", str(Decimal(before) / line["quantity"]))
        if after is not None and _is_number(after):
            line.setdefault("discount", str(Decimal(before) - Decimal(after)))
    return line


def _is_tax_inside(document: Json) -> bool:
    """Whether the total is reached without adding the tax, for exports that do not say."""
    try:
        items = sum(
            Decimal(line["unit_price"]) * line["quantity"] - Decimal(line.get("discount", 0))
            for line in document["lines"]
        )
        on_top = Decimal(document.get("tax", 0))
        rest = (
            Decimal(document["total"])
            - items
            - Decimal(document.get("shipping", 0))
            + Decimal(document.get("discount", 0))
        )
    except (ArithmeticError, KeyError, TypeError, ValueError):
        return True
    return not on_top or abs(rest) <= abs(rest - on_top)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


def _is_money(text: str | None) -> bool:
    """Whether there is anything to give back: "0.00" in a column of refunds is none, "abc" is a mistake to be named."""
    return bool(text) and not (_is_number(text or "") and Decimal(text or 0) == 0)
