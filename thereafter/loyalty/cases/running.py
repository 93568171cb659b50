"""Plays a file of worked cases on a database, compares where an answer is given, answers where one is asked.

A case that cannot be read or played fails with a sentence; it never stops the others.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from thereafter.loyalty.cases import documents
from thereafter.loyalty.cases.documents import Case, Facts, Malformed, Told
from thereafter.loyalty.cases.playing import play
from thereafter.loyalty.cases.stage import set_up

log = logging.getLogger(__name__)
# A thread opens its connection with it.
Join = Callable[[], AbstractContextManager[None]]
# These have no result of their own: a look, and many at once.
_WITHOUT_RESULT = ("check", "parallel")


@dataclass
class Report:
    """What came out: how many agree, which do not and how, and the answers to those that asked."""

    passed: int = 0
    failed: list[Facts] = field(default_factory=list)
    answers: dict[str, list[Facts]] = field(default_factory=dict)

    def as_json(self) -> Facts:
        return {"passed": self.passed, "failed": self.failed, "answers": self.answers}


def run(document: object, join: Join, *, tell: Callable[[str], None] = lambda line: None) -> Report:
    """All cases of a file on the database that is there; give it an empty one. `tell` hears of each case."""
    report = Report()
    for number, (name, given) in enumerate(_cases(document), start=1):
        try:
            _run_one(name, given, report, join, f"case-{number}")
        except Malformed as wrong:
            report.failed.append({"id": name, "expected": None, "got": str(wrong)})
        except Exception as wrong:
            log.warning("case %s could not be played", name, exc_info=True)
            report.failed.append({"id": name, "expected": None, "got": f"{type(wrong).__name__}: {wrong}"})
        tell(_progress(name, given, report))
    return report


def _cases(document: object) -> Iterator[tuple[str, Any]]:
    listed = document.get("cases") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        raise Malformed('The file should be an object with a list of "cases".')
    for place, given in enumerate(listed, start=1):
        name = given.get("id") if isinstance(given, dict) else None
        yield str(name) if name is not None else f"case {place}", given


def _run_one(name: str, given: Any, report: Report, join: Join, slug: str) -> None:
    case = documents.read(given)
    facts = _play(case, join, slug)
    if _asks(given, case):
        report.answers[name] = [_answer(event, fact) for event, fact in zip(case.events, facts, strict=True)]
    if not _expects(case):
        return
    wrong = _differences(case.events, facts)
    if wrong:
        expected, got = ({f"event {at}": pair[side] for at, pair in wrong.items()} for side in (0, 1))
        report.failed.append({"id": name, "expected": expected, "got": got})
    else:
        report.passed += 1


def _play(case: Case, join: Join, slug: str) -> list[Facts]:
    stage = set_up(case, slug, join)
    return [play(stage, event) for event in case.events]


def _asks(given: Any, case: Case) -> bool:
    return ("answers" in given and given["answers"] is None) or any(event.answer_shape for event in case.events)


def _expects(case: Case) -> bool:
    return any(event.result or event.expect is not None for event in case.events)


def _answer(event: Any, fact: Facts) -> Facts:
    """The event's result, and of what it brought that which was asked for."""
    found = {} if event.type in _WITHOUT_RESULT else {"result": fact["result"]}
    if fact.get("result") == "refused" and "reason" in fact:
        found["reason"] = fact["reason"]
    return found | {name: _shaped(_known(fact, name), shape) for name, shape in (event.answer_shape or {}).items()}


def _known(fact: Facts, name: str) -> Any:
    """A reason is asked of what may be refused; where it is not refused there is none."""
    if name in fact:
        return fact[name]
    if name == "reason":
        return None
    raise Malformed(f"The case asks for {name!r}, which this event does not have; it has {', '.join(fact)}.")


def _shaped(fact: Any, shape: Any) -> Any:
    """What was asked for and nothing else; a list is asked for by its first element."""
    if isinstance(shape, dict) and isinstance(fact, dict):
        return {name: _shaped(_known(fact, name), inner) for name, inner in shape.items()}
    if isinstance(shape, list) and isinstance(fact, list):
        return [_shaped(one, shape[0]) for one in fact] if shape else fact
    return fact


def _differences(events: Sequence[Any], facts: Sequence[Facts]) -> dict[int, tuple[Facts, Facts]]:
    """By the event's place, from 1: what was expected, and what we have under the same names."""
    found = {}
    for place, (event, fact) in enumerate(zip(events, facts, strict=True), start=1):
        expected = _expected(event)
        if not _agrees(fact, expected):
            beside = {name: fact.get(name) for name in expected}
            found[place] = (expected, beside | {name: fact[name] for name in ("reason",) if name in fact})
    return found


def _expected(event: Told) -> Facts:
    result = {"result": event.result} if event.result else {}
    return {**result, **(event.expect or {})}


def _agrees(fact: Any, expected: Any) -> bool:
    """All that is expected is there; moments are the same instant however they are written."""
    if isinstance(expected, dict):
        return isinstance(fact, dict) and all(
            name in fact and _agrees(fact[name], inner) for name, inner in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(fact, list) and len(fact) == len(expected) and all(map(_agrees, fact, expected))
    if isinstance(fact, str) and isinstance(expected, str) and fact != expected:
        return _same_instant(fact, expected)
    return bool(fact == expected)


def _same_instant(one: str, other: str) -> bool:
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return False


def _progress(name: str, given: object, report: Report) -> str:
    title = str(given.get("title", "")) if isinstance(given, dict) else ""
    if report.failed and report.failed[-1]["id"] == name:
        last = report.failed[-1]
        return f"{name}  FAILED  {title}\n    expected {last['expected']}\n    got      {last['got']}"
    if name in report.answers:
        said = "\n".join(f"    {answer}" for answer in report.answers[name])
        return f"{name}  answer  {title}\n{said}"
    return f"{name}  agrees  {title}"
