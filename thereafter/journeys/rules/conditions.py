"""Conditions: one small language wherever a merchant writes one. Plain Python.

The language is CEL, run by Google's own runtime, with the names of `vocabulary`. Whatever is wrong with a text is
said as `BadCondition`, in a sentence and with its place; nothing else is ever raised.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from thereafter.journeys.rules import checks, complaints, dialect, trees
from thereafter.journeys.rules.naming import names_in, place_in, presence, shadow
from thereafter.journeys.rules.trees import Node
from thereafter.journeys.rules.vocabulary import Schema

LONGEST = 2000
_TOKENS = re.compile(
    r"""(?P<text>[rR]?(?:'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))|(?P<note>//[^\n]*)"""
    r"""|(?P<has>\bhas\s*\(\s*)(?P<root>[a-z]\w*)(?=\s*\.)|(?P<shadow>(?<![\w.])_\w+)""",
    re.DOTALL,
)


class BadCondition(ValueError):
    """What is wrong with the text of a condition, for whoever wrote it; line and column begin with 1."""

    def __init__(self, sentence: str, line: int = 1, column: int = 1) -> None:
        super().__init__(sentence)
        self.sentence, self.line, self.column = sentence, line, column


@dataclass(frozen=True, eq=False)
class Condition:
    """A condition that was checked.

    `names` is what it needs to know: "order.total", "trait", "happened:order.placed".
    """

    text: str
    names: frozenset[str]
    tree: Node
    expression: Any
    # Namespaces whose fields the text asks has() of.
    asked: frozenset[str]

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is so of these facts, by name: {"order.total": 49.9, "fact": {"late": True}}.

        What is asked of something that is not known is not so, and neither is what cannot be compared.
        """
        known = {**facts, **presence(self.asked, facts)} if self.asked else facts
        try:
            return self.expression.eval(data=known).value() is True
        except Exception:  # a fact that CEL cannot take, or too much to count: not so
            return False


@lru_cache(maxsize=4096)
def compile_condition(text: str, schema: Schema) -> Condition:
    """The checked condition, kept for the next time; raises `BadCondition`."""
    if len(text) > LONGEST:
        raise BadCondition(f"A condition has at most {LONGEST:,} characters; this one has {len(text):,}.")
    shadowed = _mended(text, schema)
    try:
        expression = dialect.environment(schema, frozenset(map(shadow, schema.roots))).compile(shadowed)
    except (RuntimeError, TypeError, UnicodeError) as error:
        raise BadCondition(*complaints.sentence(str(error), text, schema)) from None
    try:
        tree = trees.read(expression.serialize())
    except trees.TooDeep:
        raise BadCondition(
            "This condition is nested too deeply or too long. Split it, or make a segment of a part."
        ) from None
    _check(tree, text, schema)
    asked = {node.parts[0].what for node in tree.walk() if node.kind == "has"}
    roots = frozenset(root for root in schema.roots if shadow(root) in asked)
    return Condition(text, names_in(tree, schema), tree, expression, roots)


def problem_with(text: Any, schema: Schema) -> str:
    """What is wrong with a text, with its place; "" when it is a condition."""
    if not isinstance(text, str):
        return "A condition is a text, such as order.total >= 100."
    try:
        compile_condition(text, schema)
    except BadCondition as wrong:
        return wrong.sentence if wrong.line == 1 else f"Line {wrong.line}: {wrong.sentence}"
    return ""


def _mended(text: str, schema: Schema) -> str:
    def mend(found: re.Match[str]) -> str:
        if found["shadow"]:
            raise BadCondition(
                f"There is no {found['shadow']}. Names begin with a letter.", *place_in(text, found.start("shadow"))
            )
        root = found["root"]
        return f"{found['has']}{shadow(root)}" if root in schema.roots else found[0]

    return _TOKENS.sub(mend, text)


def _check(tree: Node, text: str, schema: Schema) -> None:
    if tree.type not in {"flag", "any"}:
        raise BadCondition(complaints.no_answer(tree.type))
    for node in tree.walk():
        wrong = checks.wrong(node, schema)
        if wrong:
            raise BadCondition(wrong, *place_in(text, node.at))
