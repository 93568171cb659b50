"""From draft to what people are asked, and back: what changes, publishing, versions."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.console.survey_conditions import value_names
from thereafter.feedback.console.survey_desk import Desk, survey_or_404
from thereafter.feedback.models import SurveyVersion
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.rules import documents
from thereafter.feedback.rules.documents import BadSurvey
from thereafter.feedback.rules.survey_sentences import changes
from thereafter.kit import clock
from thereafter.kit.pages import render


@staff_page("feedback.write")
def publish(request: StaffRequest, survey_id: int) -> HttpResponse:
    survey = survey_or_404(request, survey_id)
    desk = Desk(survey)
    if request.method == "POST":
        return _publish(request, desk)
    context = desk.context(request, "survey_edit") | {
        "page_title": f"Publish {desk.title}",
        "problems": [(one, desk.place_of(one)) for one in desk.problems],
        "incomplete": [] if desk.problems else [one for one in desk.languages() if one["missing"]],
        "is_first": not survey.version,
    }
    return render(request, "feedback/console/survey_publish.html", context)


def _publish(request: StaffRequest, desk: Desk) -> HttpResponse:
    survey = desk.survey
    if request.POST.get("mark") != desk.mark:
        messages.error(request, "Somebody changed the draft meanwhile. Look at it as it is now, then publish.")
        return redirect(desk.address("survey_publish"))
    try:
        version = actions.publish(survey, by=request.staff, now=clock.now())
    except BadSurvey as wrong:
        messages.error(request, f"Not published: {wrong.problems[0][1]}")
        return redirect(desk.address("survey_publish"))
    messages.success(
        request, f"Version {version.number} is asked from now on. Who was asked before answers the old one."
    )
    return redirect(desk.address("survey"))


@staff_page("feedback.read")
@require_safe
def history(request: StaffRequest, survey_id: int) -> HttpResponse:
    """All versions; one of them with what it asked and what it changed."""
    survey = survey_or_404(request, survey_id)
    desk = Desk(survey)
    listed = list(queries.versions_of(survey))
    asked = request.GET.get("number", "")
    shown = next((one for one in listed if str(one.number) == asked), None)
    if asked and shown is None:
        raise Http404
    shown = shown or next(iter(listed), None)
    context = desk.context(request, "survey_history") | {"versions": listed, "shown": shown}
    if shown is not None:
        context |= _of_version(desk, shown, listed)
    return render(request, "feedback/console/survey_history.html", context)


def _of_version(desk: Desk, shown: SurveyVersion, listed: list[SurveyVersion]) -> dict[str, Any]:
    survey, document = desk.survey, documents.read(shown.document)
    at = listed.index(shown)
    is_first = at + 1 == len(listed)
    before = documents.plain(survey.kind, survey.question) if is_first else documents.read(listed[at + 1].document)
    return {
        "asked": desk.questions(document),
        "made_different": changes(before, document, value_names(survey.store, document)),
        "is_first": is_first,
        "is_current": shown.number == survey.version,
    }


@staff_page("feedback.write")
@require_POST
def restore(request: StaffRequest, survey_id: int) -> HttpResponse:
    """An old version becomes the draft; publishing it is the next step."""
    survey = survey_or_404(request, survey_id)
    number = request.POST.get("number", "")
    version = queries.versions_of(survey).filter(number=int(number) if number.isdigit() else 0).first()
    if version is None:
        raise Http404
    actions.restore(version, by=request.staff, now=clock.now())
    messages.success(request, f"Version {version.number} is your draft now. People are asked it once you publish.")
    return redirect(Desk(survey).address("survey_publish"))
