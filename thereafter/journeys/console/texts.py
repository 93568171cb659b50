"""A journey's document as text: laid out to be read, with what is wrong at its line."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thereafter.journeys.rules import keeping
from thereafter.journeys.rules.problems import Problem

WIDE = 110


@dataclass
class Line:
    text: str
    wrong: list[str] = field(default_factory=list)


def laid_out(document: Mapping[str, Any]) -> str:
    """JSON with a part in each line, and a step in each line where it fits."""
    parts = [f"  {_said(name)}: {_part(value)}" for name, value in document.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _part(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        return "[\n" + ",\n".join(f"    {_fitted(one, 4)}" for one in value) + "\n  ]"
    return _fitted(value, 2)


def _fitted(value: Any, indent: int) -> str:
    """In one line, or when that is too long with each setting in a line of its own."""
    short = _said(value)
    if len(short) + indent <= WIDE or not isinstance(value, Mapping):
        return short
    space = " " * (indent + 2)
    inner = [f"{space}{_said(name)}: {_said(one)}" for name, one in value.items()]
    return "{\n" + ",\n".join(inner) + f"\n{' ' * indent}}}"


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def marked(text: str, problems: Sequence[Problem]) -> list[Line]:
    """The text line by line, with each problem at the line it is about."""
    lines = [Line(line) for line in text.splitlines()] or [Line("")]
    for problem in problems:
        lines[_line_of(lines, problem)].wrong.append(problem.text)
    return lines


def _line_of(lines: Sequence[Line], problem: Problem) -> int:
    """The line of the setting; else that of its step or part; else the first."""
    is_part = f'"{problem.where}":'
    start = next(_places(lines, rf'"id":\s*{re.escape(json.dumps(problem.where))}'), None)
    if start is None:
        start = next((place for place, line in enumerate(lines) if problem.where and is_part in line.text), None)
    name = f'"{problem.setting.partition(".")[0]}":'
    if start is None:
        return next((place for place, line in enumerate(lines) if problem.setting and name in line.text), 0)
    # A step may be laid out over some lines: up to where the next one begins.
    for place in range(start, len(lines)):
        if problem.setting and name in lines[place].text:
            return place
        if place > start and '"id":' in lines[place].text:
            break
    return start


def _places(lines: Sequence[Line], pattern: str) -> Iterator[int]:
    return (place for place, line in enumerate(lines) if re.search(pattern, line.text))


def read(text: str) -> tuple[Any, list[Line]]:
    """The document, or None and the lines with the place where the text is no JSON."""
    try:
        told, wrong = json.loads(text), keeping.trouble(text)
        return (None, [Line(text[:200], [wrong])]) if wrong else (told, [])
    except json.JSONDecodeError as wrong:
        lines = [Line(line) for line in text.splitlines()] or [Line("")]
        place = min(wrong.lineno, len(lines)) - 1
        lines[place].wrong.append(f"This is no JSON: {wrong.msg.lower()}, at character {wrong.colno}.")
        return None, lines
    except (RecursionError, ValueError):
        # Too deep, or a number of thousands of digits.
        return None, [Line(text[:200], [keeping.trouble(text) or "This is no journey."])]
