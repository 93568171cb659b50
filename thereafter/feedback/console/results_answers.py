"""Every single answer of a survey: to read, to search, and as a table for a spreadsheet."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import score_words as words
from thereafter.feedback.console import results_asked as asked
from thereafter.feedback.console.results import common
from thereafter.feedback.console.results_asked import Stretch
from thereafter.feedback.models import Answer, Said, Survey
from thereafter.feedback.queries import figures, groups, themes
from thereafter.kit import clock, tables
from thereafter.kit.pages import render
from thereafter.kit.scores import SCALES
from thereafter.stores.models import Store, StoreQuerySet

PAGE = 25
LONGEST_SEARCH = 80
HEAD = ("answered_at", "score", "group", "comment", "order", "customer", "email", "channel", "language", "country",
        "region", "lane", "carrier", "late", "orders_before", "first_order", "categories", "replies",
        "finished_at")  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What of the answers is shown."""

    band: str
    search: str
    group: str
    only_words: bool
    theme: str

    def params(self) -> dict[str, str]:
        given = {"band": self.band, "q": self.search, "group": self.group, "words": "1" if self.only_words else ""}
        given["theme"] = self.theme
        return {name: value for name, value in given.items() if value}


@require_safe
@staff_page("feedback.read")
def survey_answers(request: StaffRequest, survey_id: int) -> HttpResponse:
    store = request.store
    survey = asked.survey(store, survey_id)
    stretch, chosen = asked.stretch(store, request.GET, clock.now()), _filter(request, survey)
    found = _found(store, survey, stretch, chosen).select_related("order", "customer", "survey")
    page = Paginator(found.order_by("-answered_at", "-id"), PAGE).get_page(request.GET.get("page"))
    query = stretch.params() | chosen.params()
    group = asked.group(chosen.group)
    context = common(request, survey, stretch, "answers") | {
        "chosen": chosen,
        "bands": [("", "All scores"), *words.BANDS.get(survey.kind, {}).items()],
        "themes": [("", "All themes"), *_themes(store)],
        "page": page,
        "rows": [words.told(each) | {"facts": _facts(each)} for each in page.object_list],
        "page_query": f"?{urlencode(query)}&page=",
        "csv_query": urlencode(query),
        "group_name": _group_name(store, chosen.group),
        "group_label": group[0].label if group else "",
        "without_group": urlencode({name: value for name, value in query.items() if name != "group"}),
        "is_filtered": bool(chosen.params()),
    }
    return render(request, "feedback/console/results_answers.html", context)


@require_safe
@staff_page("feedback.read")
def survey_answers_csv(request: StaffRequest, survey_id: int) -> HttpResponseBase:
    """The same answers as on the page, all of them, the newest first."""
    store = request.store
    survey = asked.survey(store, survey_id)
    stretch = asked.stretch(store, request.GET, clock.now())
    found = _found(store, survey, stretch, _filter(request, survey)).select_related("order", "customer", "survey")
    lines = tables.written(_lines(found.order_by("-answered_at", "-id")))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{store.slug}-{survey.key}-answers.csv"'
    return answer


def _filter(request: StaffRequest, survey: Survey) -> Filter:
    given = request.GET
    band = given.get("band", "")
    group = given.get("group", "")
    return Filter(
        band=band if band in words.BANDS.get(survey.kind, {}) else "",
        search=given.get("q", "").strip().replace("\0", "")[:LONGEST_SEARCH],
        group=group if asked.group(group) else "",
        only_words=given.get("words") == "1",
        theme=theme if (theme := given.get("theme", "")).isdecimal() else "",
    )


def _found(store: Store, survey: Survey, stretch: Stretch, chosen: Filter) -> StoreQuerySet[Answer]:
    found = figures.given(store, stretch.window, survey)
    if chosen.band:
        scale = SCALES[survey.kind]
        between = {
            "high": (scale.satisfied, scale.high),
            "middle": (scale.unhappy + 1, scale.satisfied - 1),
            "low": (scale.low, scale.unhappy),
        }
        found = found.filter(score__range=between[chosen.band])
    if chosen.only_words:
        found = found.exclude(comment="")
    if chosen.search:
        named = Q(order__number__iexact=chosen.search.removeprefix("#")) | Q(order__number__iexact=chosen.search)
        found = found.filter(Q(comment__icontains=chosen.search) | named)
    if chosen.theme:
        found = found.filter(pk__in=_about(store, int(chosen.theme)))
    group = asked.group(chosen.group)
    return groups.within(store, found, *group) if group else found


def _about(store: Store, theme_id: int) -> Any:
    """The answers that speak of a theme or of one that was merged into it."""
    said = Said.objects.of(store).filter(Q(theme=theme_id) | Q(theme__merged_into=theme_id), room="answer")
    return said.values("row")


def _themes(store: Store) -> list[tuple[str, str]]:
    known = themes.themes(store)
    return [(str(one.pk), one.name) for one in known if not one.hidden_at and not one.merged_into_id]


def _group_name(store: Store, text: str) -> str:
    chosen = asked.group(text)
    if chosen is None:
        return ""
    dimension, part = chosen
    products = groups.product_names(store, [part]) if dimension.key == "product" else {}
    return words.group(dimension.key, part, products)


def _facts(answer: Answer) -> str:
    """What was known when it was given, in a line."""
    facts = answer.facts
    parts = [
        words.group(key, str(facts[name]), {})
        for key, name in (("carrier", "carrier"), ("region", "region"))
        if name in facts
    ]
    late = {True: "late", False: "on time"}.get(facts.get("late"), "")
    return words.joined([*parts, late, words.group("channel", _channel(answer), {})])


def _lines(answers: Any) -> Iterator[list[object]]:
    yield list(HEAD)
    for answer in answers.iterator(chunk_size=2000):
        yield [tables.harmless(value) for value in _line(answer)]


def _line(answer: Answer) -> list[object]:
    facts, person = answer.facts, answer.customer
    return [
        answer.answered_at.isoformat(),
        "" if answer.score is None else answer.score,
        answer.band,
        answer.comment,
        answer.order.number if answer.order else "",
        person.name if person else "",
        person.email if person else "",
        _channel(answer),
        answer.language or facts.get("language", ""),
        *(facts.get(name, "") for name in ("country", "region", "lane", "carrier")),
        {True: "late", False: "on time"}.get(facts.get("late"), ""),
        facts.get("orders_before", ""),
        facts.get("first_order", ""),
        ", ".join(facts.get("categories", [])),
        json.dumps(answer.replies, ensure_ascii=False) if answer.replies else "",
        answer.finished_at.isoformat() if answer.finished_at else "",
    ]


def _channel(answer: Answer) -> str:
    return str(answer.facts.get("channel") or answer.via)
