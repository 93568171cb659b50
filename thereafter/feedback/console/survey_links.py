"""A survey behind an address or a QR code: links to make, to print, to close."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import links as addresses
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.console.survey_desk import Desk, survey_or_404
from thereafter.feedback.models import OpenLink, Survey
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.survey_pictures import TYPES, card_words, picture
from thereafter.kit import clock
from thereafter.kit.pages import render, tongue
from thereafter.storefront.shell import choose_language

LONGEST_NAME, LONGEST_PLACE = 100, 60


@staff_page("feedback.write")
def links(request: StaffRequest, survey_id: int) -> HttpResponse:
    survey = survey_or_404(request, survey_id)
    desk = Desk(survey)
    if request.method == "POST":
        return _make(request, desk)
    context = desk.context(request, "survey_links") | {
        "links": [_shown(link) for link in queries.links_of(survey)],
        "longest": LONGEST_NAME,
        "longest_place": LONGEST_PLACE,
    }
    return render(request, "feedback/console/survey_links.html", context)


def _shown(link: OpenLink) -> dict[str, Any]:
    return {"link": link, "address": addresses.open_survey(link), "place": link.facts.get("place", "")}


def _make(request: StaffRequest, desk: Desk) -> HttpResponse:
    name = request.POST.get("name", "").strip()[:LONGEST_NAME]
    place = request.POST.get("place", "").strip()[:LONGEST_PLACE]
    if desk.survey.archived_at:
        messages.error(request, "An archived survey takes no new links. Bring it back first.")
    elif not name:
        messages.error(request, "Give the link a name, so that you know it again: “Card in the parcel”.")
    else:
        facts = {"place": place} if place else {}
        link = actions.open_link(desk.survey, name, facts, now=clock.now(), by=request.staff)
        messages.success(request, f"“{link.name}” is open. Take its picture, or copy its address.")
    return redirect(desk.address("survey_links"))


@staff_page("feedback.write")
@require_POST
def close(request: StaffRequest, survey_id: int, open_link_id: int) -> HttpResponse:
    survey = survey_or_404(request, survey_id)
    link = _link(survey, open_link_id)
    closed = link.closed_at is None
    if not closed and survey.archived_at:
        messages.error(request, "The survey is archived. Bring it back first.")
    else:
        actions.set_link_closed(link, closed=closed, by=request.staff, now=clock.now())
        messages.success(request, "Nobody can answer by it any more." if closed else "It is open again.")
    return redirect(Desk(survey).address("survey_links"))


@staff_page("feedback.write")
@require_safe
def svg(request: StaffRequest, survey_id: int, open_link_id: int) -> HttpResponse:
    return _file(request, survey_id, open_link_id, "svg")


@staff_page("feedback.write")
@require_safe
def png(request: StaffRequest, survey_id: int, open_link_id: int) -> HttpResponse:
    return _file(request, survey_id, open_link_id, "png")


def _file(request: StaffRequest, survey_id: int, open_link_id: int, kind: str) -> HttpResponse:
    link = _link(survey_or_404(request, survey_id), open_link_id)
    response = HttpResponse(picture(link, kind), content_type=TYPES[kind])
    name = slugify(link.name) or "survey"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


@staff_page("feedback.write")
@require_safe
def card(request: StaffRequest, survey_id: int, open_link_id: int) -> HttpResponse:
    """A card to print, in one of the survey's languages."""
    survey = survey_or_404(request, survey_id)
    link, desk = _link(survey, open_link_id), Desk(survey)
    spoken = [code for code in desk.published.languages if choose_language(code) == code]
    asked = request.GET.get("lang", "")
    language = asked if asked in spoken else choose_language(survey.store.locale, *spoken)
    context = {
        "language": language,
        "languages": [(code, tongue(code)) for code in spoken],
        "address": addresses.open_survey(link, language),
        "qr": picture(link, "svg", language).decode(),
        "back": desk.address("survey_links"),
        **card_words(language),
    }
    return render(request, "feedback/console/survey_card.html", context)


def _link(survey: Survey, open_link_id: int) -> OpenLink:
    for link in queries.links_of(survey):
        if link.pk == open_link_id:
            return link
    raise Http404
