"""The conditions of a journey. Plain Python."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from thereafter.journeys.rules.problems import Problem

Document = Mapping[str, Any]
NAMES = ("fact", "trait", "order", "customer")

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: bool(value == wanted),
    "is_not": lambda value, wanted: bool(value != wanted),
    "at_least": lambda value, wanted: value is not None and bool(value >= wanted),
    "at_most": lambda value, wanted: value is not None and bool(value <= wanted),
    "in": lambda value, wanted: value in wanted,
    "exists": lambda value, wanted: (value is not None) == wanted,
}


def check_condition(where: str, condition: Any) -> Iterator[Problem]:
    if not isinstance(condition, Mapping):
        yield Problem(where, 'A condition looks like {"fact": "late", "is": true}.')
        return
    for group in ("all", "any"):
        if group in condition:
            for part in condition[group]:
                yield from check_condition(where, part)
            return
    if sum(name in condition for name in NAMES) != 1 or sum(test in condition for test in _TESTS) != 1:
        yield Problem(where, f"A condition names one of {', '.join(NAMES)} and one of {', '.join(_TESTS)}.")


def holds(condition: Document | None, facts: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a condition is true of `facts`, by namespace: {"fact": {"late": True}, "trait": {…}}. None always is.

    A comparison of things that cannot be compared is false.
    """
    if not condition:
        return True
    if "all" in condition:
        return all(holds(part, facts) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, facts) for part in condition["any"])
    name = next(name for name in NAMES if name in condition)
    test = next(test for test in _TESTS if test in condition)
    value = facts.get(name, {}).get(condition[name])
    try:
        return _TESTS[test](value, condition[test])
    except TypeError:
        return False
