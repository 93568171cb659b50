"""Links that show a page of figures to people who do not sign in: made, listed, withdrawn."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.insights import sharing
from thereafter.insights.actions import links as actions
from thereafter.insights.console import filters as filtering
from thereafter.insights.console.pages import PAGES
from thereafter.insights.models import SharedLink
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.stores.models import Store

LENGTHS = {7: "A week", 30: "30 days", 90: "90 days", 365: "A year"}
# Titles of products in any alphabet, as addresses write them.
_LONGEST_QUERY = 4_000
GONE = "What this page was narrowed to is no longer there. Open the page again, choose anew, and share it from there."


class ShareForm(forms.Form):
    """`query` is the address of the page that one came from, with its filters."""

    page = forms.ChoiceField(label="Page", choices=[(key, spec.title) for key, spec in PAGES.items()])
    label = forms.CharField(
        label="Who is it for?", max_length=80, help_text="Your own note, such as Agency or Monthly board meeting."
    )
    days = forms.TypedChoiceField(label="It is good for", choices=list(LENGTHS.items()), coerce=int, initial=30)
    query = forms.CharField(required=False, max_length=_LONGEST_QUERY, widget=forms.HiddenInput())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("insights.write")
def links(request: StaffRequest) -> HttpResponse:
    form = ShareForm(request.POST or None, initial=_meant(request.GET))
    made: tuple[SharedLink, str] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.share(request.store, _wanted(request.store, form), by=request.staff, now=clock.now())
        except actions.CannotShare as wrong:
            form.add_error(None, str(wrong))
        else:
            form = ShareForm()
    return render(request, "insights/console/links.html", _context(request, form, made))


def _meant(given: QueryDict) -> dict[str, str]:
    """The page and filters that somebody wants to share, from the link on that page. Nothing is cut off: with fewer
    filters it would show more."""
    query = given.copy()
    page = (query.pop("page", [""]) or [""])[0]
    return {"page": str(page), "query": query.urlencode()}


def _wanted(store: Store, form: ShareForm) -> actions.Wanted:
    """With the filters that make sense, so that a link never depends on what does not; a product by its number, so that
    another one with its name is not shown. `CannotShare` where one is gone, because the link would show everybody."""
    page, given = form.cleaned_data["page"], dict(parse_qsl(form.cleaned_data["query"]))
    made = filtering.asked(store, given, clock.now(), PAGES[page].own)
    if not is_whole(made):
        raise actions.CannotShare(GONE)
    kept = {name: text for name, text in made.given.items() if name != "product"}
    return actions.Wanted(page, kept, form.cleaned_data["label"], form.cleaned_data["days"])


def _context(request: StaffRequest, form: ShareForm, made: tuple[SharedLink, str] | None) -> dict[str, Any]:
    now = clock.now()
    rows = [_row(request.store, listed, now) for listed in sharing.links_of(request.store)]
    query = str(form["query"].value() or "")
    page = PAGES.get(str(form["page"].value() or ""))
    narrowed = filtering.asked(request.store, dict(parse_qsl(query)), now, page.own if page else ())
    return {
        "page_title": "Shared links",
        "form": form,
        "about": _said(narrowed),
        "comes_from_page": "page" in request.GET,
        "made": made[0] if made else None,
        "address": _address(made[1]) if made else "",
        "open": [row for row in rows if row["alive"] and row["link"].is_open(now)],
        "over": [row for row in rows if not (row["alive"] and row["link"].is_open(now))],
    }


def _row(store: Store, listed: sharing.Listed, now: datetime) -> dict[str, Any]:
    link, page = listed.link, PAGES.get(listed.link.page)
    made = filtering.asked(store, link.filters, now, page.own if page else ())
    title = page.title if page else "A page that is no more"
    alive = listed.may_share and page is not None and is_whole(made)
    return {"link": link, "title": title, "words": _said(made), "alive": alive}


def _said(made: filtering.Filters) -> str:
    """A stretch such as the last 90 days moves on with the calendar, so it is not told in dates."""
    moving = {**filtering.LENGTHS, filtering.ALL: "All time"}
    return " · ".join([moving[made.key], *(chip.text for chip in made.chips)]) if made.key in moving else made.words


def is_whole(made: filtering.Filters) -> bool:
    """Whether all that the link is narrowed to is still there. Without its segment it would show everybody."""
    return not made.unknown and not made.meant


def _address(token: str) -> str:
    return settings.PUBLIC_URL + reverse("insights_shared:page", args=[token])


@require_POST
@staff_page("insights.write")
def withdraw(request: StaffRequest, link_id: int) -> HttpResponse:
    link = get_object_or_404(SharedLink.objects.of(request.store).select_related("store"), pk=link_id)
    actions.withdraw(link, by=request.staff, now=clock.now())
    messages.success(request, f"{link.label}: the link is withdrawn and opens nothing any more.")
    return redirect("insights_console:links", request.store.slug)
