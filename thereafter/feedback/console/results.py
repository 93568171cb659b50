"""What surveys say: all of them side by side, and one in depth."""

from typing import Any

from django.http import HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.console.tiles import Tile
from thereafter.feedback import score_words as words
from thereafter.feedback.console import results_asked as asked
from thereafter.feedback.console import results_trend, themes
from thereafter.feedback.console.results_asked import Stretch
from thereafter.feedback.models import Survey
from thereafter.feedback.queries import figures, groups
from thereafter.feedback.queries.figures import Reach
from thereafter.feedback.queries.surveys import title_of
from thereafter.feedback.rules.answers import band
from thereafter.kit import clock
from thereafter.kit.comparing import compare
from thereafter.kit.pages import number, percent, render, url
from thereafter.kit.scores import SCALES, Reading, answers_for_nps, answers_for_share, ces, csat, reading
from thereafter.stores.models import Store

COMMENTS = 5
NARROW = 5
WIDE = 10


@require_safe
@staff_page("feedback.read")
def results(request: StaffRequest) -> HttpResponse:
    """All surveys, in a fixed number of queries."""
    store, now = request.store, clock.now()
    stretch = asked.stretch(store, request.GET, now)
    found = figures.counts_by_survey(store, stretch.window)
    before = figures.counts_by_survey(store, stretch.window.before)
    reach = figures.reach(store, stretch.window)
    given = figures.given(store, stretch.window)
    steps = figures.counts_by_step(given, stretch.step, clock.zone(store.time_zone))
    surveys = [
        one for one in figures.surveys(store) if one.archived_at is None or reach[one.pk].answers or reach[one.pk].asked
    ]
    context = {
        "page_title": "Feedback results",
        "stretch": stretch,
        "lengths": [*asked.LENGTHS.items(), (asked.CUSTOM, "Other days")],
        "surveys": [
            _summary(store, survey, stretch, (found[survey.pk], before[survey.pk]), reach[survey.pk])
            | {"spark": _spark(survey, steps[survey.pk])}
            for survey in surveys
        ],
        "few": words.FEW,
        "nobody": not any(reach[survey.pk].answers for survey in surveys),
    }
    return render(request, "feedback/console/results.html", context)


def _summary(
    store: Store, survey: Survey, stretch: Stretch, counts: tuple[figures.Counts, figures.Counts], reach: Reach
) -> dict[str, Any]:
    address = f"{url('feedback_console:survey_results', store.slug, survey.pk)}?{urlencode(stretch.params())}"
    summary = {"survey": survey, "name": title_of(survey), "kind": words.KINDS[survey.kind], "url": address}
    summary |= {"reach": reach, "response": _response(reach), "unit": words.UNITS.get(survey.kind, "")}
    if survey.kind not in SCALES:
        return summary | {"read": None}
    now, before = (reading(survey.kind, each) for each in counts)
    moved, good = words.change(compare(survey.kind, now.counts, before.counts), survey.kind, now, before)
    return summary | {
        "read": now,
        "value": words.value(survey.kind, now.value),
        "likely": words.likely(now),
        "answers": words.answers(now.n),
        "drawn": words.drawn(title_of(survey), now),
        "scale": words.scale(survey.kind, ()),
        "change": moved,
        "good": good,
    }


def _spark(survey: Survey, steps: Any) -> list[float]:
    """Scores of weeks or months with enough answers; a line needs three of them."""
    if survey.kind not in SCALES:
        return []
    readings = [reading(survey.kind, counts) for counts in steps.values()]
    points = [read.value for read in readings if read.is_enough and read.value is not None]
    return points if len(points) > 2 else []  # noqa: PLR2004  two points are only a difference


def _response(reach: Reach) -> str:
    if not reach.asked:
        return "nobody was asked by us"
    return f"{percent(reach.response)} of {number(reach.reached)} reached answered"


@require_safe
@staff_page("feedback.read")
def survey_results(request: StaffRequest, survey_id: int) -> HttpResponse:
    """One survey: its score, how sure that is, and what it is made of."""
    store, now = request.store, clock.now()
    survey = asked.survey(store, survey_id)
    stretch = asked.stretch(store, request.GET, now)
    given = figures.given(store, stretch.window, survey)
    reach = figures.reach(store, stretch.window, survey)[survey.pk]
    context = common(request, survey, stretch, "summary") | {
        "reach": reach,
        "tiles": _tiles(reach),
        "comments": [words.told(each) for each in _newest(given)],
        "words": words,
        "window": stretch.window,
        **themes.shown(store, survey, stretch),
    }
    if survey.kind in SCALES:
        context |= _scored(store, survey, stretch, figures.counts(given))
    return render(request, "feedback/console/results_survey.html", context)


def common(request: StaffRequest, survey: Survey, stretch: Stretch, tab: str) -> dict[str, Any]:
    """What all pages of a survey's results share: head, period and tabs."""
    store, query = request.store, urlencode(stretch.params())
    tabs = [
        ("summary", "Summary", "survey_results"),
        ("groups", "By group", "survey_groups"),
        ("compare", "Compare", "survey_compare"),
        ("answers", "Answers", "survey_answers"),
    ]
    return {
        "page_title": f"{title_of(survey)}: results",
        "survey": survey,
        "survey_name": title_of(survey),
        "kind_name": words.KINDS[survey.kind],
        "question": words.question(survey),
        "is_scored": survey.kind in SCALES,
        "stretch": stretch,
        "lengths": [*asked.LENGTHS.items(), (asked.CUSTOM, "Other days")],
        "query": query,
        "overview_url": f"{url('feedback_console:results', store.slug)}?{query}",
        "tabs": [
            {
                "label": label,
                "url": f"{url(f'feedback_console:{page}', store.slug, survey.pk)}?{query}",
                "current": key == tab,
            }
            for key, label, page in tabs
            if survey.kind in SCALES or key in ("summary", "answers")
        ],
    }


def _newest(given: Any) -> Any:
    with_words = given.exclude(comment="").select_related("order", "customer", "survey")
    return with_words.order_by("-answered_at", "-id")[:COMMENTS]


def _scored(store: Store, survey: Survey, stretch: Stretch, counts: figures.Counts) -> dict[str, Any]:
    kind, before = survey.kind, stretch.window.before
    now = reading(kind, counts)
    past = reading(kind, figures.counts(figures.given(store, before, survey)) if before else {})
    given = figures.given(store, stretch.window, survey)
    by_lateness = groups.counts_by(store, given, groups.DIMENSIONS["late"])
    arrived = [(part, reading(kind, by_lateness[part])) for part in ("on_time", "late") if part in by_lateness]
    shown = [("This period", now), *([("The same length before", past)] if past.n else [])]
    return {
        "read": now,
        "score": _score_tile(survey, now, past),
        "in_short": _in_short(survey, now, past) if now.n else [],
        "shown": [words.drawn(label, read) for label, read in shown if read.n],
        "scale": words.scale(kind, [now, *([past] if past.n else [])]),
        "bands": words.bands(now),
        "distribution": words.distribution(now),
        "more_tiles": _more_tiles(now) if now.n else [],
        "trend": _trend(store, survey, stretch, given),
        "lateness": [words.drawn(words.group("late", part, {}), read) for part, read in arrived],
        "lateness_scale": words.scale(kind, [read for _, read in arrived]),
        "lateness_said": _lateness(kind, dict(arrived)),
        "few": words.FEW,
    }


def _trend(store: Store, survey: Survey, stretch: Stretch, given: Any) -> dict[str, Any] | None:
    """By week where that gives a line, else by month."""
    for step in dict.fromkeys((stretch.step, "month")):
        steps = figures.counts_by_step(given, step, clock.zone(store.time_zone))[survey.pk]
        if line := results_trend.drawn(survey.kind, steps, step):
            return line
    return None


def _more_tiles(now: Reading) -> list[Tile]:
    """What else is read from the same answers: the mean of satisfaction; agreement and index of effort."""
    if now.kind == "csat":
        return [Tile("Mean", f"{csat(now.counts).mean:.2f}", hint="of 5")]
    if now.kind == "nps":
        return []
    found = ces(now.counts)
    agreed = f"likely {percent(found.share_low)} to {percent(found.share_high)}"
    index = number(round(found.index or 0.0) + 0).replace("-", "−")
    return [
        Tile("Found it easy (5 to 7)", percent(found.share), hint=agreed),
        Tile("Index", index, hint="per cent of 6 and 7 less per cent of 1 to 3"),
    ]


def _score_tile(survey: Survey, now: Reading, past: Reading) -> Tile:
    label = {"nps": "NPS", "csat": "Satisfied (4 or 5)", "ces": "Effort score"}[survey.kind]
    moved, good = words.change(compare(survey.kind, now.counts, past.counts), survey.kind, now, past)
    hint = words.joined([words.likely(now), words.answers(now.n)]) if now.n else "no answers yet"
    return Tile(label, words.value(survey.kind, now.value), moved, good, hint)


def _in_short(survey: Survey, now: Reading, past: Reading) -> list[str]:
    score, low, high = (words.value(survey.kind, each) for each in (now.value, now.low, now.high))
    lines = [f"{score} from {words.answers(now.n)}; in 95 of 100 cases the true score lies between {low} and {high}."]
    if past.n:
        compared = compare(survey.kind, now.counts, past.counts)
        was = f"It was {words.value(survey.kind, past.value)} in the same length of time before"
        lines.append(f"{was}: {compared.verdict}.")
    return [*lines, *_needed(survey.kind, now)]


def _needed(kind: str, now: Reading) -> list[str]:
    """How many answers a narrower interval would take."""
    for margin in (WIDE, NARROW):
        if (needed := _answers_for(kind, now, margin)) > now.n:
            return [f"About {number(needed)} answers would tell it to ±{margin} points."]
    return []


def _answers_for(kind: str, now: Reading, margin: float) -> int:
    shares = {key: sum(n for score, n in now.counts.items() if band(kind, score) == key) for key in ("high", "low")}
    if kind == "nps":
        return answers_for_nps(margin, promoters=shares["high"] / now.n, detractors=shares["low"] / now.n)
    return answers_for_share(margin, share=shares["high"] / now.n) if kind == "csat" else 0


def _lateness(kind: str, arrived: dict[str, Reading]) -> str:
    if len(arrived) < 2:  # noqa: PLR2004  late and on time
        return ""
    compared = compare(kind, arrived["late"].counts, arrived["on_time"].counts)
    if compared.difference is None or not all(read.is_enough for read in arrived.values()):
        return ""
    return f"Late orders: {words.difference(kind, compared.difference)}, {compared.verdict}."


def _tiles(reach: Reach) -> list[Tile]:
    tiles = [
        Tile(
            "Response",
            percent(reach.response),
            hint=f"{number(reach.answered)} of {number(reach.reached)} reached"
            if reach.asked
            else "nobody was asked by us",
        )
    ]
    if reach.asked > reach.reached:
        tiles.append(Tile("Not reached", number(reach.asked - reach.reached), hint="message not sent, or it came back"))
    if reach.longer:
        finished = f"{number(reach.finished)} of {number(reach.longer)} came to the end"
        tiles.append(Tile("Finished", percent(reach.completion), hint=finished))
    share = percent(reach.not_counted / reach.opened) if reach.opened else "–"
    opened = f"{number(reach.not_counted)} of {number(reach.opened)} opened: mail scanners, or no one confirmed"
    return [*tiles, Tile("Opened, not counted", share, hint=opened if reach.opened else "no link was opened")]
