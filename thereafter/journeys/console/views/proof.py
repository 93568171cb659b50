"""What journeys earned, against those who were held out."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys import attribution, proving, splitting, words
from thereafter.journeys.console import proof_words
from thereafter.journeys.console.desk import Desk
from thereafter.journeys.models import Journey
from thereafter.journeys.proving import Result
from thereafter.journeys.rules import goals
from thereafter.journeys.rules.proof import NO_HOLDOUT, Interval, Proof
from thereafter.kit import clock
from thereafter.kit.pages import humanise, number, percent, render, short_day

MOST_JOURNEYS = 40


@require_safe
@staff_page("journeys.read")
def totals(request: StaffRequest) -> HttpResponse:
    """Every journey in a line, and what all marketing together earned against the control group."""
    now, store = clock.now(), request.store
    published = (
        Journey.objects.of(store).filter(version__isnull=False, archived_at=None).select_related("version", "store")
    )
    rows = [
        (journey, proving.of_journey(journey, now)) for journey in published.order_by("-live", "id")[:MOST_JOURNEYS]
    ]
    control = proving.of_control_group(store, now)
    context = {
        "page_title": "Proof",
        "rows": [_line(journey, result) for journey, result in rows],
        "control": _told(control, store.currency, held="in the control group") if control else None,
        "days": proving.CONTROL_WINDOW.days,
    }
    return render(request, "journeys/console/proofs.html", context)


def _line(journey: Journey, result: Result) -> dict[str, Any]:
    text, tone = proof_words.badge(result)
    main, currency = result.main, journey.store.currency
    return {
        "journey": journey,
        "badge": (text, tone),
        "treated": proof_words.share(main.treated) if main.treated.people else "–",
        "held": proof_words.share(main.held) if main.held.people else "–",
        "earned": proof_words.money(main.earned.value, currency) if main.earned and main.earned.side else "–",
    }


@require_safe
@staff_page("journeys.read")
def journey(request: StaffRequest, key: str) -> HttpResponse:
    rows = Journey.objects.of(request.store).select_related("version", "store")
    chosen, now = get_object_or_404(rows, key=key), clock.now()
    result = proving.of_journey(chosen, now)
    document = chosen.version.document if chosen.version else {}
    context = {
        "page_title": f"Proof: {chosen.name}",
        "journey": chosen,
        "desk": Desk(request.store, chosen),
        "told": _told(result, request.store.currency, goal=_goal(document)),
        "no_holdout": result.main.verdict == NO_HOLDOUT,
        "splits": _splits(chosen),
        "attributed": attribution.last_touch(chosen, now - proving.LOOK_BACK, goals.window(document)),
        "days": result.days,
    }
    return render(request, "journeys/console/proof.html", context)


def _goal(document: Mapping[str, Any]) -> str:
    event = str((document.get("goal") or {}).get("event") or goals.DEFAULT)
    return "" if event == goals.DEFAULT else event


def _told(result: Result, currency: str, *, goal: str = "", held: str = "who were held out") -> dict[str, Any]:
    """All that the page says of a comparison."""
    main, did = result.main, proof_words.did_in_words(goal)
    return {
        "badge": proof_words.badge(result),
        "lines": [
            line
            for line in (
                proof_words.sentence(main, result.days, did, held),
                proof_words.verdict(main),
                proof_words.earned(result.orders, currency),
            )
            if line
        ],
        "rows": _rows(result, currency, goal),
        "rates": _rates(result),
        "band": _band(result),
        "still_open": result.still_open,
        "since": result.since,
    }


def _rows(result: Result, currency: str, goal: str) -> list[dict[str, str]]:
    """What is compared, line by line."""
    orders = result.orders
    rows = [_row("People", number(orders.treated.people), number(orders.held.people))]
    if result.goal:
        rows.append(_rates_row(f"Reached the goal ({words.event_in_words(goal)})", result.goal))
    treated, held = (proof_words.money_each(arm.mean, currency) for arm in (orders.treated, orders.held))
    gap = _between(orders.money, lambda value: proof_words.money_each(value, currency))
    return [*rows, _rates_row("Bought again", orders), _row("Sales per person", treated, held, gap)]


def _row(label: str, treated: str, held: str, gap: str = "") -> dict[str, str]:
    return {"label": label, "treated": treated, "held": held, "gap": gap}


def _rates_row(label: str, proved: Proof) -> dict[str, str]:
    gap = _between(proved.rate, lambda value: f"{proof_words.points(value)} pp")
    return _row(label, proof_words.share(proved.treated), proof_words.share(proved.held), gap)


def _between(gap: Interval | None, said: Callable[[float], str]) -> str:
    return f"{said(gap.value)} ({said(gap.low)} to {said(gap.high)})" if gap else ""


def _rates(result: Result) -> list[dict[str, Any]]:
    """Both rates as they were known day by day."""
    return [
        {
            "label": short_day(point.on),
            "value": point.proof.treated.rate,
            "second": point.proof.held.rate,
            "text": percent(point.proof.treated.rate, 1),
        }
        for point in result.course
        if point.proof.held.people
    ]


def _band(result: Result) -> dict[str, Any] | None:
    """The interval of the difference, narrowing with time, as the corners of a drawing 100 wide and high."""
    known = [(point.on, point.proof.rate) for point in result.course if point.proof.rate]
    if len(known) < 2:  # noqa: PLR2004 one point is no line
        return None
    top = max(0.01, *(max(abs(rate.low), abs(rate.high)) for _, rate in known))
    xs = [100 * place / (len(known) - 1) for place in range(len(known))]

    def line(values: Iterable[float]) -> list[str]:
        return [f"{x:.2f},{50 - 50 * value / top:.2f}" for x, value in zip(xs, values, strict=True)]

    last = known[-1][1]
    highs, lows = line(rate.high for _, rate in known), line(rate.low for _, rate in known)
    return {
        "area": " ".join([*highs, *reversed(lows)]),
        "line": " ".join(line(rate.value for _, rate in known)),
        "top": f"{proof_words.points(top)} pp",
        "bottom": f"{proof_words.points(-top)} pp",
        "first": short_day(known[0][0]),
        "last": short_day(known[-1][0]),
        "said": f"At last between {proof_words.points(last.low)} and {proof_words.points(last.high)} percentage points",
    }


def _splits(chosen: Journey) -> list[dict[str, Any]]:
    if chosen.version is None:
        return []
    return [
        {
            "title": words.step_in_words(step),
            "by": "readers who clicked" if split.by == splitting.CLICK else "people who reached the goal",
            "rule": step.get("winner"),
            "ways": [
                {
                    "name": humanise(way.name),
                    "people": number(way.people),
                    "rate": percent(way.rate, 1) if way.people else "–",
                    "chance": percent(split.chances[way.name]) if way.people else "–",
                    "won": way.name == split.winner,
                }
                for way in split.ways
            ],
            "winner": humanise(split.winner),
        }
        for split in splitting.of_version(chosen.version)
        for step in chosen.version.document["steps"]
        if step["id"] == split.step
    ]
