"""Runs a file of worked cases through the rules of the product, compares where an answer is given, answers where not.

A case has an `id`, a `kind`, its input, and either `expected` or `answer_shape`. A case that cannot be read fails with
a sentence; it never stops the others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from thereafter.returns.cases import figuring, policies, refunding, refusing
from thereafter.returns.cases.fields import Fields, Malformed
from thereafter.returns.cases.policies import PointsRule
from thereafter.returns.cases.refunding import Book

Facts = dict[str, Any]

# Names that others give to our refusals: a product may use its own, but must refuse.
_SAME_REFUSAL = {
    "exceeds_refundable_amount": (
        "amount_exceeds_refundable",
        "amount_exceeds_remaining",
        "amount_too_high",
        "exceeds_refundable",
        "exceeds_refundable_shipping",
        "exceeds_remaining",
        "exceeds_remaining_amount",
        "exceeds_remaining_shipping",
        "exceeds_shipping",
        "exceeds_shipping_paid",
        "refund_exceeds_remaining",
        "shipping_exceeds_refundable",
        "shipping_exceeds_remaining",
    ),
    "exceeds_requested_quantity": (
        "exceeds_expected_quantity",
        "exceeds_return_requested",
        "exceeds_received_quantity",
    ),
    "already_processed": ("already_booked", "duplicate", "duplicate_event", "refund_already_processed"),
}
_OUR_NAME = {theirs: ours for ours, names in _SAME_REFUSAL.items() for theirs in names}


@dataclass
class Report:
    """What came out: how many agree, which do not and how, and the answers to those that only asked."""

    passed: int = 0
    failed: list[Facts] = field(default_factory=list)
    answers: dict[str, Facts] = field(default_factory=dict)

    def as_json(self) -> Facts:
        return {"passed": self.passed, "failed": self.failed, "answers": self.answers}


@dataclass(frozen=True)
class Rooms:
    """What other parts of the house do: `points` is loyalty's rule for points that follow the money, `book` carries a
    sequence out on a database."""

    points: PointsRule
    book: Book | None = None


def run(document: object, rooms: Rooms, *, tell: Callable[[str], None] = lambda line: None) -> Report:
    """All cases of a file; `tell` hears of each."""
    report = Report()
    for name, given in _cases(document):
        try:
            _run_one(name, given, report, rooms)
        except (ValueError, ArithmeticError) as wrong:
            expected = given.get("expected") if isinstance(given, dict) else None
            report.failed.append({"id": name, "expected": expected, "got": str(wrong)})
        tell(_progress(name, given, report))
    return report


def _cases(document: object) -> Iterator[tuple[str, Any]]:
    listed = document.get("cases") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        raise Malformed('The file should be an object with a list of "cases".')
    for place, given in enumerate(listed, start=1):
        name = given.get("id") if isinstance(given, dict) else None
        yield str(name) if name is not None else f"case {place}", given


def _run_one(name: str, given: object, report: Report, rooms: Rooms) -> None:
    case = Fields(given, "The case")
    facts = _facts(case, rooms)
    expected = case.values.get("expected")
    if expected is None:
        shape = case.values.get("answer_shape")
        report.answers[name] = facts if shape is None else _shaped(facts, shape, "answer_shape")
    elif _agrees(facts, expected):
        report.passed += 1
    else:
        report.failed.append({"id": name, "expected": expected, "got": _beside(facts, expected)})


def _facts(case: Fields, rooms: Rooms) -> Facts:
    kinds: dict[str, Callable[[Fields], Facts]] = {
        "allocate": figuring.allocate,
        "refund": refunding.refund,
        "refund_sequence": lambda one: refunding.refund_sequence(one, rooms.book),
        "reject": refusing.reject,
        "policy_amount": lambda one: policies.policy_amount(one, rooms.points),
        "ledger": figuring.payments,
        "exchange": figuring.exchange,
        "authorisation": figuring.authorisation,
    }
    kind = case.text("kind")
    if kind not in kinds:
        raise Malformed(f"The case is of kind {kind!r}; we know {', '.join(kinds)}.")
    return kinds[kind](case)


def _shaped(facts: Any, shape: Any, where: str) -> Any:
    """What was asked for and nothing else; a list is asked for by its first element."""
    if isinstance(shape, dict) and isinstance(facts, dict):
        missing = [str(name) for name in shape if name not in facts]
        if missing:
            because = f" It was refused: {facts['message']}" if facts.get("message") else ""
            raise Malformed(f"{where} asks for {', '.join(missing)}, which this kind of case does not have.{because}")
        return {name: _shaped(facts[name], inner, f"{where}.{name}") for name, inner in shape.items()}
    if isinstance(shape, list) and isinstance(facts, list):
        return [_shaped(fact, shape[0], where) for fact in facts] if shape else facts
    return facts


def _agrees(fact: Any, expected: Any) -> bool:
    """All that is expected is there. Amounts compare as numbers; a step with `amount_in` may have any of these."""
    if isinstance(expected, dict):
        return isinstance(fact, dict) and all(
            name in fact and _agrees_by_name(name, fact, expected) for name in expected
        )
    if isinstance(expected, list):
        return isinstance(fact, list) and len(fact) == len(expected) and all(map(_agrees, fact, expected))
    return bool(_plain(fact) == _plain(expected))


def _agrees_by_name(name: str, fact: Facts, expected: Facts) -> bool:
    listed = expected.get("amount_in")
    if name == "amount_in" and isinstance(listed, list):
        return any(_plain(fact.get("amount")) == _plain(amount) for amount in listed)
    if name == "amount" and isinstance(listed, list):
        return True
    if name == "error":
        return bool(_OUR_NAME.get(str(expected[name]), expected[name]) == fact[name])
    return _agrees(fact[name], expected[name])


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value


def _beside(fact: Any, expected: Any) -> Any:
    """What we have under the expected names, so that the two can be read side by side."""
    if isinstance(expected, dict) and isinstance(fact, dict):
        found = {name: _beside(fact.get(name), inner) for name, inner in expected.items()}
        return {**found, "message": fact["message"]} if fact.get("message") else found
    if isinstance(expected, list) and isinstance(fact, list):
        return [
            _beside(one, expected[min(place, len(expected) - 1)] if expected else None)
            for place, one in enumerate(fact)
        ]
    return fact


def _progress(name: str, given: object, report: Report) -> str:
    title = str(given.get("title", "")) if isinstance(given, dict) else ""
    if report.failed and report.failed[-1]["id"] == name:
        last = report.failed[-1]
        return f"{name}  FAILED  {title}\n    expected {last['expected']}\n    got      {last['got']}"
    if name in report.answers:
        return f"{name}  answer  {title}\n    {report.answers[name]}"
    return f"{name}  agrees  {title}"
