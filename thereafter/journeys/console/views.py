"""Merchants' pages: the journeys, who is in them, and turning them on and off."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys import queries, words
from thereafter.journeys.actions import publishing
from thereafter.journeys.models import Journey, Run
from thereafter.kit import clock
from thereafter.kit.pages import number, render

PAGE = 25
# A worker that keeps up wakes everybody within seconds.
LATE = timedelta(minutes=10)


@staff_page("journeys.read")
def journeys(request: StaffRequest) -> HttpResponse:
    states = queries.states(request.store)
    rows = Journey.objects.of(request.store).select_related("version").order_by("-live", "id")
    context = {
        "page_title": "Journeys",
        "rows": [
            {
                "journey": journey,
                "trigger": words.trigger_in_words(journey.version.document) if journey.version else "Not published yet",
                "counts": states.get(journey.pk, {}),
            }
            for journey in rows
        ],
        "overdue": queries.overdue(request.store, clock.now() - LATE),
    }
    return render(request, "journeys/console/journeys.html", context)


@staff_page("journeys.read")
def journey(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _chosen(request, key)
    state = request.GET.get("state", "")
    runs = queries.runs_of(chosen)
    runs = runs.filter(state=state) if state in Run.State.values else runs
    context = {
        "page_title": chosen.name,
        "journey": chosen,
        "flow": _flow(chosen),
        "entry": words.entry_in_words(chosen.version.document) if chosen.version else "",
        "counts": queries.states(request.store).get(chosen.pk, {}),
        "page": Paginator(runs, PAGE).get_page(request.GET.get("page")),
        "tabs": _tabs(state),
        "query": f"?state={state}&page=",
        "outcomes": words.OUTCOMES,
        "tones": {"waiting": "info", "done": "good", "stopped": "neutral"},
    }
    return render(request, "journeys/console/journey.html", context)


def _tabs(state: str) -> list[dict[str, Any]]:
    labels = {"": "All", "waiting": "Under way", "done": "Finished", "stopped": "Left early"}
    return [{"label": label, "url": f"?state={one}", "current": one == state} for one, label in labels.items()]


def _flow(chosen: Journey) -> list[dict[str, Any]]:
    """The steps as one readable column, the trigger on top; each with how many passed and how many sleep there."""
    if chosen.version is None:
        return []
    document: Mapping[str, Any] = chosen.version.document
    passed, asleep = queries.passed(chosen.version.pk), queries.asleep(chosen.version.pk)
    titles = {step["id"]: words.step_in_words(step) for step in document["steps"]}
    branched = {step.get(way) for step in document["steps"] for way in ("then", "else")}
    first = {
        "title": words.trigger_in_words(document),
        "icon": "bell",
        "tone": "good",
        "note": words.entry_in_words(document),
    }
    return [
        {**first, "count": number(sum(queries.states(chosen.store).get(chosen.pk, {}).values())), "branch": False},
        *(
            {
                "title": titles[step["id"]],
                "icon": words.icon(step["kind"]),
                "tone": words.tone(step["kind"]),
                "note": words.step_note(step, titles),
                "count": _count(passed.get(step["id"], 0), asleep.get(step["id"], 0)),
                "branch": step["id"] in branched,
            }
            for step in document["steps"]
        ),
    ]


def _count(passed: int, asleep: int) -> str:
    return f"{number(passed)} · {number(asleep)} waiting" if asleep else number(passed)


@require_POST
@staff_page("journeys.edit")
def turn(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _chosen(request, key)
    live = request.POST.get("live") == "1"
    publishing.turn(chosen, live=live, by=request.staff, now=clock.now())
    done = "lets customers in from now on." if live else "lets nobody in any more; who is on the way goes on."
    messages.success(request, f"“{chosen.name}” {done}")
    return redirect("journeys_console:journey", request.store.slug, key)


def _chosen(request: StaffRequest, key: str) -> Journey:
    return get_object_or_404(Journey.objects.of(request.store).select_related("version", "store"), key=key)
