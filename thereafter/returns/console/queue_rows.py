"""One case as a row of a list or of a file."""

from datetime import date
from typing import Any

from thereafter.returns.case_words import BASES, CHANNELS, counted, state_of
from thereafter.returns.next_steps import due, next_step
from thereafter.returns.rules import reasons
from thereafter.returns.rules.policy.outcomes import OUTCOMES
from thereafter.returns.standings import Standing

FILE_HEAD = (
    "case",
    "order",
    "shopper",
    "e-mail",
    "state",
    "ground",
    "wish",
    "reasons",
    "items",
    "value",
    "currency",
    "asked for",
    "how",
    "send by",
    "pay by",
    "assigned to",
    "next",
)


def row_facts(found: Standing, today: date) -> dict[str, Any]:
    case = found.case
    words, tone = state_of(case)
    return {
        "case": case,
        "shopper": case.customer.display_name,
        "state": words,
        "tone": tone,
        "wish": OUTCOMES.get(case.outcome, case.outcome),
        "basis": BASES.get(case.basis, case.basis),
        "what": _what(found),
        "reasons": ", ".join(_reasons(found)),
        "next": next_step(found),
        "due": due(case, today),
    }


def _what(found: Standing) -> str:
    """The first item, and how many more."""
    if not found.units:
        return ""
    first, rest = found.units[0].line.title, len(found.units) - 1
    return f"{first} and {counted(rest, 'more item')}" if rest else first


def _reasons(found: Standing) -> list[str]:
    keys = dict.fromkeys(unit.reason for unit in found.units)
    return [reasons.reason(key).text for key in keys]


def file_row(found: Standing, today: date) -> tuple[object, ...]:
    case, facts = found.case, row_facts(found, today)
    return (
        case.number,
        case.order.number,
        facts["shopper"],
        case.email or case.customer.email,
        facts["state"],
        facts["basis"],
        facts["wish"],
        facts["reasons"],
        len(found.units),
        case.money(case.value_minor).amount,
        case.currency,
        case.submitted_at.date().isoformat(),
        CHANNELS.get(case.channel, case.channel),
        case.send_by or "",
        case.pays_by or "",
        case.assigned_to.name if case.assigned_to else "",
        facts["next"].text,
    )
