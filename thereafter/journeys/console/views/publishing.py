"""From draft to live and back: reviewing and publishing, versions, and the journey as text."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys import words
from thereafter.journeys.actions import drafting, migrating, publishing
from thereafter.journeys.actions.migrating import CHOICES, KEEP, Preview
from thereafter.journeys.actions.publishing import BadJourney
from thereafter.journeys.console import texts
from thereafter.journeys.console.desk import EMPTY, Desk
from thereafter.journeys.console.differences import differences
from thereafter.journeys.console.panel import mending
from thereafter.journeys.console.picture import Picture
from thereafter.journeys.console.views.journeys import chosen_journey, uploaded
from thereafter.journeys.models import JourneyVersion
from thereafter.journeys.rules import graph, moves
from thereafter.kit import clock
from thereafter.kit.pages import render

VERSIONS = 50


@staff_page("journeys.edit")
def publish(request: StaffRequest, key: str) -> HttpResponse:
    """What changes, what becomes of those on the way, and the button."""
    desk = Desk(request.store, chosen_journey(request, key))
    if request.method == "POST" and request.POST.get("confirm") == "1":
        return _publish(request, desk)
    mapping = _mapping(request)
    preview = None if desk.problems else migrating.preview_publish(desk.journey, desk.document, mapping)
    context = {
        "page_title": f"Publish {desk.journey.name}",
        "desk": desk,
        "differences": differences(desk.published, desk.document, desk.choices.names) if desk.published else [],
        "wrong": mending(desk),
        "preview": preview,
        "standing": _standing(desk, preview) if preview else [],
        "targets": [(row["id"], desk.picture.title(row["id"])) for row in desk.document["steps"]],
        "people": request.POST.get("people", KEEP),
        "mapping": mapping,
    }
    return render(request, "journeys/console/publish.html", context)


def _mapping(request: StaffRequest) -> dict[str, str]:
    """Where those go on whose step is gone: the form's `to.<step>`."""
    return {
        name.removeprefix("to."): str(value) for name, value in request.POST.items() if name.startswith("to.") and value
    }


def _publish(request: StaffRequest, desk: Desk) -> HttpResponse:
    people = request.POST.get("people", KEEP)
    here = redirect("journeys_console:publish", request.store.slug, desk.journey.key)
    if people not in CHOICES:
        return here
    try:
        version = publishing.publish(
            desk.journey, desk.document, now=clock.now(), people=people, mapping=_mapping(request), by=request.staff
        )
    except BadJourney as bad:
        messages.error(request, f"Not published: {bad}")
        return here
    if request.POST.get("live") == "1":
        publishing.turn(desk.journey, live=True, by=request.staff, now=clock.now())
    messages.success(request, f"Version {version.number} of “{desk.journey.name}” is published.")
    return redirect("journeys_console:journey", request.store.slug, desk.journey.key)


def _standing(desk: Desk, preview: Preview) -> list[dict[str, Any]]:
    """Those on the way, by the step where they stand, and what moving would do to them."""
    old = {row["id"]: row for version in _all_versions(desk, preview) for row in version.document["steps"]}
    told = {
        moves.SAME: "Their wait stays as it is",
        moves.ANEW: "Their wait is reckoned anew, from when it began",
        moves.GONE: "Their step is gone",
        moves.ENDS: "Their way is over: nothing comes behind that step any more",
    }
    return [
        {
            "at": one.at,
            "title": words.step_in_words(old[one.at], desk.choices.names) if one.at in old else "On to the next step",
            "version": one.version,
            "count": one.count,
            "to": desk.picture.title(one.to) if one.to in desk.picture.graph.steps else "",
            "told": told.get(one.change, ""),
            "is_gone": one.change in (moves.GONE, moves.ENDS),
        }
        for one in preview.standpoints
    ]


def _all_versions(desk: Desk, preview: Preview) -> Any:
    numbers = {one.version for one in preview.standpoints}
    rows = JourneyVersion.objects.of(desk.store).filter(journey=desk.journey, number__in=numbers)
    return rows.order_by("number")


@staff_page("journeys.read")
def versions(request: StaffRequest, key: str) -> HttpResponse:
    """Every version that was published, one of them as a picture."""
    chosen = chosen_journey(request, key)
    rows = list(JourneyVersion.objects.of(request.store).filter(journey=chosen).order_by("-number")[:VERSIONS])
    number = request.GET.get("number", "")
    shown = next((row for row in rows if str(row.number) == number), rows[0] if rows else None)
    desk = Desk(request.store, chosen)
    before = next((row for row in rows if shown and row.number == shown.number - 1), None)
    context = {
        "page_title": f"Versions of {chosen.name}",
        "desk": desk,
        "rows": rows,
        "shown": shown,
        "picture": Picture(shown.document, desk.choices.names) if shown else None,
        "differences": differences(before.document, shown.document, desk.choices.names) if before and shown else [],
    }
    return render(request, "journeys/console/versions.html", context)


@require_POST
@staff_page("journeys.edit")
def use_again(request: StaffRequest, key: str) -> HttpResponse:
    """An old version becomes the draft; what people get changes only when it is published."""
    chosen = chosen_journey(request, key)
    number = request.POST.get("number", "")[:9]
    rows = JourneyVersion.objects.of(request.store).filter(journey=chosen)
    version = get_object_or_404(rows, number=int(number) if number.isdecimal() else 0)
    did = f"Took up version {version.number} again"
    drafting.change(chosen, version.document, did=did, by=request.staff, now=clock.now())
    messages.success(request, f"Version {version.number} is your draft now. Look it over and publish it.")
    return redirect("journeys_console:edit", request.store.slug, key)


@staff_page("journeys.edit")
def text(request: StaffRequest, key: str) -> HttpResponse:
    """The document as text, checked as it is written."""
    chosen, wrong = chosen_journey(request, key), ""
    desk = Desk(request.store, chosen)
    shown = texts.laid_out(desk.document)
    lines: list[texts.Line] = []
    if request.method == "POST":
        shown = (uploaded(request) or request.POST.get("text", "")).replace("\r\n", "\n")
        document, lines = texts.read(shown)
        document = document.get("document", document) if isinstance(document, dict) else document
        wrong = "" if lines else graph.drawable(document)
        if not lines and not wrong:
            drafting.change(chosen, document, did="Changed the text", by=request.staff, now=clock.now(), mark="text")
            return redirect("journeys_console:text", request.store.slug, key)
    problems = desk.problems if request.method != "POST" else []
    context = {
        "page_title": f"{chosen.name} as text",
        "desk": desk,
        "text": shown,
        "wrong": wrong,
        "lines": lines or (texts.marked(shown, problems) if problems else []),
        "count": len(problems),
    }
    return render(request, "journeys/console/text.html", context, 422 if lines or wrong else 200)


@staff_page("journeys.read")
def export(request: StaffRequest, key: str) -> HttpResponse:
    """The journey as a file, to be kept, or taken to another shop."""
    told = publishing.export(chosen_journey(request, key))
    told["document"] = told["document"] or EMPTY
    answer = HttpResponse(json.dumps(told, ensure_ascii=False, indent=2), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{key}.json"'
    return answer
