"""What can be set about a journey as a whole: what starts it, who may enter, and how it goes about its people."""

from collections.abc import Mapping
from typing import Any

from thereafter.journeys.registry import Setting

_ONCE_PER = (
    ("order", "order"),
    ("parcel", "parcel"),
    ("customer", "customer"),
    ("refund", "refund"),
    ("report", "report"),
    ("case", "return"),
    ("return_parcel", "parcel of a return"),
    ("grant", "refund of a return"),
    ("credit", "store credit"),
)
_AGAIN = (
    ("", "Never again"),
    ("always", "Again, as soon as they are through"),
    ("after_days", "Again, after some days"),
)
_LATE = (
    ("skip", "Leave out those that are too late, and say so"),
    ("shift", "Move everybody on by the length of the pause"),
    ("fire", "Catch up: do everything that was due"),
)
# The five kinds of trigger: value, title, explanation and what each asks.
TRIGGERS: tuple[tuple[str, str, str, tuple[Setting, ...]], ...] = (
    (
        "event",
        "Something happens",
        "An order is placed, a parcel arrives, a question is answered …",
        (
            Setting("trigger.event", "What happens", "event", required=True),
            Setting("trigger.topic", "Topic", hint="Only for what your own system reports: which topic"),
            Setting("trigger.if", "Only if", "condition", hint="As text: “fact” is what happened"),
            Setting("trigger.once_per", "Enter once per", "choice", choices=_ONCE_PER),
        ),
    ),
    (
        "segment",
        "Somebody enters a segment",
        "A customer starts to meet its condition.",
        (Setting("trigger.segment", "Segment", "segment", required=True),),
    ),
    (
        "date",
        "A date of the customer",
        "A birthday, an anniversary, the end of a warranty.",
        (
            Setting("trigger.date", "Trait that holds the date", required=True, hint="Such as trait.birthday"),
            Setting("trigger.days", "Days", "number", hint="3 is three days after, -3 three days before, 0 on the day"),
            Setting("trigger.yearly", "Every year", "flag"),
            Setting("trigger.at", "At", "hour"),
        ),
    ),
    ("reorder", "Time to buy again", "When a product that the customer bought should be running out.", ()),
    ("api", "Your own system", "Your engineers let customers in by the API.", ()),
)
ENTRY = (
    Setting("entry.if", "Let in only those of whom this is so", "condition"),
    Setting("entry.again", "May they come again?", "choice", choices=_AGAIN),
    Setting("entry.after_days", "Days until they may come again", "number"),
    Setting("trigger.fresh_days", "Ignore what is older than … days", "number", hint="Left empty: 3 days"),
    Setting(
        "trigger.settle_minutes",
        "Wait … minutes before looking",
        "number",
        hint="So that what belongs to it has come in too. Left empty: not at all",
    ),
)
SETTINGS = (
    Setting("name", "Name", required=True),
    Setting("about", "What it is for", "long_text", hint="For your colleagues"),
)
GOAL = (
    Setting("goal.event", "What should happen", "event"),
    Setting("goal.if", "Only if", "condition"),
    Setting("goal.within_days", "Within … days", "number", hint="Left empty: 30 days"),
    Setting("goal.stops", "Leave the journey when it is reached", "flag"),
)
LEAVING = (
    Setting("stops_on", "Leave when this happens to the order", "events"),
    Setting("stop_if", "Leave as soon as this is so", "condition", hint="Looked at before each step"),
)
PROOF = (
    Setting(
        "holdout",
        "Held out, in percent",
        "percent",
        hint="They meet the trigger but get nothing, so that you see what the journey earns",
    ),
)
LATE = (
    Setting("late.do", "After a pause, with those whose time had come", "choice", choices=_LATE),
    Setting("late.after_hours", "Too late is after … hours", "number", hint="Left empty: 24 hours"),
)
WHOLE = (*SETTINGS, *GOAL, *LEAVING, *PROOF, *LATE)


def trigger_kind(document: Mapping[str, Any]) -> str:
    """Which of the five kinds starts the journey."""
    trigger = document.get("trigger") or {}
    return next((kind for kind, *_ in TRIGGERS if kind in trigger), "event")


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as the forms ask for it: `again` in two fields instead of one."""
    entry = dict(document.get("entry") or {})
    if isinstance(entry.get("again"), Mapping):
        entry |= {"again": "after_days", "after_days": entry["again"].get("after_days", "")}
    elif entry.get("again") == "never":
        entry["again"] = ""
    return {**document, "entry": entry}


def entry_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the forms say, as the document says it."""
    kept = {name: value for name, value in asked.items() if name == "if"}
    if asked.get("again") == "after_days":
        return {**kept, "again": {"after_days": asked.get("after_days", 30)}}
    return {**kept, "again": asked["again"]} if asked.get("again") else kept
