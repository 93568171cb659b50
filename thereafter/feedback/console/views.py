from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import queries
from thereafter.feedback.rules import Csat
from thereafter.kit import clock
from thereafter.kit.pages import number, percent, render

PAGE = 25
PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months", "all": "All time"}
WORDS = {5: "Great", 4: "Good", 3: "Okay", 2: "Bad", 1: "Very bad"}
TONES = {5: "good", 4: "good", 3: "neutral", 2: "bad", 1: "bad"}


@staff_page("feedback.read")
def results(request: StaffRequest) -> HttpResponse:
    period = request.GET.get("period", "90")
    period = period if period in PERIODS else "90"
    now = clock.now()
    since = None if period == "all" else now - timedelta(days=int(period))
    found = queries.results(request.store, since, now)
    comments = queries.comments(request.store, since, now)
    context = {
        "page_title": "Satisfaction",
        "periods": list(PERIODS.items()),
        "period": period,
        "results": found,
        "in_words": _in_words,
        "bars": _bars(found),
        "lateness": [_bar("On time", found.on_time), _bar("Late", found.late)],
        "page": Paginator(comments, PAGE).get_page(request.GET.get("page")),
        "query": f"?period={period}&page=",
        "words": WORDS,
        "tones": TONES,
    }
    return render(request, "feedback/console/results.html", context)


def _in_words(score: Csat) -> str:
    """The interval and what it rests on."""
    if score.low is None:
        return "no answers yet"
    return f"between {percent(score.low)} and {percent(score.high)}, {number(score.n)} answers"


def _bars(found: queries.Results) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{WORDS[score]} ({score})",
            "value": times,
            "text": f"{number(times)} · {percent(times / found.score.n)}",
            "tone": TONES[score],
        }
        for score, times in found.counts.items()
        if found.score.n
    ]


def _bar(label: str, score: Csat) -> dict[str, Any]:
    mean = f" · mean {number(score.mean, 2)}" if score.mean else ""
    return {"label": label, "value": score.share or 0, "text": percent(score.share) + mean, "note": _in_words(score)}
