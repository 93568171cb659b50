"""Two periods or two groups of one survey beside each other, with a plain verdict."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import score_words as words
from thereafter.feedback.console import results_asked as asked
from thereafter.feedback.console.results import common
from thereafter.feedback.console.results_asked import Stretch
from thereafter.feedback.console.results_groups import choices
from thereafter.feedback.models import Survey
from thereafter.feedback.queries import figures, groups
from thereafter.kit import clock
from thereafter.kit.comparing import compare
from thereafter.kit.pages import number, render
from thereafter.kit.scores import ENOUGH_FOR_A_TREND, SCALES, Reading, reading

# What each side is when nothing was chosen: now against before.
PERIODS = {"a": "90", "b": "90-before"}


@dataclass(frozen=True)
class Side:
    """One of the two: its time, its group ("" for everybody) and what it says."""

    key: str
    stretch: Stretch
    group: str
    group_name: str
    read: Reading

    @property
    def name(self) -> str:
        return words.joined([self.group_name or "Everybody", self.stretch.name])


@require_safe
@staff_page("feedback.read")
def survey_compare(request: StaffRequest, survey_id: int) -> HttpResponse:
    store, now = request.store, clock.now()
    survey = asked.survey(store, survey_id)
    if survey.kind not in SCALES:
        return redirect("feedback_console:survey_results", store.slug, survey.pk)
    stretch = asked.stretch(store, request.GET, now)
    sides = tuple(_side(request, survey, key, now) for key in PERIODS)
    ours, theirs = sides
    compared = compare(survey.kind, ours.read.counts, theirs.read.counts)
    verdict = words.verdict(compared, survey.kind, _names(ours, theirs))
    is_few = min(side.read.n for side in sides) < ENOUGH_FOR_A_TREND
    if is_few and compared.p is not None:
        verdict |= {"title": "Too few answers for a verdict", "tone": "neutral"}
    everything = figures.given(store, asked.stretch(store, {"period": "all"}, now).window, survey)
    context = common(request, survey, stretch, "compare") | {
        "sides": sides,
        "compared": compared,
        "verdict": verdict,
        "shown": [words.drawn(side.name, side.read) for side in sides if side.read.n],
        "scale": words.scale(survey.kind, [side.read for side in sides]),
        "chance": words.chance(compared.p),
        "rows": _rows(ours.read, theirs.read),
        "is_few": is_few,
        "is_same": (ours.stretch, ours.group) == (theirs.stretch, theirs.group),
        "periods": [*asked.LENGTHS.items(), *asked.BEFORE.items(), (asked.CUSTOM, "Other days")],
        "choices": choices(request, everything),
        "few": words.FEW,
    }
    return render(request, "feedback/console/results_compare.html", context)


def _side(request: StaffRequest, survey: Survey, key: str, now: datetime) -> Side:
    store = request.store
    stretch = asked.stretch(store, request.GET, now, prefix=f"{key}_", default=PERIODS[key])
    given = figures.given(store, stretch.window, survey)
    text = request.GET.get(f"{key}_group", "")
    chosen = asked.group(text)
    if chosen is None:
        return Side(key, stretch, "", "", reading(survey.kind, figures.counts(given)))
    dimension, part = chosen
    products = groups.product_names(store, [part]) if dimension.key == "product" else {}
    name = words.group(dimension.key, part, products)
    within = groups.within(store, given, dimension, part)
    return Side(key, stretch, text, name, reading(survey.kind, figures.counts(within)))


def _names(ours: Side, theirs: Side) -> tuple[str, str]:
    """As short as tells them apart: groups of one time by group, else times."""
    if ours.stretch == theirs.stretch:
        return ours.group_name or "everybody", theirs.group_name or "everybody"
    if ours.group == theirs.group:
        return ours.stretch.name, theirs.stretch.name
    return ours.name, theirs.name


def _rows(ours: Reading, theirs: Reading) -> list[dict[str, Any]]:
    """The three groups of scores of both sides."""
    one, two = (words.bands(read) for read in (ours, theirs))
    rows = [{"label": "Answers", "ours": number(ours.n), "theirs": number(theirs.n)}]
    labels = list(words.BANDS[ours.kind].values())
    for place, label in enumerate(labels):
        ours_text, theirs_text = (bands[place]["text"] if bands else "–" for bands in (one, two))
        rows.append({"label": label, "ours": ours_text, "theirs": theirs_text})
    return rows
