"""How we moderate: what is hidden by stars, why, how long things take, what became of objections; and the log."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.console import reviews_words as words
from thereafter.feedback.models import Decision
from thereafter.feedback.queries import moderation_report as queries
from thereafter.feedback.rules.hide_rates import Group, HideRates
from thereafter.kit import clock, tables
from thereafter.kit.pages import number, percent, render
from thereafter.kit.shares import Spread

PERIODS = [("90", "Last 90 days"), ("365", "Last 12 months"), ("all", "All time")]
HEAD = (
    "decided_at",
    "about",
    "product",
    "decision",
    "state",
    "reason",
    "stars",
    "by",
    "second_person",
    "second_at",
    "note",
    "objection",
    "objection_outcome",
    "objection_decided_by",
)


@require_safe
@staff_page("feedback.read")
def report(request: StaffRequest) -> HttpResponse:
    period, since = _period(request)
    told = queries.report(request.store, since, clock.now())
    context = {
        "page_title": "How we moderate",
        "told": told,
        "bars": _bars(told.rates),
        "warning": _warning(told.rates),
        "reasons": _reasons(told),
        "few_hours": _hours(told.hours.few),
        "many_hours": _hours(told.hours.many),
        "decided": told.appeals.get("upheld", 0) + told.appeals.get("rejected", 0),
        "period": period,
        "periods": PERIODS,
    }
    return render(request, "feedback/console/reviews_report.html", context)


def _period(request: StaffRequest) -> tuple[str, datetime | None]:
    period = request.GET.get("period", "365")
    period = period if period in dict(PERIODS) else "365"
    return period, None if period == "all" else clock.now() - timedelta(days=int(period))


def _bars(rates: HideRates) -> list[dict[str, Any]]:
    return [
        {
            "label": words.stars(stars),
            "value": group.share.value if group.share else 0,
            "text": f"{number(group.hidden)} of {number(group.came)}{_share(group)}",
            "tone": "warn" if group.hidden else "neutral",
        }
        for stars, group in rates.by_stars.items()
    ]


def _share(group: Group) -> str:
    return f" · {percent(group.share.value, 1)}" if group.share else ""


def _warning(rates: HideRates) -> str:
    if not rates.warns:
        return ""
    chance = "less than 1 in 1,000" if (rates.p or 0) < 0.001 else f"{percent(rates.p or 0, 1)}"  # noqa: PLR2004 as one says it
    return (
        f"Of one to three stars {number(rates.few.hidden)} of {number(rates.few.came)} are hidden, of four and five "
        f"{number(rates.many.hidden)} of {number(rates.many.came)}. Chance alone gives that with a probability of "
        f"{chance} (Fisher's exact test). If stars had a part in it, that is unlawful (16 CFR 465.7). Look through "
        "what is hidden, and show again what has no other reason."
    )


def _reasons(told: queries.HowWeModerate) -> list[dict[str, Any]]:
    return [
        {"label": words.reason(code), "value": times, "text": f"{number(times)} · {percent(times / told.hidden)}"}
        for code, times in told.reasons
    ]


def _hours(spread: Spread | None) -> str:
    """Half of them by, and nine of ten by."""
    if spread is None:
        return "–"
    return f"{_long(spread.median)}, nine of ten within {_long(spread.p90)}"


def _long(hours: float) -> str:
    day, minutes = 48, round(hours * 60)
    if hours >= day:
        return f"{number(hours / 24, 1)} days"
    if minutes < 90:  # noqa: PLR2004 as one says it
        return f"{number(minutes)} min"
    return f"{number(hours, 1)} h"


@require_safe
@staff_page("feedback.read")
def log(request: StaffRequest) -> StreamingHttpResponse:
    """Every decision of the period as a table, for whoever asks how we do it."""
    _period_name, since = _period(request)
    rows = queries.log(request.store, since, clock.now())
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{request.store.slug}-moderation.csv"'
    return answer


def _lines(rows: Iterator[Decision]) -> Iterator[str]:
    table = ([tables.harmless(one) for one in _cells(decision)] for decision in rows)
    return tables.written(chain([HEAD], table))


def _cells(decision: Decision) -> list[object]:
    appeal = getattr(decision, "appeal", None)
    about, product = _about(decision)
    return [
        _moment(decision.at),
        about,
        product,
        Decision.What(decision.what).label,
        Decision.State(decision.state).label,
        words.reason(decision.reason) if decision.reason else "",
        decision.rating or "",
        str(decision.by or "A rule"),
        str(decision.second or ""),
        _moment(decision.second_at),
        decision.note,
        _moment(appeal.made_at) if appeal else "",
        {"": "open", "upheld": "upheld", "rejected": "rejected"}[appeal.outcome] if appeal else "",
        str(appeal.decided_by or "") if appeal else "",
    ]


def _about(decision: Decision) -> tuple[str, str]:
    if decision.review:
        return ("photo" if decision.photo else "review"), decision.review.product.title
    if decision.answer:
        return "answer", decision.answer.question.product.title
    return "question", decision.question.product.title if decision.question else ""


def _moment(at: datetime | None) -> str:
    return localtime(at).isoformat(timespec="seconds") if at else ""
