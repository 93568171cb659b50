"""What a rehearsal found, as the page shows it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from thereafter.commerce.models import Customer
from thereafter.journeys import words
from thereafter.journeys.rehearsing.following import Known, Scene, Way
from thereafter.journeys.rehearsing.judging import Letter
from thereafter.journeys.rehearsing.playing import HELD, Play
from thereafter.journeys.rehearsing.telling import UNDER_WAY, Rehearsal
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions_in_words import in_words
from thereafter.journeys.words import Names
from thereafter.kit.pages import humanise, moment, number, short_day
from thereafter.messaging.words import origins_in_words, why

SAMPLES, MOST_TEMPLATES, MOST_BARS = 10, 4, 62
_ENDS = {"@done": "The journey ends", "@stopped": "They leave the journey", "@held": "They are held out"}


def told(found: Rehearsal, document: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Everything the page says of a rehearsal."""
    hours = found.by_hour
    peak = max(hours.items(), key=lambda pair: pair[1], default=None)
    sent = sum(found.sent.values())
    return {
        "tiles": [
            (
                "People let in",
                number(len(found.entered)),
                f"{number(found.held_out)} more held out" if found.held_out else "",
            ),
            (
                "Messages sent",
                number(sent),
                f"{number(len(found.letters) - sent)} not sent" if sent < len(found.letters) else "",
            ),
            ("Busiest hour", number(peak[1]) if peak else "–", moment(peak[0]) if peak else ""),
            ("Near other messages", number(found.collisions["people"]), "people, within a day"),
        ],
        "drawn": _drawn(found),
        "steps": [(words.step_in_words(step, names), number(found.steps[step["id"]])) for step in document["steps"]],
        "messages": _messages(found, names),
        "reasons": [
            (why(reason).short, why(reason).text, number(count)) for reason, count in found.skipped.most_common()
        ],
        "held": [(why(reason).short, why(reason).text, number(count)) for reason, count in found.held.most_common()],
        "with": _with(found),
        "ended": _bars((_outcome(outcome), count) for outcome, count in found.ended.most_common()),
        "people": _people(found, names),
        "samples": _samples(found, names),
        "goals": number(found.goals),
    }


def _drawn(found: Rehearsal) -> list[dict[str, Any]]:
    """A bar for each day with messages; whole weeks when there are many."""
    by_day = found.by_day
    days = sorted(by_day)
    if len(days) <= MOST_BARS:
        return [{"label": short_day(day), "value": by_day[day]} for day in days]
    weeks = groupby(days, key=lambda day: day.isocalendar()[:2])
    return [
        {"label": f"Week of {short_day(group[0])}", "value": sum(by_day[day] for day in group)}
        for group in (list(group) for _, group in weeks)
    ]


def _messages(found: Rehearsal, names: Names) -> list[dict[str, str]]:
    return [
        {
            "label": names.template(template),
            "wanted": number(count),
            "sent": number(found.sent[template]),
            "why": ", ".join(
                f"{why(reason).short.lower()} {number(times)}" for reason, times in _reasons(found, template)
            ),
        }
        for template, count in found.messages.most_common()
    ]


def _reasons(found: Rehearsal, template: str) -> list[tuple[str, int]]:
    counted: dict[str, int] = {}
    for letter in found.letters:
        if letter.template == template and not letter.sent_at:
            counted[letter.why] = counted.get(letter.why, 0) + 1
    return sorted(counted.items(), key=lambda pair: -pair[1])


def _with(found: Rehearsal) -> list[dict[str, Any]]:
    counted: Mapping[str, int] = found.collisions["with"]
    named = origins_in_words(found.journey.store, counted)
    return _bars((named.get(origin, (humanise(origin), ""))[0], count) for origin, count in counted.items())


def _bars(counted: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"label": label, "value": count, "text": number(count)} for label, count in counted]


def _outcome(outcome: str) -> str:
    return "Still on the way" if outcome == UNDER_WAY else words.outcome_in_words(outcome)


def _people(found: Rehearsal, names: Names) -> list[dict[str, Any]]:
    """Some of those who enter, evenly spread, with what they get."""
    step = max(1, len(found.plays) // SAMPLES)
    chosen = list(found.plays[::step])[:SAMPLES]
    people = Customer.objects.in_bulk({play.customer_id for play in chosen})
    letters: dict[int, list[Letter]] = {}
    for letter in found.letters:
        letters.setdefault(letter.play.row.id, []).append(letter)
    return [
        {
            "customer": people[play.customer_id],
            "event": play.event.pk,
            "at": play.started_at,
            "gets": [_gets(letter, names) for letter in letters.get(play.row.id, ())],
            "end": "Held out" if play.state == HELD else _outcome(play.outcome or UNDER_WAY),
        }
        for play in chosen
        if play.customer_id in people
    ]


def _gets(letter: Letter, names: Names) -> str:
    label = names.template(letter.template)
    return f"{label}, {moment(letter.sent_at)}" if letter.sent_at else f"{label}: {why(letter.why).short.lower()}"


def _samples(found: Rehearsal, names: Names) -> list[dict[str, Any]]:
    """A message of each template, as one who would have got it would have seen it."""
    first: dict[str, Letter] = {}
    for letter in found.letters:
        if letter.sent_at and letter.channel == "email":
            first.setdefault(letter.template, letter)
    return [
        {"template": letter.template, "label": names.template(letter.template), "reader": reader(letter.play)}
        for letter in list(first.values())[:MOST_TEMPLATES]
    ]


def reader(play: Play) -> str:
    """For whom a message is shown: the order, else the customer."""
    return f"order:{play.row.order_id}" if play.row.order_id else f"customer:{play.customer_id}"


def scene(one: Scene, way: Way, document: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """One step of the way in words."""
    settings = next((step for step in document["steps"] if step["id"] == one.step), None)
    if settings is None:
        return {
            "title": words.trigger_in_words(document, names),
            "icon": "bell",
            "what": "It happened." if not way.is_made_up else "As if it happened now.",
            "came_at": one.came_at,
            "goes": _goes(one.to, document, names),
        }
    return {
        "title": words.step_in_words(settings, names),
        "icon": words.icon(settings["kind"]),
        "came_at": one.came_at,
        "left_at": one.left_at if one.left_at and one.left_at != one.came_at else None,
        "condition": _condition(settings),
        "what": one.why,
        "known": [(_label(known), _value(known.value)) for known in one.known],
        "letter": _letter(one, names) if one.letter else None,
        "goes": _goes(one.to, document, names) if one.to != "@stopped" else f"They leave: {_outcome(way.play.outcome)}",
    }


def _condition(settings: Mapping[str, Any]) -> str:
    asked = in_words(settings.get("if"))
    if not asked:
        return ""
    return f"It counts only if {asked}." if settings["kind"] == "wait_for" else f"Asks whether {asked}."


def _goes(to: str, document: Mapping[str, Any], names: Names) -> str:
    step = next((step for step in document["steps"] if step["id"] == to), None)
    return f"On to “{words.step_in_words(step, names)}”" if step else _ENDS.get(to, "")


def _letter(one: Scene, names: Names) -> dict[str, Any]:
    letter = one.letter
    if letter is None:
        return {}
    reason = why(letter.why) if letter.why else None
    return {
        "template": letter.template,
        "label": names.template(letter.template),
        "reader": reader(letter.play),
        "sent_at": letter.sent_at,
        "by": words.CHANNELS.get(letter.channel, letter.channel),
        "why": reason.text if reason else "",
        "advice": reason.advice if reason else "",
        "held": [why(held).text for held in dict.fromkeys(letter.held)],
        "is_mail": letter.channel in ("email", "") and letter.why != "unknown_template",
    }


def _label(known: Known) -> str:
    fields = vocabulary.journey().fields
    root, _, key = known.name.partition(":")
    if key:
        return f"{humanise(root)}: {words.event_in_words(key.partition(' ')[0])}"
    return fields[known.name].label if known.name in fields else humanise(known.name.partition(".")[2] or known.name)


def _value(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, int | float):
        return number(value, 2)
    return ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)


def walked(scenes: Sequence[dict[str, Any]], at: int, query: str) -> list[dict[str, Any]]:
    """The whole way as a timeline to choose from; where one stands is in the brand's colour."""
    return [
        {
            "title": one["title"],
            "icon": one["icon"],
            "at": one["came_at"],
            "tone": "brand" if place == at else "neutral",
            "url": f"?{query}&step={place}" if place != at else "",
        }
        for place, one in enumerate(scenes)
    ]
