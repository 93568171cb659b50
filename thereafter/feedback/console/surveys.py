"""Surveys: the list, new ones, and one survey with what it asks, how it does and what asks it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import score_words
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.actions.asking import survey_of
from thereafter.feedback.actions.surveys import StillNeeded
from thereafter.feedback.console.survey_desk import Desk, state_of, survey_or_404
from thereafter.feedback.models import Survey
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.ready_surveys import all_ready, journey_for
from thereafter.feedback.rules.answers import KINDS
from thereafter.feedback.rules.survey_settings import PLACES
from thereafter.journeys.actions import drafting
from thereafter.kit import clock
from thereafter.kit.pages import render

LONGEST_NAME = 100
ABOUT_KINDS = {
    "csat": "Five faces, from very bad to great. For an order, a product, a visit.",
    "nps": "0 to 10: would they recommend you? For the whole of your shop, some time after buying.",
    "ces": "1 to 7: how easy was it? For a return, a ticket, an exchange.",
    "form": "Your own questions, without a score.",
}


@staff_page("feedback.read")
@require_safe
def surveys(request: StaffRequest) -> HttpResponse:
    archived = request.GET.get("archived") == "1"
    survey_of(request.store.pk, queries.EVERYBODY_HAS)
    rows = queries.rows(request.store, clock.now(), archived=archived)
    context = {
        "page_title": "Surveys",
        "rows": [_row(one) for one in rows],
        "archived": archived,
        "has_archive": Survey.objects.of(request.store).exclude(archived_at=None).exists(),
        "begins": not archived and len(rows) == 1 and not rows[0].asked and not rows[0].answered,
        "ready": _ready(request, [one.survey.key for one in rows]),
    }
    return render(request, "feedback/console/surveys.html", context)


def _row(row: queries.Row) -> dict[str, Any]:
    return {"row": row, "state": state_of(row.survey), "kind": score_words.KINDS[row.survey.kind], **_score(row)}


def _score(row: queries.Row) -> dict[str, str]:
    """The score and how sure it is; nothing of a form, or of nobody."""
    read = row.reading
    if read is None or not read.n:
        return {"score": "–", "likely": "no score" if read is None else "no answers yet"}
    return {"score": score_words.value(read.kind, read.value), "likely": score_words.likely(read)}


def _ready(request: StaffRequest, mine: list[str]) -> list[dict[str, Any]]:
    return [{"ready": one, "has": one.key in mine, "kind": score_words.KINDS[one.kind]} for one in all_ready().values()]


@staff_page("feedback.write")
@require_safe
def new(request: StaffRequest) -> HttpResponse:
    """A ready one, or of a kind with our words to begin with."""
    mine = list(Survey.objects.of(request.store).values_list("key", flat=True))
    context = {
        "page_title": "New survey",
        "ready": _ready(request, mine),
        "kinds": [(kind, score_words.KINDS[kind], ABOUT_KINDS[kind]) for kind in KINDS],
        "longest": LONGEST_NAME,
    }
    return render(request, "feedback/console/survey_new.html", context)


@staff_page("feedback.write")
@require_POST
def make(request: StaffRequest) -> HttpResponse:
    ready = all_ready().get(request.POST.get("ready", ""))
    now = clock.now()
    if ready is not None:
        survey = actions.make_ready(request.store, ready, by=request.staff, now=now)
        messages.success(request, f"“{survey.name}” is ready. It asks nobody before a journey, a page or a link does.")
        return redirect("feedback_console:survey", request.store.slug, survey.pk)
    kind, name = request.POST.get("kind", ""), request.POST.get("name", "").strip()
    if kind not in KINDS or not name:
        messages.error(request, "Give the survey a name, and choose what it measures.")
        return redirect("feedback_console:survey_new", request.store.slug)
    survey = actions.make(request.store, kind=kind, name=name[:LONGEST_NAME], by=request.staff, now=now)
    messages.success(request, "Here are our words to begin with. Change what you like, then publish.")
    return redirect("feedback_console:survey_edit", request.store.slug, survey.pk)


@staff_page("feedback.read")
@require_safe
def survey(request: StaffRequest, survey_id: int) -> HttpResponse:
    found = survey_or_404(request, survey_id)
    desk, now = Desk(found), clock.now()
    row = queries.row(found, now)
    links = queries.links_of(found)
    context = desk.context(request, "survey") | {
        "row": row,
        "kind": score_words.KINDS[found.kind],
        **_score(row),
        "questions": desk.questions(desk.published),
        "uses": queries.uses_of(found),
        "places": [PLACES[place] for place in found.places if place in PLACES],
        "links": [link for link in links if link.closed_at is None],
        "may_archive": found.key != queries.EVERYBODY_HAS,
        "may_make_journey": request.membership.may("journeys.edit"),
    }
    return render(request, "feedback/console/survey.html", context)


@staff_page("feedback.write")
@require_POST
def rename(request: StaffRequest, survey_id: int) -> HttpResponse:
    found = survey_or_404(request, survey_id)
    name = request.POST.get("name", "").strip()[:LONGEST_NAME]
    if not name:
        messages.error(request, "A survey needs a name.")
    else:
        actions.rename(found, name, by=request.staff, now=clock.now())
        messages.success(request, f"It is called “{name}” now. Shoppers do not see this name.")
    return redirect("feedback_console:survey_settings", request.store.slug, found.pk)


@staff_page("feedback.write")
@require_POST
def copy(request: StaffRequest, survey_id: int) -> HttpResponse:
    copied = actions.copy(survey_or_404(request, survey_id), by=request.staff, now=clock.now())
    messages.success(request, f"“{copied.name}” asks the same. Change what should differ, then publish it.")
    return redirect("feedback_console:survey_edit", request.store.slug, copied.pk)


@staff_page("feedback.write")
def archive(request: StaffRequest, survey_id: int) -> HttpResponse:
    """What ends when it is put away; putting it away, or taking it out again."""
    found = survey_or_404(request, survey_id)
    if request.method == "POST":
        return _archive(request, found)
    if found.archived_at or found.key == queries.EVERYBODY_HAS:
        return redirect("feedback_console:survey", request.store.slug, found.pk)
    desk = Desk(found)
    context = desk.context(request, "survey") | {
        "page_title": f"Archive {desk.title}",
        "uses": queries.uses_of(found),
        "links": [link for link in queries.links_of(found) if link.closed_at is None],
        "row": queries.row(found, clock.now()),
    }
    return render(request, "feedback/console/survey_archive.html", context)


def _archive(request: StaffRequest, found: Survey) -> HttpResponse:
    if request.POST.get("do") == "back":
        actions.bring_back(found, by=request.staff, now=clock.now())
        messages.success(request, "It is back. Its links stay closed until you open them again.")
        return redirect("feedback_console:survey", request.store.slug, found.pk)
    try:
        actions.archive(found, by=request.staff, now=clock.now())
    except StillNeeded:
        messages.error(request, "Every shop has this survey; change its questions instead.")
        return redirect("feedback_console:survey", request.store.slug, found.pk)
    messages.success(request, f"“{queries.title_of(found)}” asks nobody any more. Its answers stay in the results.")
    return redirect("feedback_console:surveys", request.store.slug)


@staff_page("feedback.write")
@require_POST
def make_journey(request: StaffRequest, survey_id: int) -> HttpResponse:
    """A journey that asks it, as a draft to look at and to turn on."""
    found = survey_or_404(request, survey_id)
    if found.archived_at or not request.membership.may("journeys.edit"):
        raise Http404
    name, document = journey_for(found.key)
    title = f"Ask: {queries.title_of(found)}" if found.key not in all_ready() else name
    made = drafting.create(request.store, title, document, by=request.staff, now=clock.now())
    messages.success(request, "The journey is drafted. Look at when it asks, then publish it and turn it on.")
    return redirect(reverse("journeys_console:edit", args=[request.store.slug, made.key]))
