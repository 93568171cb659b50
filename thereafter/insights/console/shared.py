"""What a shared link shows: one page of figures, for reading only, to whoever holds the link."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from thereafter.console.guards import public_page
from thereafter.insights import cards, sharing
from thereafter.insights.actions.links import note_opened
from thereafter.insights.console import filters as filtering
from thereafter.insights.console.links import is_whole
from thereafter.insights.console.pages import PAGES
from thereafter.insights.engine.port import EngineTrouble
from thereafter.insights.models import SharedLink
from thereafter.kit import clock
from thereafter.kit.pages import render


@require_safe
@public_page
def page(request: HttpRequest, token: str) -> HttpResponse:
    """One and the same answer to a link that never was, has ended or was withdrawn."""
    now = clock.now()
    link = sharing.opened(token, now)
    if link is None:
        return _guarded(render(request, "insights/shared/over.html", {"page_title": "This link is over"}, 404))
    with timezone.override(link.store.time_zone):
        answer = _figures(request, link)
    if answer.status_code == 200:  # noqa: PLR2004 HTTP's "fine"
        note_opened(link, now)
    return _guarded(answer)


def _figures(request: HttpRequest, link: SharedLink) -> HttpResponse:
    spec, now = PAGES.get(link.page), clock.now()
    made = filtering.asked(link.store, link.filters, now, spec.own) if spec else None
    if spec is None or made is None or not is_whole(made):
        return render(request, "insights/shared/over.html", {"page_title": "This link is over"}, 404)
    context = _context(link) | {"page_title": spec.title, "spec": spec}
    try:
        context["page"] = cards.for_outsiders(spec.build(made))
    except EngineTrouble:
        return render(request, "insights/shared/page.html", context | {"trouble": True}, 503)
    return render(request, "insights/shared/page.html", context)


def _context(link: SharedLink) -> dict[str, Any]:
    return {"store": link.store, "until": link.expires_at}


def _guarded(answer: HttpResponse) -> HttpResponse:
    """The address is a key: no search engine keeps it, and no other site is told of it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
