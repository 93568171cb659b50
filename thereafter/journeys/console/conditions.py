"""The condition editor: what its form shows, and what a submit of it says. The page's side is `_condition.html`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from thereafter.journeys.console.condition_choices import Options
from thereafter.journeys.rules import rows as rules
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import BadCondition, compile_condition
from thereafter.journeys.rules.reading_rows import rows_of
from thereafter.journeys.rules.rows import Group, Incomplete, Join, Row, Rows, moved
from thereafter.journeys.rules.vocabulary import Kind, Schema
from thereafter.stores.models import Store

MOST_ROWS, MOST_IN_GROUP = 20, 10
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
BEYOND = "This condition says more than rows can show, so it stays a text."


@dataclass
class Editor:
    """One editor on a page. `pressed` says that a row was added, removed or changed, not that the form is done."""

    name: str
    schema: Schema
    options: Options
    rows: Rows = field(default_factory=Rows)
    text: str = ""
    as_text: bool = False
    pressed: bool = False
    error: str = ""
    # Which row is wrong, or was just added; for a text the line and the column.
    wrong: tuple[int, ...] = ()
    fresh: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.schema.place}:{self.schema.event}"

    @property
    def lines(self) -> list["RowView | GroupView"]:
        return [
            GroupView(self, (at,), item) if isinstance(item, Group) else RowView(self, (at,), item)
            for at, item in enumerate(self.rows.items)
        ]

    @property
    def has_room(self) -> bool:
        return len(self.rows.items) < MOST_ROWS


@dataclass(frozen=True)
class GroupView:
    editor: Editor
    at: tuple[int, ...]
    group: Group

    @property
    def prefix(self) -> str:
        return f"{self.editor.name}.{self.at[0]}"

    @property
    def lines(self) -> list["RowView"]:
        return [RowView(self.editor, (*self.at, at), row) for at, row in enumerate(self.group.rows)]

    @property
    def has_room(self) -> bool:
        return len(self.group.rows) < MOST_IN_GROUP


@dataclass(frozen=True)
class RowView:
    """One row as the form shows it."""

    editor: Editor
    at: tuple[int, ...]
    row: Row

    @property
    def prefix(self) -> str:
        return ".".join(map(str, (self.editor.name, *self.at)))

    @property
    def id(self) -> str:
        return "-".join(map(str, (self.editor.name.replace(".", "-"), *self.at)))

    @property
    def place(self) -> str:
        return ":".join(map(str, self.at))

    @property
    def chosen(self) -> str:
        return chosen(self.row, self.editor.options)

    @property
    def kind(self) -> Kind:
        return rules.kind_of(self.row, self.editor.schema)

    @property
    def keys(self) -> Any:
        """What the key of a map can be; None when there is nothing to choose."""
        return None if ":" in self.chosen else self.editor.options.keys.get(self.row.field)

    @property
    def operators(self) -> Mapping[str, str]:
        return rules.operators_of(self.kind, may_miss=rules.may_miss(self.row, self.editor.schema))

    @property
    def asks(self) -> str:
        """What the value is asked by: nothing, days, date, number, choice or text."""
        if self.row.operator in rules.NO_VALUE or not self.row.field:
            return "nothing"
        if self.kind == "moment":
            return "date" if self.row.operator in {"since", "before"} else "days"
        if self.kind == "number":
            return "number"
        closed = self.choices and self.editor.options.is_closed(self.row) and self.row.operator not in rules.MANY_VALUES
        return "choice" if closed and self.row.operator not in {"contains", "lacks", "starts", "ends"} else "text"

    @property
    def choices(self) -> Any:
        return self.editor.options.of(self.row)

    @property
    def hint(self) -> str:
        if self.row.operator in rules.MANY_VALUES:
            return "DE, AT, CH" if self.row.field.endswith("country") else "one, two, three"
        return {"days": "30", "number": "100"}.get(self.asks, "")

    @property
    def error(self) -> str:
        return self.editor.error if self.editor.wrong == self.at and not self.editor.as_text else ""

    @property
    def is_fresh(self) -> bool:
        return self.editor.fresh == self.at


def chosen(row: Row, options: Options) -> str:
    """The value of the first select for a row: a field, a map, or a key of a map that is listed by itself."""
    by_itself = f"{row.field}:{row.key}"
    return by_itself if row.key and by_itself in options.listed else row.field


# ----------------------------------------------------------------------- reading


def stored(store: Store, schema: Schema, text: str, *, name: str = "if", optional: bool = True) -> Editor:
    """The editor of a condition that is kept; a text that rows cannot say (or is wrong) is shown as text."""
    editor = Editor(name, schema, Options(store, schema), text=text)
    try:
        rows = rows_of(text, schema)
    except BadCondition as wrong:
        editor.error, editor.wrong, rows = wrong.sentence, (wrong.line, wrong.column), None
    editor.as_text, editor.rows = rows is None, rows or Rows()
    if not text.strip() and not optional:
        editor.rows = Rows(items=(Row(),))
    return editor


def posted(store: Store, schema: Schema, data: QueryDict, *, name: str = "if") -> Editor:
    """What a submit says: `text` is the condition when there is no `error`, and it was not a button of the editor."""
    editor = Editor(name, schema, Options(store, schema))
    editor.as_text = data.get(f"{name}.mode") == "text"
    editor.text = data.get(f"{name}.text", "").strip()
    editor.rows = Rows(_join(data, name, "all"), tuple(_items(data, editor)))
    done = data.get(f"{name}.do", "")
    if done:
        editor.pressed = True
        _press(editor, done)
    else:
        _finish(editor)
    return editor


def schema_of(place: str) -> Schema:
    """The schema by the name under which a form carries it: "segment:", "journey:parcel.delivered"."""
    where, _, event = place.partition(":")
    other = vocabulary.place(where)
    if other:
        return other
    return vocabulary.segment() if where == "segment" else vocabulary.journey(event)


def _join(data: QueryDict, prefix: str, default: Join) -> Join:
    said = data.get(f"{prefix}.join", default)
    return "any" if said == "any" else "all"


def _items(data: QueryDict, editor: Editor) -> Iterator[Row | Group]:
    for at in range(MOST_ROWS):
        prefix = f"{editor.name}.{at}"
        if f"{prefix}.join" in data:
            inner = range(MOST_IN_GROUP)
            rows = [_row(data, f"{prefix}.{place}", editor) for place in inner if f"{prefix}.{place}.field" in data]
            yield Group(_join(data, prefix, "any"), tuple(rows))
        elif f"{prefix}.field" in data:
            yield _row(data, prefix, editor)


def _row(data: QueryDict, prefix: str, editor: Editor) -> Row:
    """A row as it was sent; what no longer fits its field begins anew."""

    def said(part: str) -> str:
        return data.get(f"{prefix}.{part}", "").strip()

    name, _, key = said("field").partition(":")
    same = said("for") == said("field")
    row = Row(name, said("operator"), said("value") if same else "", key=key or said("key"), span=said("span"))
    row = replace(row, kind=_kind(row, said("kind") if same else "", editor))
    operators = rules.operators_of(rules.kind_of(row, editor.schema), may_miss=rules.may_miss(row, editor.schema))
    return row if row.operator in operators else replace(row, operator=next(iter(operators)))


def _kind(row: Row, said: str, editor: Editor) -> Kind:
    """The kind of a trait's value: as the form knew it, as customers have it, or as the value looks."""
    if said in rules.OPERATORS:
        return said  # type: ignore[return-value]  # the keys are kinds
    known = editor.options.kind_of_trait(row.key) if row.field == "trait" else None
    if known:
        return known
    if _DAY.fullmatch(row.value):
        return "moment"
    return "number" if _NUMBER.fullmatch(row.value) else "text"


# ----------------------------------------------------------------------- buttons


def _press(editor: Editor, done: str) -> None:
    """add, group, add:1, drop:1, drop:1:0, text, rows; anything else just shows the rows anew."""
    act, _, rest = done.partition(":")
    where = tuple(int(part) for part in rest.split(":") if part.isdigit())
    items = editor.rows.items
    if act in {"text", "rows"}:
        _turn(editor, to_text=act == "text")
    elif act == "drop" and where and where[0] < len(items):
        editor.rows = moved(editor.rows, where, None)
    elif act == "add" and where and where[0] < len(items):
        group = items[where[0]]
        if isinstance(group, Group) and len(group.rows) < MOST_IN_GROUP:
            grown = replace(group, rows=(*group.rows, Row()))
            editor.rows = replace(editor.rows, items=(*items[: where[0]], grown, *items[where[0] + 1 :]))
            editor.fresh = (where[0], len(group.rows))
    elif act in {"add", "group"} and editor.has_room:
        other: Join = "any" if editor.rows.join == "all" else "all"
        new = Row() if act == "add" else Group(other, (Row(), Row()))
        editor.rows = replace(editor.rows, items=(*items, new))
        editor.fresh = (len(items),) if act == "add" else (len(items), 0)


def _turn(editor: Editor, *, to_text: bool) -> None:
    if to_text:
        _finish(editor)
        editor.as_text = not editor.error
        return
    try:
        rows = rows_of(editor.text, editor.schema)
    except BadCondition as wrong:
        editor.error, editor.wrong = wrong.sentence, (wrong.line, wrong.column)
        return
    editor.error = "" if rows else BEYOND
    editor.as_text, editor.rows = rows is None, rows or Rows()


def _finish(editor: Editor) -> None:
    """The text that the form says, or what is wrong with it."""
    try:
        if not editor.as_text:
            editor.rows = without_blanks(editor.rows)
            editor.text = rules.text_of(editor.rows, editor.schema)
        if editor.text:
            compile_condition(editor.text, editor.schema)
    except Incomplete as wrong:
        editor.error, editor.wrong = wrong.sentence, wrong.where
    except BadCondition as wrong:
        editor.error, editor.wrong = wrong.sentence, (wrong.line, wrong.column) if editor.as_text else ()


def without_blanks(rows: Rows) -> Rows:
    """Without rows in which nothing was chosen, and groups in which nothing is left."""
    kept: list[Row | Group] = []
    for item in rows.items:
        if isinstance(item, Group):
            inner = tuple(row for row in item.rows if row.field)
            kept += [replace(item, rows=inner)] if inner else []
        elif item.field:
            kept.append(item)
    return replace(rows, items=tuple(kept))


def is_unfinished(editor: Editor) -> bool:
    """Whether something is still missing, so that it cannot be kept yet."""
    if editor.as_text:
        return bool(editor.error)
    try:
        rules.text_of(without_blanks(editor.rows), editor.schema)
    except Incomplete:
        return True
    return False
