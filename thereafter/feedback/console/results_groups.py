"""A survey's score by carrier, product, lane and so on: each group with its interval, and against all others."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import score_words as words
from thereafter.feedback.console import results_asked as asked
from thereafter.feedback.console.results import common
from thereafter.feedback.queries import figures, groups
from thereafter.feedback.queries.figures import Counts
from thereafter.feedback.queries.groups import DIMENSIONS, UNKNOWN, Dimension
from thereafter.kit import clock
from thereafter.kit.comparing import LEVEL, compare
from thereafter.kit.pages import number, percent, render, url
from thereafter.kit.scores import ENOUGH_FOR_A_TREND, SCALES, Reading, reading

MOST = 40
BY_NAME = {"cohort"}


@require_safe
@staff_page("feedback.read")
def survey_groups(request: StaffRequest, survey_id: int) -> HttpResponse:
    store = request.store
    survey = asked.survey(store, survey_id)
    if survey.kind not in SCALES:
        return redirect("feedback_console:survey_results", store.slug, survey.pk)
    stretch = asked.stretch(store, request.GET, clock.now())
    dimension = DIMENSIONS.get(request.GET.get("by", ""), DIMENSIONS["late"])
    given = figures.given(store, stretch.window, survey)
    found = groups.counts_by(store, given, dimension)
    together = figures.counts(given)
    total = sum(together.values())
    listed = _listed(found, survey.kind, dimension)
    products = groups.product_names(store, [part for part, _ in listed]) if dimension.key == "product" else {}
    against = _against_the_rest(survey.kind, found, together)
    names = {part: words.group(dimension.key, part, products) for part, _ in listed}
    answers_url = url("feedback_console:survey_answers", store.slug, survey.pk)
    addresses = {
        part: f"{answers_url}?{urlencode(stretch.params() | {'group': f'{dimension.key}:{part}'})}" for part in names
    }
    known = [(part, read) for part, read in listed if part != UNKNOWN]
    context = common(request, survey, stretch, "groups") | {
        "dimension": dimension,
        "dimensions": [(key, each.label) for key, each in DIMENSIONS.items()],
        "rows": [
            _row(read, total)
            | {"label": names[part], "rest": against.get(part, ("", "neutral")), "url": addresses[part]}
            for part, read in listed
        ],
        "left_out": len(found) - len(listed),
        "shown": [words.drawn(names[part], read) for part, read in known],
        "scale": words.scale(survey.kind, [read for _, read in known]),
        "some_few": any(not read.is_enough for _, read in listed),
        "few": words.FEW,
        "enough": ENOUGH_FOR_A_TREND,
        "total": words.answers(total),
    }
    return render(request, "feedback/console/results_groups.html", context)


def _row(read: Reading, total: int) -> dict[str, Any]:
    return {
        "n": number(read.n),
        "share": percent(read.n / total),
        "value": words.value(read.kind, read.value),
        "likely": words.likely(read),
        "few": not read.is_enough,
    }


def _listed(found: Mapping[str, Counts], kind: str, dimension: Dimension) -> list[tuple[str, Reading]]:
    """The largest groups; what is not known last; months in their order."""
    largest = sorted(found, key=lambda part: (part == UNKNOWN, -sum(found[part].values()), part))[:MOST]
    if dimension.key in BY_NAME:
        largest = sorted(largest, key=lambda part: (part == UNKNOWN, part))
    return [(part, reading(kind, found[part])) for part in largest]


def _against_the_rest(kind: str, found: Mapping[str, Counts], together: Counts) -> dict[str, tuple[str, str]]:
    """A badge for each group that differs from all other answers. The more groups are looked at, the surer it must be
    (Bonferroni), or one of twenty carriers would stand out by chance."""
    rest = {part: Counts(together - counts) for part, counts in found.items() if part != UNKNOWN}
    compared = {
        part: compare(kind, found[part], others)
        for part, others in rest.items()
        if min(sum(found[part].values()), sum(others.values())) >= ENOUGH_FOR_A_TREND
    }
    told: dict[str, tuple[str, str]] = {}
    for part, one in compared.items():
        if one.p is not None and one.difference is not None and one.p < LEVEL / len(compared):
            told[part] = ("Better than the rest", "good") if one.difference > 0 else ("Worse than the rest", "bad")
        else:
            told[part] = ("As the rest", "neutral")
    return told


def choices(request: StaffRequest, given: Any, most: int = 12) -> list[dict[str, Any]]:
    """Groups to choose from, by dimension, the largest first."""
    store = request.store
    found = {key: [part for part, _ in groups.values_of(store, given, each, most)] for key, each in DIMENSIONS.items()}
    products = groups.product_names(store, found["product"])
    return [
        {
            "label": DIMENSIONS[key].label,
            "options": [(f"{key}:{part}", words.group(key, part, products)) for part in parts],
        }
        for key, parts in found.items()
        if parts
    ]
