"""A journey in plain words, for merchants' pages."""

from collections.abc import Mapping
from typing import Any

from thereafter.journeys.registry import steps
from thereafter.messaging import library

_ICONS = {"wait": "clock", "send": "mail", "branch": "flow", "ask": "heart", "award": "gift"}
_TONES = {"wait": "neutral", "send": "info", "branch": "brand", "ask": "bad", "award": "brand"}
_EVENTS = {
    "order.placed": "When an order is placed",
    "order.fulfilled": "When an order is handed over",
    "order.cancelled": "When an order is cancelled",
    "order.refunded": "When money is given back",
    "parcel.shipped": "When a parcel leaves",
    "parcel.out_for_delivery": "When a parcel is on the van",
    "parcel.delivered": "When a parcel is delivered",
    "parcel.available_for_pickup": "When a parcel waits to be picked up",
    "parcel.attempted": "When a delivery was attempted",
    "parcel.flagged": "When something is wrong with a parcel",
    "parcel.late": "When the promised day has passed",
    "parcel.exception": "When a parcel runs into trouble",
    "parcel.returned": "When a parcel comes back",
    "parcel.problem_reported": "When a shopper reports a problem",
    "survey.answered": "When a question is answered",
}
_TESTS = {
    "is": "is",
    "is_not": "is not",
    "at_least": "is at least",
    "at_most": "is at most",
    "in": "is one of",
    "exists": "is known:",
}
OUTCOMES = {
    "finished": "Finished",
    "order.cancelled": "Stopped: the order was cancelled",
    "order.refunded": "Stopped: money was given back",
}


def icon(kind: str) -> str:
    return _ICONS.get(kind, "settings")


def tone(kind: str) -> str:
    return _TONES.get(kind, "neutral")


def trigger_in_words(document: Mapping[str, Any]) -> str:
    event = document["trigger"]["event"]
    return _EVENTS.get(event, f"When {event} happens")


def entry_in_words(document: Mapping[str, Any]) -> str:
    """Who may enter, and what ends the way early."""
    per = document["trigger"].get("once_per", "order")
    condition = document["trigger"].get("if")
    only = f", only if {condition_in_words(condition)}" if condition else ""
    return f"Once per {per}{only}"


def step_in_words(step: Mapping[str, Any]) -> str:
    kind = step["kind"]
    if kind == "wait":
        return f"Wait {_span(step)}"
    if kind == "send":
        return f"Send “{_template(step['template'])}”"
    if kind == "branch":
        return f"If {condition_in_words(step['if'])}"
    if kind == "ask":
        return f"Ask: {str(step.get('survey', 'satisfaction')).replace('_', ' ')}"
    if kind == "award":
        return f"Give {step['points']} points"
    return steps[kind].label if kind in steps else f"A step of the kind “{kind}”, which is not installed"


def step_note(step: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The small print of a step: where its ways lead, or what kind of message it sends."""
    if step["kind"] == "branch":
        return f"Yes: {_way(step['then'], titles)} · No: {_way(step.get('else', ''), titles)}"
    if step["kind"] == "send" and step["template"] in library.templates:
        return library.templates[step["template"]].message_class.capitalize() + ", by e-mail"
    return "Then the journey ends" if step.get("next") == "end" else ""


def condition_in_words(condition: Mapping[str, Any]) -> str:
    for group, word in (("all", " and "), ("any", " or ")):
        if group in condition:
            return word.join(condition_in_words(part) for part in condition[group])
    what = next(str(condition[name]) for name in ("fact", "trait", "order", "customer") if name in condition)
    test = next(name for name in _TESTS if name in condition)
    if test == "is" and isinstance(condition[test], bool):
        return f"it is {'' if condition[test] else 'not '}{what.replace('_', ' ')}"
    return f"{what.replace('_', ' ')} {_TESTS[test]} {condition[test]}"


def _way(target: str, titles: Mapping[str, str]) -> str:
    return "end" if target == "end" else titles.get(target, "next step")


def _template(key: str) -> str:
    return library.templates[key].label if key in library.templates else key


def _span(step: Mapping[str, Any]) -> str:
    parts = [
        f"{step[unit]} {unit if step[unit] != 1 else unit[:-1]}"
        for unit in ("days", "hours", "minutes")
        if step.get(unit)
    ]
    until = f"until {step['at']}" if "at" in step else ""
    return ", ".join([*parts, until] if until else parts)
