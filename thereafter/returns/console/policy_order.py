"""Which rule goes before which: the priority says it, of two alike the place in the document."""

from collections.abc import Sequence
from typing import Any

Rules = list[dict[str, Any]]


def by_strength(rules: Sequence[dict[str, Any]]) -> list[int]:
    """The places of the rules, the strongest first."""
    return sorted(range(len(rules)), key=lambda at: (-rules[at].get("priority", 0), at))


def stronger(rules: Sequence[dict[str, Any]], at: int, among: Sequence[int]) -> Rules:
    """The rules with one of them before the next stronger `among` those that are listed."""
    order = [place for place in by_strength(rules) if place in among]
    position = order.index(at)
    return _before(rules, at, order[position - 1]) if position else list(rules)


def weaker(rules: Sequence[dict[str, Any]], at: int, among: Sequence[int]) -> Rules:
    order = [place for place in by_strength(rules) if place in among]
    position = order.index(at)
    return _before(rules, order[position + 1], at) if position + 1 < len(order) else list(rules)


def _before(rules: Sequence[dict[str, Any]], mover: int, other: int) -> Rules:
    """`mover` takes the priority of `other` and its place; what is between moves on by one."""
    moved = {**rules[mover], "priority": rules[other].get("priority", 0)}
    rest = [rule for at, rule in enumerate(rules) if at != mover]
    target = other - (mover < other)
    return [*rest[:target], moved, *rest[target:]]
