"""What the document of a policy must be; each problem is a sentence with its place. Plain Python."""

from collections.abc import Iterator, Mapping
from typing import Any

from thereafter.journeys.rules.conditions import problem_with
from thereafter.journeys.rules.problems import Problem
from thereafter.kit.money import UnknownCurrency, exponent
from thereafter.returns.rules.policy import policy_actions
from thereafter.returns.rules.policy.checks import day, flag, one_of, some_of, text
from thereafter.returns.rules.policy.outcomes import METHODS, OUTCOMES, RELEASES, SHIPPING
from thereafter.returns.rules.policy.returnless import check as check_returnless
from thereafter.returns.rules.policy.vocabulary import SCHEMA
from thereafter.returns.rules.reasons import GROUPS

Document = Mapping[str, Any]
_PARTS = (
    "format", "name", "about", "currency", "window", "claims", "holidays", "outcomes", "methods", "release",
    "refund_shipping", "reasons", "returnless", "rules",
)  # fmt: skip
_RULE_PARTS = ("name", "about", "if", "priority", "then", "off")
_HOLIDAY = {"from", "to", "until"}
MOST_RULES = 200
MOST_ACTIONS = 20
_MOST_PRIORITY = 10_000
_SIMPLE = {
    "outcomes": some_of(OUTCOMES),
    "methods": some_of(METHODS),
    "refund_shipping": one_of(SHIPPING),
    "reasons": one_of(("", *GROUPS)),
}


def check(document: Any) -> list[Problem]:
    """Everything that is wrong with a document; nothing when it can be published."""
    if not isinstance(document, Mapping):
        return [Problem("", "A policy is an object with a name, a window and rules.")]
    wrong = _currency(document.get("currency", "EUR"))
    currency = "EUR" if wrong else document.get("currency", "EUR")
    return [
        *([Problem("", wrong, "currency")] if wrong else []),
        *_parts(document),
        *_windows(document),
        *_holidays(document.get("holidays", [])),
        *_release(document.get("release", {})),
        *(check_returnless(document["returnless"], currency) if document.get("returnless") is not None else ()),
        *_rules(document.get("rules", []), currency),
    ]


def _currency(code: Any) -> str:
    try:
        exponent(code)
    except (UnknownCurrency, TypeError):
        return "The currency is three letters, such as EUR."
    return ""


def _parts(document: Document) -> Iterator[Problem]:
    for part in document:
        if part not in _PARTS:
            yield Problem("", f"There is no part `{part}` in a policy; there are {', '.join(_PARTS)}.")
    if document.get("format", 1) != 1:
        yield Problem("", "This policy is written in a format that this version does not know.", "format")
    if text(document.get("name")):
        yield Problem("", "Give the policy a name.", "name")
    for part, test in _SIMPLE.items():
        if part in document and (wrong := test(document[part])):
            yield Problem(part, wrong)


def _windows(document: Document) -> Iterator[Problem]:
    if "window" not in document:
        yield Problem("window", 'Say how long goods may come back: {"days": 30, "from": "delivery"}.')
    for part in ("window", "claims"):
        said = document.get(part, {"days": 0})
        if not isinstance(said, Mapping):
            yield Problem(part, 'A window is an object: {"days": 30, "from": "delivery"}.')
            continue
        for setting, sentence in policy_actions.check({**said, "do": "window"}, "EUR"):
            yield Problem(part, sentence.replace("`window` ", "A window "), setting)


def _holidays(holidays: Any) -> Iterator[Problem]:
    if not isinstance(holidays, list):
        yield Problem("holidays", "Holidays are a list.")
        return
    for place, said in enumerate(holidays):
        where = f"holidays.{place}"
        if not isinstance(said, Mapping) or not _HOLIDAY <= set(said) <= {"name", *_HOLIDAY}:
            yield Problem(where, 'Say {"name": …, "from": "2026-11-01", "to": "2026-12-24", "until": "2027-01-31"}.')
            continue
        wrong = {name: day(said[name]) for name in sorted(_HOLIDAY)}
        yield from (Problem(where, sentence, name) for name, sentence in wrong.items() if sentence)
        if not any(wrong.values()) and not said["from"] <= said["to"] <= said["until"]:
            yield Problem(where, "The days must follow each other: from, to, until.", "until")


def _release(release: Any) -> Iterator[Problem]:
    if not isinstance(release, Mapping):
        yield Problem("release", 'Say when each is released: {"refund": "received"}.')
        return
    for outcome, event in release.items():
        wrong = one_of(OUTCOMES)(outcome) or one_of(RELEASES)(event)
        if wrong:
            yield Problem("release", wrong, str(outcome))


def _rules(rules: Any, currency: str) -> Iterator[Problem]:
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        yield Problem("rules", f"Rules are a list of at most {MOST_RULES}.")
        return
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        where = f"rules.{place}"
        if not isinstance(rule, Mapping):
            yield Problem(where, 'A rule is an object: {"name": …, "if": …, "then": […]}.')
            continue
        yield from _rule(where, rule)
        yield from _actions(where, rule.get("then"), currency)
        if str(rule.get("name")) in seen:
            yield Problem(where, "Two rules have this name; the trace of a decision could not tell them apart.", "name")
        seen.add(str(rule.get("name")))


def _rule(where: str, rule: Mapping[str, Any]) -> Iterator[Problem]:
    for part in rule:
        if part not in _RULE_PARTS:
            yield Problem(where, f"There is no part `{part}` in a rule; there are {', '.join(_RULE_PARTS)}.")
    if text(rule.get("name")):
        yield Problem(where, "Give the rule a name; it stands in the trace of every decision.", "name")
    priority = rule.get("priority", 0)
    if not isinstance(priority, int) or isinstance(priority, bool) or abs(priority) > _MOST_PRIORITY:
        yield Problem(where, f"The priority is a whole number, up to {_MOST_PRIORITY:,}.", "priority")
    if wrong := flag(rule.get("off", False)):
        yield Problem(where, wrong, "off")
    if rule.get("if") and (wrong := problem_with(rule["if"], SCHEMA)):
        yield Problem(where, wrong, "if")


def _actions(where: str, actions: Any, currency: str) -> Iterator[Problem]:
    if not isinstance(actions, list) or not 0 < len(actions) <= MOST_ACTIONS:
        yield Problem(where, f"Say what the rule does, in one to {MOST_ACTIONS} actions.", "then")
        return
    for place, action in enumerate(actions):
        for setting, sentence in policy_actions.check(action, currency):
            yield Problem(where, sentence, f"then.{place}.{setting}")
