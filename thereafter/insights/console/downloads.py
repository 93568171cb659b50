"""Figures to take along: a page as CSV or PDF, a card as CSV or PNG, with the filters of the address."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.insights.cards import Card, Page
from thereafter.insights.console.pages import PAGES, page_of
from thereafter.insights.downloads import csv, paper
from thereafter.insights.engine.port import EngineTrouble
from thereafter.insights.figures.asking import as_of
from thereafter.kit import clock

CSV, PDF, PNG = "text/csv; charset=utf-8", "application/pdf", "image/png"


@require_safe
@staff_page("insights.read")
def page_csv(request: StaffRequest, page: str) -> HttpResponse:
    return _page(request, page, "csv", lambda made: _file(csv.page_csv(made), CSV))


@require_safe
@staff_page("insights.read")
def page_pdf(request: StaffRequest, page: str) -> HttpResponse:
    return _page(request, page, "pdf", lambda made: _file(paper.page_pdf(request.store, made), PDF))


@require_safe
@staff_page("insights.read")
def card_csv(request: StaffRequest, page: str, key: str) -> HttpResponse:
    return _card(request, page, key, "csv", lambda _, card: _file(csv.card_csv(card), CSV))


@require_safe
@staff_page("insights.read")
def card_png(request: StaffRequest, page: str, key: str) -> HttpResponse:
    return _card(request, page, key, "png", lambda made, card: _file(paper.card_png(request.store, made, card), PNG))


def _file(content: str | bytes, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind)


def _page(request: StaffRequest, page: str, ending: str, write: Callable[[Page], HttpResponse]) -> HttpResponse:
    """The file; where there are no figures yet, or the page cannot be made, one is sent to the page, which says why."""
    if page not in PAGES:
        raise Http404
    there = redirect(f"insights_console:{page}", request.store.slug)
    if as_of(request.store) is None:
        messages.info(request, "The figures are not worked out yet, so there is nothing to take along.")
        return there
    try:
        answer = write(page_of(request.store, page, request.GET, clock.now(), request.membership.may))
    except (EngineTrouble, paper.CannotPrint) as wrong:
        messages.error(request, str(wrong))
        return there
    day = clock.day_in(clock.now(), request.store.time_zone)
    answer["Content-Disposition"] = f'attachment; filename="{request.store.slug}-{page}-{day}.{ending}"'
    return answer


def _card(
    request: StaffRequest, page: str, key: str, ending: str, write: Callable[[Page, Card], HttpResponse]
) -> HttpResponse:
    def written(made: Page) -> HttpResponse:
        card = made.card(key)
        if card is None:
            raise Http404
        return write(made, card)

    answer = _page(request, page, ending, written)
    if answer.has_header("Content-Disposition"):
        answer["Content-Disposition"] = answer["Content-Disposition"].replace(f"-{page}-", f"-{page}-{key}-")
    return answer
