"""Merchants' pages: the list of journeys, one journey with its people, and new ones."""

import json
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys import queries, words
from thereafter.journeys.actions import drafting, pausing, publishing
from thereafter.journeys.actions.publishing import BadJourney
from thereafter.journeys.console import listing
from thereafter.journeys.console.choices import Choices
from thereafter.journeys.console.desk import EMPTY, Desk
from thereafter.journeys.console.picture import Picture
from thereafter.journeys.models import Journey, Run
from thereafter.journeys.registry import steps
from thereafter.journeys.rules import documents, graph
from thereafter.journeys.rules.problems import Problem
from thereafter.kit import clock
from thereafter.kit.pages import render

PAGE = 25
STUCK = {
    "overdue": "should have moved on and did not. Is the worker running?",
    "failing": "cannot go on because a step fails, and are tried again.",
    "untimed": "had lost their clock; they have it back and go on.",
}


@staff_page("journeys.read")
def journeys(request: StaffRequest) -> HttpResponse:
    archived = request.GET.get("archived") == "1"
    store, now = request.store, clock.now()
    context = {
        "page_title": "Journeys",
        "rows": listing.rows(store, now, Choices(store).names, archived=archived),
        "archived": archived,
        "has_archive": Journey.objects.of(store).exclude(archived_at=None).exists(),
        "stuck": [{"row": row, "text": STUCK[row.kind]} for row in queries.stuck(store)],
        "days": listing.DAYS,
    }
    return render(request, "journeys/console/journeys.html", context)


@staff_page("journeys.read")
def journey(request: StaffRequest, key: str) -> HttpResponse:
    """The live journey with its figures, and who is in it."""
    chosen = chosen_journey(request, key)
    desk = Desk(request.store, chosen, since=request.GET.get("since", ""))
    state, at, q = (request.GET.get(name, "") for name in ("state", "at", "q"))
    runs = _found(queries.runs_of(chosen), state, at, q)
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_title": chosen.name,
        "journey": chosen,
        "desk": desk,
        "state": listing.state_of(chosen),
        "counts": queries.states(request.store).get(chosen.pk, {}),
        "page": page,
        "rows": [{"run": run, "where": where_of(run, desk.choices.names)} for run in page],
        "tabs": _tabs(state),
        "filters": {"state": state, "at": at},
        "q": q,
        "at": desk.live_picture.title(at) if at in desk.live_picture.graph.steps else "",
        "query": f"?{query.urlencode()}&page=" if query else "?page=",
        "stuck": [{"row": row, "text": STUCK[row.kind]} for row in queries.stuck(request.store).filter(journey=chosen)],
        "late": _late(chosen),
        "after_pause": pausing.preview_go_on(chosen, clock.now()) if chosen.paused_at else None,
        **shared(),
    }
    return render(request, "journeys/console/journey.html", context)


def shared() -> dict[str, Any]:
    """Words for the states of runs."""
    return {"states": words.STATES, "tones": words.STATE_TONES, "outcome": words.outcome_in_words}


def _found(runs: Any, state: str, at: str, q: str) -> Any:
    if state in Run.State.values:
        runs = runs.filter(state=state)
    if at:
        runs = runs.filter(Q(asleep_at=at) | Q(asleep_at="", node=at), state=Run.State.WAITING)
    if q:
        runs = runs.filter(
            Q(customer__name__icontains=q) | Q(customer__email__icontains=q) | Q(order__number__iexact=q)
        )
    return runs


def where_of(run: Run, names: words.Names) -> str:
    """The step at which somebody stands, in words; "" at none."""
    at = run.asleep_at or run.node
    step = next((one for one in run.version.document["steps"] if one["id"] == at), None)
    return words.step_in_words(step, names) if step else ""


def _tabs(state: str) -> list[dict[str, Any]]:
    labels = {"": "All", **words.STATES}
    return [{"label": label, "url": f"?state={one}#people", "current": one == state} for one, label in labels.items()]


def _late(chosen: Journey) -> str:
    """What turning off does to those on the way."""
    late = (chosen.version.document.get("late") or {}) if chosen.version else {}
    told = {
        "shift": "everybody on the way is moved on by the length of the pause.",
        "fire": "everything that was due meanwhile is done.",
    }
    hours = late.get("after_hours", 24)
    return told.get(late.get("do", "skip"), f"who would be more than {hours} hours late is left out, and you are told.")


@staff_page("journeys.edit")
def new(request: StaffRequest) -> HttpResponse:
    """From scratch, from a file, or one of the journeys that come along."""
    choices = Choices(request.store)
    mine = set(Journey.objects.of(request.store).values_list("key", flat=True))
    context = {
        "page_title": "New journey",
        "recipes": [
            {
                "key": recipe["key"],
                "name": recipe["name"],
                "about": recipe.get("about") or recipe["document"].get("about") or "",
                "trigger": words.trigger_in_words(recipe["document"], choices.names),
                "picture": Picture(recipe["document"], choices.names),
                "has": recipe["key"] in mine,
            }
            for recipe in recipes()
        ],
    }
    return render(request, "journeys/console/new.html", context)


@lru_cache(maxsize=1)
def recipes() -> list[dict[str, Any]]:
    """The journeys that come along, without the steps of rooms that are not installed."""
    paths = sorted(publishing.RECIPES.rglob("*.json"))
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [recipe | {"document": documents.without_unknown(recipe["document"], steps)} for recipe in found]


@require_POST
@staff_page("journeys.edit")
def make(request: StaffRequest) -> HttpResponse:
    """A new journey: empty, of a recipe, or of a file."""
    try:
        key, name, document = _given(request)
    except BadJourney as bad:
        messages.error(request, str(bad))
        return redirect("journeys_console:new", request.store.slug)
    made = drafting.create(request.store, name, document, by=request.staff, now=clock.now(), key=key)
    return redirect("journeys_console:edit", request.store.slug, made.key)


def _given(request: StaffRequest) -> tuple[str, str, Any]:
    name = request.POST.get("name", "").strip()
    recipe = next((one for one in recipes() if one["key"] == request.POST.get("recipe")), None)
    if recipe:
        return recipe["key"], name or recipe["name"], recipe["document"]
    text = uploaded(request) or request.POST.get("text", "").strip()
    if not text:
        return "", name or "New journey", EMPTY
    key, told, document = publishing.read_export(text)
    wrong = graph.drawable(document)
    if wrong:
        raise BadJourney([Problem("", wrong)])
    return key, name or told, document


def uploaded(request: StaffRequest) -> str:
    """The text of the file that came with a form; "" for none."""
    file = request.FILES.get("file")
    return file.read().decode("utf-8", "replace") if isinstance(file, UploadedFile) else ""


@require_POST
@staff_page("journeys.edit")
def duplicate(request: StaffRequest, key: str) -> HttpResponse:
    chosen = chosen_journey(request, key)
    document = Desk(request.store, chosen).document
    made = drafting.create(
        request.store, f"{chosen.name} (copy)", document, by=request.staff, now=clock.now(), key=chosen.key
    )
    messages.success(request, f"This is a copy of “{chosen.name}”, turned off.")
    return redirect("journeys_console:edit", request.store.slug, made.key)


@require_POST
@staff_page("journeys.edit")
def archive(request: StaffRequest, key: str) -> HttpResponse:
    chosen, now = chosen_journey(request, key), clock.now()
    if request.POST.get("back") == "1":
        drafting.bring_back(chosen, by=request.staff, now=now)
        messages.success(request, f"“{chosen.name}” is back, and off.")
        return redirect("journeys_console:journey", request.store.slug, key)
    drafting.archive(chosen, by=request.staff, now=now)
    messages.success(request, f"“{chosen.name}” is in the archive. Who is on the way goes on.")
    return redirect("journeys_console:journeys", request.store.slug)


@require_POST
@staff_page("journeys.edit")
def turn(request: StaffRequest, key: str) -> HttpResponse:
    chosen = chosen_journey(request, key)
    live = request.POST.get("live") == "1"
    publishing.turn(chosen, live=live, by=request.staff, now=clock.now())
    done = "lets customers in from now on." if live else "lets nobody in any more; who is on the way goes on."
    messages.success(request, f"“{chosen.name}” {done}")
    return redirect("journeys_console:journey", request.store.slug, key)


@require_POST
@staff_page("journeys.edit")
def pause(request: StaffRequest, key: str) -> HttpResponse:
    """Nobody moves until it goes on again; then those whose time came meanwhile are treated by the journey's rule."""
    chosen, now = chosen_journey(request, key), clock.now()
    if request.POST.get("pause") == "1":
        pausing.pause(chosen, by=request.staff, now=now)
        messages.success(request, f"“{chosen.name}” stands still. Nobody in it moves until it goes on.")
    else:
        done = pausing.go_on(chosen, by=request.staff, now=now)
        told = [
            f"{done.late} go on late" if done.late else "",
            f"{done.skipped} were too late and left" if done.skipped else "",
        ]
        told.append(f"{done.shifted} wait on for what was left" if done.shifted else "")
        detail = ", ".join(filter(None, told))
        messages.success(request, f"“{chosen.name}” goes on{': ' + detail if detail else ''}.")
    return redirect("journeys_console:journey", request.store.slug, key)


def chosen_journey(request: StaffRequest, key: str) -> Journey:
    return get_object_or_404(Journey.objects.of(request.store).select_related("version", "store"), key=key)
