"""What the panel beside the picture shows: a step's settings, the menu of steps, who enters, the whole journey."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from thereafter.journeys import words
from thereafter.journeys.console import acts, fields, parts
from thereafter.journeys.console.desk import Desk
from thereafter.journeys.console.picture import forks
from thereafter.journeys.models import DraftEdit
from thereafter.journeys.registry import GROUPS, Step, steps
from thereafter.journeys.rules import editing
from thereafter.journeys.rules.editing import CannotEdit
from thereafter.journeys.rules.graph import END, NEXT
from thereafter.journeys.rules.problems import Problem

Panel = dict[str, Any]
# What each kind of step is good for, in the menu.
_ABOUT = {
    "wait": "Some days, until an hour, a weekday or a date",
    "wait_for": "Go on when it happens, or when time is up",
    "branch": "By what you know of customer and order",
    "split": "Try two ways at random and keep the better one",
    "stop": "Nothing more comes on this way",
    "send": "E-mail, SMS, WhatsApp or push",
}
HISTORY = 25
_RARE = {"until", "weekdays", "between", "topic", "priority"}


def panel_of(desk: Desk, asked: QueryDict) -> Panel:
    """The panel that an address or a form asks for; what is gone shows the overview."""
    try:
        if asked.get("remove"):
            return _removing(desk, asked.get("remove", ""))
        if asked.get("step"):
            return _step(desk, asked.get("step", ""))
    except CannotEdit as gone:
        return {**_overview(desk), "gone": str(gone)}
    if "at" in asked:
        return _menu(desk, asked.get("at", ""), asked.get("way", NEXT))
    return _OPENS.get(asked.get("open", ""), _overview)(desk)


def _step(desk: Desk, step: str) -> Panel:
    row = acts.row_of(desk.document, step)
    made = steps.get(row["kind"])
    problems = desk.wrong_at(step)
    form = fields.Form(row, desk.choices, acts.event_of(desk.document, step), problems, desk.posted)
    inputs = form.inputs(made.settings) if made else []
    return {
        "kind": "step",
        "step": step,
        "row": row,
        "title": words.step_in_words(row, desk.choices.names),
        "label": made.label if made else row["kind"],
        "icon": words.icon(row["kind"]),
        "tone": words.tone(row["kind"]),
        "inputs": [one for one in inputs if not is_rare(one)],
        "rare": [one for one in inputs if is_rare(one)],
        "ways": _ways(desk, row, made),
        "exits": _exits(desk, step),
        "template": desk.choices.templates.get(str(row.get("template"))),
        "problems": problems,
    }


def is_rare(one: fields.Input) -> bool:
    """Whether a setting can wait behind "More": seldom wanted, and nothing stands in it."""
    return one.setting.name in _RARE and not one.value and not one.problem


def _ways(desk: Desk, row: Mapping[str, Any], made: Step | None) -> Panel | None:
    """The ways of a step that has a list of them, or may have."""
    if not made or not any(setting.kind == "ways" for setting in made.settings):
        return None
    problems, event = desk.wrong_at(row["id"]), acts.event_of(desk.document, "")
    listed = [
        {
            "place": place,
            "title": words.way_in_words(row, f"ways.{place}"),
            "inputs": _way_inputs(desk, row, place, problems, event),
            "problem": next((one.text for one in problems if one.setting == f"ways.{place}"), ""),
        }
        for place in range(len(row.get("ways") or ()))
    ]
    return {"listed": listed, "is_split": row["kind"] == "split"}


def _way_inputs(
    desk: Desk, row: Mapping[str, Any], place: int, problems: Sequence[Problem], event: str
) -> list[fields.Input]:
    form = fields.Form({"ways": {str(place): row["ways"][place]}}, desk.choices, event, problems, desk.posted)
    return form.inputs(acts.way_settings(row["kind"], place))


def _exits(desk: Desk, step: str) -> list[dict[str, Any]]:
    """Where each way of a step leads, with what else it might lead to."""
    made, later = desk.picture.graph, desk.later(step)
    row = made.steps[step]
    return [
        {
            "way": way,
            "label": "Afterwards" if way == NEXT and len(made.exits[step]) == 1 else words.way_in_words(row, way),
            "to": to,
            "options": [*later, (END, "The end of the journey")],
        }
        for way, to in made.exits[step].items()
    ]


def _removing(desk: Desk, step: str) -> Panel:
    """Which of a fork's lanes should stay."""
    row, lanes = acts.row_of(desk.document, step), editing.lanes_of(desk.document, step, forks())
    return {
        "kind": "remove",
        "step": step,
        "title": words.step_in_words(row, desk.choices.names),
        "lanes": [
            {
                "way": way,
                "title": words.way_in_words(row, way),
                "steps": [desk.picture.title(one) for one in members],
            }
            for way, members in lanes.items()
        ],
    }


def _menu(desk: Desk, at: str, way: str) -> Panel:
    """All kinds of step by shelf, to be put in at a spot."""
    shelves = [
        {
            "title": group,
            "kinds": [
                {
                    "kind": step.kind,
                    "label": step.label,
                    "about": _ABOUT.get(step.kind, ""),
                    "icon": step.icon,
                    "tone": words.tone(step.kind),
                }
                for step in steps.values()
                if step.group == group
            ],
        }
        for group in GROUPS
    ]
    return {"kind": "menu", "at": at, "way": way, "shelves": [shelf for shelf in shelves if shelf["kinds"]]}


def _trigger(desk: Desk) -> Panel:
    document = parts.shown(desk.document)
    problems = [_placed(problem) for problem in desk.problems if problem.where in ("trigger", "entry")]
    form = fields.Form(document, desk.choices, acts.event_of(document, ""), problems, desk.posted)
    kinds = [
        {
            "kind": kind,
            "title": title,
            "about": about,
            "inputs": [one for one in form.inputs(settings) if _is_asked(one, document)],
        }
        for kind, title, about, settings in parts.TRIGGERS
    ]
    return {
        "kind": "trigger",
        "step": "",
        "kinds": kinds,
        "now": parts.trigger_kind(document),
        "inputs": form.inputs(parts.ENTRY),
        "problems": problems,
    }


def _is_asked(one: fields.Input, document: Mapping[str, Any]) -> bool:
    """A topic is only asked of what the shop's own system reports."""
    is_topic = one.setting.name == "trigger.topic"
    return not is_topic or bool(one.value) or document["trigger"].get("event") == "customer.tracked"


def _settings(desk: Desk) -> Panel:
    document = parts.shown(desk.document) | {"name": desk.journey.name}
    document["stops_on"] = list(acts.stops_of(desk.document))
    problems = [_placed(problem) for problem in desk.problems if problem.where in ("", "goal")]
    form = fields.Form(document, desk.choices, acts.event_of(document, ""), problems, desk.posted)
    groups = [
        ("", parts.SETTINGS),
        ("Goal", parts.GOAL),
        ("Leaving early", parts.LEAVING),
        ("Proof", parts.PROOF),
        ("After a pause", parts.LATE),
    ]
    return {
        "kind": "settings",
        "groups": [(title, form.inputs(made)) for title, made in groups],
        "problems": problems,
    }


def _placed(problem: Problem) -> Problem:
    """A problem of a part under the name that the forms have for its setting: "entry.if"."""
    if not problem.where or not problem.setting:
        return problem
    return Problem(problem.where, problem.text, f"{problem.where}.{problem.setting}")


def _overview(desk: Desk) -> Panel:
    return {"kind": "overview", "wrong": mending(desk)}


def mending(desk: Desk) -> list[dict[str, str]]:
    """What is wrong, with where it is mended: the rest of the builder's address."""
    return [
        {"text": problem.text, "title": _where(desk, problem.where), "opens": _opens(desk, problem.where)}
        for problem in desk.problems
    ]


def _opens(desk: Desk, where: str) -> str:
    if where in desk.picture.graph.steps:
        return f"step={where}"
    if not desk.picture.graph.steps:
        return "at=&way=next"
    return "open=trigger" if where in ("trigger", "entry") else "open=settings"


def _where(desk: Desk, where: str) -> str:
    if where in desk.picture.graph.steps:
        return desk.picture.title(where)
    return {"trigger": "Who enters", "entry": "Who enters", "goal": "Goal"}.get(where, "The journey")


def _history(desk: Desk) -> Panel:
    edits = DraftEdit.objects.filter(journey=desk.journey).select_related("by").order_by("-id")[:HISTORY]
    return {"kind": "history", "edits": list(edits)}


_OPENS = {"trigger": _trigger, "settings": _settings, "history": _history}
