"""A journey in plain words, for merchants' pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thereafter.journeys.registry import steps
from thereafter.journeys.rules.conditions_in_words import in_words
from thereafter.kit.pages import humanise
from thereafter.messaging import library
from thereafter.messaging.library import Template

Document = Mapping[str, Any]
_TONES = {
    "Wait": "neutral",
    "Choose": "brand",
    "Message": "info",
    "Reward": "good",
    "Customer": "warn",
    "Do": "neutral",
}
# Event, how a journey that begins with it is told, and how it is told in the middle of a sentence.
_EVENTS = {
    "order.placed": ("When an order is placed", "an order is placed"),
    "order.fulfilled": ("When an order is handed over", "an order is handed over"),
    "order.cancelled": ("When an order is cancelled", "the order is cancelled"),
    "order.refunded": ("When money is given back", "money is given back"),
    "parcel.shipped": ("When a parcel leaves", "a parcel leaves"),
    "parcel.out_for_delivery": ("When a parcel is on the van", "a parcel is on the van"),
    "parcel.delivered": ("When a parcel is delivered", "a parcel is delivered"),
    "parcel.available_for_pickup": ("When a parcel waits to be picked up", "a parcel waits to be picked up"),
    "parcel.attempted": ("When a delivery was attempted", "a delivery was attempted"),
    "parcel.flagged": ("When something is wrong with a parcel", "something is wrong with a parcel"),
    "parcel.flag_cleared": ("When a parcel is all right again", "a parcel is all right again"),
    "parcel.late": ("When the promised day has passed", "the promised day has passed"),
    "parcel.exception": ("When a parcel runs into trouble", "a parcel runs into trouble"),
    "parcel.returned": ("When a parcel comes back", "a parcel comes back"),
    "parcel.problem_reported": ("When a shopper reports a problem", "a problem is reported"),
    "return.requested": ("When a return is asked for", "a return is asked for"),
    "return.approved": ("When a return is accepted", "a return is accepted"),
    "return.parcel_created": ("When a return can be sent", "a return can be sent"),
    "return.declined": ("When a return is declined", "a return is declined"),
    "return.due": ("When the last day to send a return is near", "the last day to send a return is near"),
    "return.handed_in": ("When a return is handed in", "a return is handed in"),
    "return.received": ("When a return arrives", "a return arrives"),
    "return.inspected": ("When a return was looked at", "a return was looked at"),
    "return.answered": ("When the shop writes about a return", "the shop writes about a return"),
    "return.cancelled": ("When a return is cancelled", "a return is cancelled"),
    "return.expired": ("When a return was not sent in time", "a return was not sent in time"),
    "return.reopened": ("When a return goes on", "a return goes on again"),
    "return.resolved": ("When a return is settled", "a return is settled"),
    "exchange.shipped": ("When new goods of a return leave", "new goods of a return leave"),
    "exchange.cancelled": ("When what was wanted instead cannot be had", "what was wanted instead cannot be had"),
    "refund.settled": ("When a refund has gone out", "a refund has gone out"),
    "credit.issued": ("When store credit is given", "store credit is given"),
    "survey.answered": ("When a question is answered", "a question is answered"),
    "ticket.closed": ("When a support ticket is closed", "a support ticket is closed"),
    "points.awarded": ("When points are given", "points are given"),
    "points.activated": ("When points can be used", "points can be used"),
    "points.spent": ("When points are spent", "points are spent"),
    "points.expire_soon": ("When points run out soon", "points run out soon"),
    "points.expired": ("When points have run out", "points have run out"),
    "loyalty.joined": ("When somebody joins the points programme", "somebody joins the points programme"),
    "loyalty.left": ("When somebody leaves the points programme", "somebody leaves the points programme"),
    "loyalty.milestone_reached": (
        "When a birthday, an anniversary or a number of orders is reached",
        "a milestone is reached",
    ),
    "tier.reached": ("When a tier is reached", "a tier is reached"),
    "tier.ends_soon": ("When a tier will be lost soon", "a tier will be lost soon"),
    "tier.lost": ("When a tier is lost", "a tier is lost"),
    "reward.taken": ("When a reward is taken", "a reward is taken"),
    "reward.handed_over": ("When a reward is handed over", "a reward is handed over"),
    "referral.claimed": ("When somebody comes by an invitation", "somebody comes by an invitation"),
    "referral.qualified": ("When an invited friend buys", "an invited friend buys"),
    "referral.rewarded": ("When the reward for an invitation can be used", "an invitation is rewarded"),
    "customer.joined": ("When we meet a customer for the first time", "we meet the customer"),
    "customer.consent_changed": ("When somebody subscribes or unsubscribes", "consent changes"),
    "message.opened": ("When a message is opened", "a message is opened"),
    "message.clicked": ("When a link in a message is clicked", "a link is clicked"),
    "message.replied": ("When somebody replies to a message", "somebody replies"),
    "message.bounced": ("When a message bounces", "a message bounces"),
    "coupon.issued": ("When a code is given out", "a code is given out"),
    "coupon.redeemed": ("When a code is used", "a code is used"),
    "coupon.expires_soon": ("When a code will expire soon", "a code will expire soon"),
    "segment.entered": ("When somebody enters a segment", "somebody enters a segment"),
    "segment.left": ("When somebody leaves a segment", "somebody leaves a segment"),
    "journey.goal_reached": ("When the goal of a journey is reached", "a goal is reached"),
}
OUTCOMES = {
    "finished": "Finished",
    "exit": "Left the journey at a step that ends it",
    "stop_if": "Stopped: the condition to leave holds",
    "goal": "Reached the goal",
    "journey changed": "Ended when a new version was published",
    "stopped by hand": "Taken out by somebody of the shop",
    "too late after a pause": "Too late when the journey went on after a pause",
    "order.cancelled": "Stopped: the order was cancelled",
    "order.refunded": "Stopped: money was given back",
}
STATES = {"waiting": "Under way", "done": "Finished", "stopped": "Left early", "held": "Held out"}
STATE_TONES = {"waiting": "info", "done": "good", "stopped": "neutral", "held": "neutral"}
CHANNELS = {"email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp", "push": "push", "print": "printed insert"}
_DAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}
UNITS = {"days": "day", "working_days": "working day", "hours": "hour", "minutes": "minute"}


# A step that names no survey asks the one that everybody has.
_FIRST_SURVEY = "satisfaction"


@dataclass(frozen=True)
class Names:
    """What things of the store are called: templates, segments and surveys by key."""

    templates: Mapping[str, Template] = field(default_factory=lambda: library.templates)
    segments: Mapping[str, str] = field(default_factory=dict)
    surveys: Mapping[str, str] = field(default_factory=dict)

    def template(self, key: Any) -> str:
        return self.templates[key].label if key in self.templates else humanise(str(key or "")) or "…"

    def segment(self, key: Any) -> str:
        return self.segments.get(str(key), humanise(str(key or ""))) or "…"

    def survey(self, key: Any) -> str:
        return self.surveys.get(str(key or _FIRST_SURVEY), humanise(str(key or _FIRST_SURVEY)))


def icon(kind: str) -> str:
    return steps[kind].icon if kind in steps else "warning"


def tone(kind: str) -> str:
    return _TONES.get(steps[kind].group, "neutral") if kind in steps else "bad"


def outcome_in_words(outcome: str) -> str:
    return OUTCOMES.get(outcome) or (f"Stopped: {event_in_words(outcome)}" if outcome in _EVENTS else outcome)


def event_in_words(event: Any) -> str:
    """In the middle of a sentence: "a parcel is delivered"."""
    return _EVENTS[event][1] if event in _EVENTS else f"“{humanise(str(event or '…'))}” happens"


def event_label(event: str) -> str:
    """In a list to choose from: "A parcel is delivered"."""
    words = event_in_words(event)
    return words[:1].upper() + words[1:]


def trigger_in_words(document: Document, names: Names | None = None) -> str:
    trigger, names = document.get("trigger") or {}, names or Names()
    if "segment" in trigger:
        return f"When somebody enters the segment “{names.segment(trigger['segment'])}”"
    if "date" in trigger:
        return _date_trigger(trigger)
    if trigger.get("reorder"):
        return "When it is time to buy again"
    if trigger.get("api"):
        return "When your own system says so"
    event = trigger.get("event")
    if event == "customer.tracked":
        return f"When “{humanise(str(trigger.get('topic') or 'something'))}” is reported to us"
    return (
        _EVENTS[event][0] if event in _EVENTS else f"When {event_in_words(event)}" if event else "Nothing starts it yet"
    )


def _date_trigger(trigger: Mapping[str, Any]) -> str:
    days, what = trigger.get("days") or 0, thing_in_words(str(trigger["date"]))
    when = "On" if not days else f"{_many(abs(days), 'day')} {'before' if days < 0 else 'after'}"
    return f"{when} the {what}{', every year' if trigger.get('yearly') else ''}"


def thing_in_words(name: str) -> str:
    """ "trait.warranty.until" as "warranty until", "order.promised_on" as "order promised on"."""
    return humanise(name.removeprefix("trait.").removeprefix("customer.")).lower()


def entry_in_words(document: Document) -> str:
    """Who may enter, and how often."""
    trigger, entry = document.get("trigger") or {}, document.get("entry") or {}
    per = trigger.get("once_per") or ("customer" if {"segment", "date", "reorder", "api"} & set(trigger) else "order")
    conditions = [in_words(one) for one in (trigger.get("if"), entry.get("if")) if one]
    only = f", only if {' and '.join(conditions)}" if conditions else ""
    return f"Once per {per}{_again(entry.get('again'))}{only}"


def _again(again: Any) -> str:
    if again == "always":
        return ", again and again"
    if isinstance(again, Mapping):
        return f", again after {_many(again.get('after_days'), 'day')}"
    return ""


def step_in_words(step: Mapping[str, Any], names: Names | None = None) -> str:
    """What a step does, as its title."""
    kind, names = str(step.get("kind")), names or Names()
    if kind not in steps:
        return f"A step of the kind “{kind}”, which is not installed"
    return _TITLES[kind](step, names) if kind in _TITLES else _other(step)


def _other(step: Mapping[str, Any]) -> str:
    """A step of another room: its label, and the first thing one sets."""
    made = steps[step["kind"]]
    said = next(
        (step[one.name] for one in made.settings if one.required and isinstance(step.get(one.name), str | int)), ""
    )
    return f"{made.label}: {humanise(str(said))}" if said != "" else made.label


def _wait(step: Mapping[str, Any], names: Names) -> str:
    spans = [_many(step[unit], word) for unit, word in UNITS.items() if step.get(unit)]
    if step.get("until"):
        day = thing_in_words(str(step["until"]))
        before = any(isinstance(step.get(unit), int) and step[unit] < 0 for unit in UNITS)
        return f"Wait until {' '.join(spans)} {'before' if before else 'after'} {day}" if spans else f"Wait until {day}"
    tails = list(_rest_of_wait(step))
    return f"Wait {', '.join([' '.join(spans), *tails] if spans else tails) or '…'}"


def _rest_of_wait(step: Mapping[str, Any]) -> Iterator[str]:
    if step.get("weekdays"):
        yield f"until {_or([_DAYS.get(day, day) for day in step['weekdays']])}"
    if step.get("at"):
        yield f"until {step['at']}"
    if step.get("between"):
        yield f"between {' and '.join(map(str, step['between']))}"


def _branch(step: Mapping[str, Any], names: Names) -> str:
    ways = step.get("ways") or ()
    return f"Choose one of {len(ways) + 1} ways" if ways else f"If {in_words(step.get('if')) or '…'}"


_TITLES: dict[str, Callable[[Mapping[str, Any], Names], str]] = {
    "wait": _wait,
    "branch": _branch,
    "wait_for": lambda step, names: f"Wait for {_awaited(step.get('event'))}",
    "split": lambda step, names: f"Split at random: {_shares(step.get('ways') or ())}",
    "send": lambda step, names: f"Send “{names.template(step.get('template'))}”",
    "ask": lambda step, names: f"Ask: {names.survey(step.get('survey'))}",
    "award": lambda step, names: f"Give {step.get('points') or '…'} points",
    "earn": lambda step, names: f"Points for “{humanise(str(step.get('action') or '…'))}”",
    "stop": lambda step, names: "End the journey here",
}


def _awaited(event: Any) -> str:
    return f"the moment that {event_in_words(event)}"


def _shares(ways: Sequence[Mapping[str, Any]]) -> str:
    weights = [way.get("weight") or 0 for way in ways]
    total = sum(weights) or 1
    return " / ".join(f"{round(100 * weight / total)}\N{NO-BREAK SPACE}%" for weight in weights)


def step_note(step: Mapping[str, Any], names: Names | None = None) -> str:
    """The small print of a step."""
    kind, names = step.get("kind"), names or Names()
    if kind == "send" and step.get("template") in names.templates:
        template = names.templates[step["template"]]
        channels = step.get("channels") or template.channels
        return f"{humanise(template.message_class)}, by {', else '.join(CHANNELS.get(one, one) for one in channels)}"
    if kind == "wait_for":
        spans = [_many(step[unit], word) for unit, word in UNITS.items() if step.get(unit)]
        only = f", if {in_words(step['if'])}" if step.get("if") else ""
        return f"For {' '.join(spans) or '…'} at most{only}"
    if kind == "wait" and step.get("zone") == "customer":
        return "On the customer's clock"
    return str(step.get("reason") or step.get("note") or "")


def way_in_words(step: Mapping[str, Any], way: str) -> str:
    """The name of a fork's lane."""
    if way.startswith("ways."):
        listed = (step.get("ways") or [])[int(way.removeprefix("ways."))]
        if step.get("kind") == "split":
            return f"{humanise(str(listed.get('name') or way))} · {listed.get('weight', 0)}"
        return str(listed.get("name") or in_words(listed.get("if")) or "…")
    if step.get("kind") == "wait_for":
        return "It happened" if way == "then" else "Time is up"
    return {"then": "Yes", "else": "Everybody else" if step.get("ways") else "No"}.get(way, humanise(way))


def _many(count: Any, word: str) -> str:
    count = abs(count) if isinstance(count, int | float) else count
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _or(parts: Sequence[str]) -> str:
    return " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
