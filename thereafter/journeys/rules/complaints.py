"""What CEL says is wrong with a condition, in sentences for who wrote it. Plain Python."""

import re
from difflib import get_close_matches

from thereafter.journeys.rules import dialect
from thereafter.journeys.rules.vocabulary import Schema

Said = tuple[str, int, int]
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_KINDS = {
    "double": "a number",
    "int": "a number",
    "uint": "a number",
    "string": "text",
    "bool": "yes or no",
    "google.protobuf.Timestamp": "a moment",
    "google.protobuf.Duration": "a span of time",
    "null_type": "nothing",
    "bytes": "bytes",
}
_OURS = {"flag": "yes or no", "number": "a number", "text": "text", "moment": "a moment", "list": "a list"}
_RESULTS = _OURS | {"whole": "a number", "span": "a span of time", "null": "nothing", "map": "many things by name"}
# What people write who know other languages, and what it is called here.
_WORDS = {"and": "&&", "or": "||", "is": "==", "equals": "==", "not": "!", "then": "?", "like": ".contains(…)"}
_SIGNS = {"= ": "==", "=": "==", "=>": ">=", "=<": "<=", "<>": "!=", "&": "&&", "|": "||", "& ": "&&", "| ": "||"}
_OPERATORS = re.compile(r"'(?:_(\S+?)_|@(in)|(!|-)_|([\w\[\]]+|_\?_:_))'")


def sentence(raw: str, text: str, schema: Schema) -> Said:
    """The first thing that is wrong: a sentence, its line and its column."""
    found = _ERROR.search(raw)
    if not text.strip() or not found:
        return (_without_place(raw) if text.strip() else "Say what has to be so, such as order.total >= 100."), 1, 1
    line, column, said = int(found[1]), int(found[2]), found[3].removesuffix(" [INVALID_ARGUMENT]")
    lines = text.split("\n")
    on_line = lines[line - 1] if line <= len(lines) else ""
    name = re.match(r"undeclared reference to '([^']+)'", said)
    if name:
        written, column = _written(name[1], on_line, column)
        return (
            unknown(written, schema, is_call=on_line[column - 1 + len(written) :].lstrip().startswith("(")),
            line,
            column,
        )
    if said.startswith("found no matching overload"):
        return _mismatch(said, on_line, column, schema), line, column
    return _syntax(said, on_line, column), line, column


def _without_place(raw: str) -> str:
    if "recursion limit" in raw:
        return "This condition is nested too deeply. Take out some brackets, or make a segment of a part."
    if "incompatible function arguments" in raw or "codec" in raw:
        return "There is a character in it that no text can have. Type it anew."
    return "This cannot be read. A condition looks like order.total >= 100 && customer.country == 'DE'."


def _written(name: str, line: str, column: int) -> tuple[str, int]:
    """The whole name as it stands in the text, and where it begins: CEL points to its last dot."""
    for found in re.finditer(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", line):
        is_here = found.start() < column <= found.end() + 1
        if is_here and (found[0] == name or found[0].startswith(f"{name}.") or found[0].endswith(name)):
            return name, found.start() + found[0].find(name) + 1
    return name, column


def unknown(name: str, schema: Schema, *, is_call: bool = False) -> str:
    root = name.partition(".")[0]
    word = name.lower()
    if is_call:
        return f"There is no function {name}().{_perhaps(name, list(dialect.FUNCTIONS), '()')}"
    if word in _WORDS:
        return f"Write {_WORDS[word]} instead of {name}."
    if schema.place == "segment" and root in {"order", "fact"}:
        return f"A segment is about customers, so it cannot ask for {name}. Use customer.orders, times[…] or a trait."
    if name in schema.roots:
        sample = next(field for field in schema.fields if field.startswith(f"{name}."))
        return f"Say what of the {name}, such as {sample}."
    return f"There is no field {name}.{_perhaps(name, [*schema.fields, *schema.maps])}"


def unknown_fact(name: str, schema: Schema) -> str:
    told = list(schema.of_event or {})
    ending = f" It tells {', '.join(sorted(told))}." if told else ""
    return f"The event {schema.event} tells no {name}.{_perhaps(name, told, before='fact.') or ending}"


def _perhaps(name: str, known: list[str], after: str = "", before: str = "") -> str:
    near = get_close_matches(name, known, 1, 0.6) or get_close_matches(
        name.rpartition(".")[2], [one for one in known if "." not in one], 1, 0.75
    )
    by_end = [one for one in known if one.rpartition(".")[2] == name.rpartition(".")[2]]
    best = next(iter(near or by_end), "")
    return f" Did you mean {before}{best}{after}?" if best else ""


def no_answer(kind: str) -> str:
    return f"This is {_RESULTS.get(kind, 'a value')}, not yes or no. Compare it with something, such as … == …."


def _mismatch(said: str, line: str, column: int, schema: Schema) -> str:
    found = re.match(r".*overload for (\S+) applied to '\((.*)\)'$", said)
    if not found:
        return "These do not go together."
    operator, kinds = _operator(found[1]), [_kind(one) for one in _split(found[2])]
    if operator == "?:":
        return "Both answers of … ? … : … must be of one kind, and what stands before the ? must be yes or no."
    if len(kinds) == 1:
        return f"{operator}{'()' if operator.isidentifier() else ''} does not take {kinds[0]}."
    left, right = _beside(line, column, operator, schema)
    one = f"{left} is {kinds[0]}" if left else f"{kinds[0].capitalize()} stands on one side"
    two = f"{right} is {kinds[1]}" if right else f"what stands on the other side is {kinds[1]}"
    if "nothing" in kinds:
        return f"{one}. To ask whether it is known, write has({left or '…'})."
    if operator.isidentifier() and operator != "in":
        return f"{operator}() does not take {' and '.join(kinds[1:])}."
    return f"{one}, and {two}: {operator} does not go with them.{_advice(kinds, operator)}"


def _advice(kinds: list[str], operator: str) -> str:
    if kinds in (["a number", "text"], ["text", "a number"]):
        return " A number stands without quotes, a text in quotes."
    if kinds == ["a list of texts", "text"]:
        return " Ask 'x' in the list."
    if kinds == ["a moment", "text"]:
        return " Write a day as date('2026-05-01')."
    if "a moment" in kinds and "a number" in kinds:
        return " Write a span as days(30)."
    if operator == "in" and len(kinds) > 1 and kinds[1] == "text":
        return " What stands after in is a list, such as ['DE', 'AT']."
    return ""


def _operator(quoted: str) -> str:
    found = _OPERATORS.match(quoted)
    if quoted == "'_?_:_'":
        return "?:"
    return next(filter(None, found.groups()), quoted) if found else quoted.strip("'")


def _split(kinds: str) -> list[str]:
    """ "double, list(string)" as its two."""
    return [one.strip() for one in re.split(r",(?![^(]*\))", kinds)]


def _kind(name: str) -> str:
    if name.startswith("list("):
        inside = _KINDS.get(name[5:-1], "")
        return f"a list of {'numbers' if inside == 'a number' else 'texts' if inside == 'text' else 'values'}"
    return _KINDS.get(name, "many things by name" if name.startswith("map(") else "a value")


def _beside(line: str, column: int, operator: str, schema: Schema) -> tuple[str, str]:
    """What stands left and right of an operator, when it is one name or literal."""
    before, after = line[: column - 1], line[column - 1 + len(operator) :]
    left = re.search(r"((?:[A-Za-z_][\w.]*(?:\[(?:'[^']*'|\"[^\"]*\")\])?)|'[^']*'|\"[^\"]*\"|[\d.]+)\s*$", before)
    right = re.match(
        r"\s*((?:[A-Za-z_][\w.]*(?:\[(?:'[^']*'|\"[^\"]*\")\])?)|'[^']*'|\"[^\"]*\"|[\d.]+)\s*($|[&|)])", after
    )
    return (left[1] if left else ""), (right[1] if right else "")


def _syntax(said: str, line: str, column: int) -> str:
    found = next(filter(None, (look(said, line, column) for look in (_unread, _at_the_end, _habit, _misused))), "")
    if found:
        return found
    unread = re.search(_UNREAD, said)
    shown = (unread[1] if unread else line[column - 1 :].split(maxsplit=1)[0] if line[column - 1 :].strip() else "")[
        :20
    ]
    return f"“{shown}” is not expected here." if shown else "Something is missing here."


_UNREAD = r"token recognition error at: '(.*)'"
_CURLY = frozenset("“”„\u2018\u2019«»")


def _unread(said: str, line: str, column: int) -> str:
    """Characters that mean nothing in the language."""
    unread = re.search(_UNREAD, said)
    if not unread:
        ends = line[: column - 1].endswith("<") and line[column - 1 :].startswith(">")
        return "Write != instead of <>." if ends else ""
    if unread[1] in _SIGNS:
        return f"Write {_SIGNS[unread[1]]} instead of {unread[1].strip()}."
    if unread[1][:1] in {"'", '"'}:
        return "This text has no closing quote."
    return "Use straight quotes: 'text'." if unread[1][:1] in _CURLY else ""


def _at_the_end(said: str, _line: str, _column: int) -> str:
    if "<EOF>' expecting" not in said and "at '<EOF>'" not in said:
        return ""
    missing = re.search(r"missing '(.)'", said)
    return f"A {missing[1]} is missing at the end." if missing else "Something is missing at the end."


def _habit(_said: str, line: str, column: int) -> str:
    """What other languages, or other countries, write."""
    before, rest = line[: column - 1], line[column - 1 :]
    word = re.match(r"\w+", rest)
    if word and word[0].lower() in _WORDS:
        return f"Write {_WORDS[word[0].lower()]} instead of {word[0]}."
    if re.search(r"(^|[(&|!]\s*)not\s+$", before):
        return "Write ! instead of not."
    return "Write decimals with a point: 49.90." if rest.startswith(",") and before[-1:].isdigit() else ""


def _misused(said: str, _line: str, _column: int) -> str:
    return next((sentence for piece, sentence in _MISUSED.items() if piece in said), "")


_MISUSED = {
    "operand of a select": "A name with a dot in it stands in brackets and quotes, such as trait['loyalty.points'].",
    "has()": "has() takes a field, such as has(customer.last_order_at). For a trait write 'loyalty.points' in trait.",
    "literal": "This number cannot be read, or is too large.",
    "variable name": "Write exists(x, x == …), with a name for each member first.",
}
