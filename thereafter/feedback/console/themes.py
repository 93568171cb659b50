"""What people say: their comments by theme, with what the shop makes of the themes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import themes as actions
from thereafter.feedback.console import results_asked, themes_words
from thereafter.feedback.console.results_asked import Stretch
from thereafter.feedback.console.themes_asked import BANDS, SOUNDS, Asked, asked
from thereafter.feedback.models import Said, Survey, Theme
from thereafter.feedback.queries import themes as queries
from thereafter.feedback.queries.themes import Choice
from thereafter.kit import clock
from thereafter.kit.pages import percent, render, url
from thereafter.stores.models import Store, StoreQuerySet

PAGE = 25
SHORT = 5


@require_safe
@staff_page("feedback.read")
def themes(request: StaffRequest) -> HttpResponse:
    """All themes of a stretch of time, the most frequent first."""
    store = request.store
    chosen, known, state = asked(store, request.GET, clock.now()), queries.themes(store), queries.state(store)
    found, query = queries.overview(store, chosen.choice, known), urlencode(chosen.params())
    context = _filters(chosen) | {
        "page_title": "What people say",
        "state": state,
        "has_themes": bool(known),
        "missing": themes_words.missing(state),
        "learnt": themes_words.learnt(state.model) if state.model else [],
        "rows": [themes_words.row(one, found.everything) for one in found.themes],
        "moved": themes_words.moved(found, chosen.stretch),
        "everything": found.everything,
        "other": found.other,
        "other_url": f"{url('feedback_console:theme_other', store.slug)}?{query}",
        "hidden": [one for one in known if one.hidden_at and not one.merged_into_id],
        "words": themes_words,
        "query": query,
    }
    return render(request, "feedback/console/themes.html", context)


def _filters(chosen: Asked) -> dict[str, Any]:
    return {
        "chosen": chosen,
        "stretch": chosen.stretch,
        "lengths": [*results_asked.LENGTHS.items(), (results_asked.CUSTOM, "Other days")],
        "bands": list(BANDS.items()),
        "sounds": list(SOUNDS.items()),
    }


@require_safe
@staff_page("feedback.read")
def theme(request: StaffRequest, theme_id: int) -> HttpResponse:
    """One theme: its comments, and what may be done with it."""
    store, one = request.store, _theme(request, theme_id)
    chosen, known = asked(store, request.GET, clock.now()), queries.themes(store)
    family = queries.family(known, one)
    found = queries.said(store, chosen.choice).filter(theme__in=[each.pk for each in family])
    spoken = queries.overview(store, chosen.choice, [_plain(each) for each in known])
    context = _said(request, chosen, found) | {
        "page_title": one.name,
        "theme": one,
        "parts": family[1:],
        "spoken": next((each for each in spoken.themes if each.theme.pk == one.pk), None),
        "drawn": _drawn(store, chosen, family),
        "targets": [(each.pk, each.name) for each in known if each.pk != one.pk and not each.merged_into_id],
    }
    return render(request, "feedback/console/theme.html", context)


def _drawn(store: Store, chosen: Asked, family: list[Theme]) -> list[dict[str, Any]]:
    step = chosen.stretch.step
    steps = queries.by_step(store, chosen.choice, family, step, clock.zone(store.time_zone))
    return themes_words.points(steps, step)


def _plain(theme: Theme) -> Theme:
    """On its own page a hidden theme is counted, too."""
    theme.hidden_at = None
    return theme


@require_safe
@staff_page("feedback.read")
def other(request: StaffRequest) -> HttpResponse:
    """Comments near no theme."""
    chosen = asked(request.store, request.GET, clock.now())
    found = queries.said(request.store, chosen.choice).filter(theme=None)
    context = _said(request, chosen, found) | {"page_title": "Other comments", "theme": None}
    return render(request, "feedback/console/theme.html", context)


def _said(request: StaffRequest, chosen: Asked, found: StoreQuerySet[Said]) -> dict[str, Any]:
    page = Paginator(found.order_by("-said_at", "-id"), PAGE).get_page(request.GET.get("page"))
    query = urlencode(chosen.params())
    return _filters(chosen) | {
        "page": page,
        "page_query": f"?{query}&page=",
        "quotes": themes_words.quotes(queries.quotes(request.store, page.object_list)),
        "words": themes_words,
        "back_url": f"{url('feedback_console:themes', request.store.slug)}?{query}",
    }


def _theme(request: StaffRequest, theme_id: int) -> Theme:
    found = queries.theme(request.store, theme_id)
    if found is None:
        raise Http404
    return found


@require_POST
@staff_page("feedback.write")
def theme_change(request: StaffRequest, theme_id: int) -> HttpResponse:
    """Names it, hides or shows it, joins it with another or takes it out again."""
    one, said = _theme(request, theme_id), request.POST
    try:
        told = _changed(request, one, said.get("what", ""), said.get("to", "").strip())
    except actions.NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, told)
    return redirect("feedback_console:theme", request.store.slug, one.pk)


def _changed(request: StaffRequest, one: Theme, what: str, to: str) -> str:
    match what:
        case "rename":
            actions.rename(one, to)
            return f"It is called “{one.name}” now." if to else f"Its words name it again: “{one.name}”."
        case "hide":
            actions.hide(one, clock.now())
            return "It is hidden. You find it below the themes."
        case "show":
            actions.show(one)
            return "It is shown again."
        case "separate":
            actions.separate(one)
            return "It stands by itself again."
        case "merge":
            into = queries.theme(request.store, int(to)) if to.isdecimal() else None
            if into is None:
                raise actions.NotPossible("Choose the theme it should be part of.")
            actions.merge(one, into)
            return f"It is part of “{into.name}” now."
    raise Http404


def shown(store: Store, survey: Survey, stretch: Stretch) -> dict[str, Any]:
    """For the page of a survey: its most frequent themes in the time (`_themes.html`)."""
    found = queries.overview(store, Choice(stretch.window, survey_id=survey.pk))
    query = urlencode(stretch.params() | {"where": str(survey.pk)})
    bars = [
        {
            "label": one.theme.name,
            "value": one.tally.n,
            "text": f"{themes_words.comments(one.tally.n)} · {percent(one.tally.unhappy_share)} unhappy",
            "tone": themes_words.tone(one.tally, found.everything),
        }
        for one in found.themes[:SHORT]
    ]
    state = queries.state(store) if not bars else None
    return {
        "themes_bars": bars,
        "themes_top": found.everything.n,
        "themes_moved": themes_words.moved(found, stretch) if bars else "",
        "themes_missing": themes_words.missing(state) if state else None,
        "themes_url": f"{url('feedback_console:themes', store.slug)}?{query}",
    }
