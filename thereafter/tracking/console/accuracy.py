"""How good the promised dates were, in plain sentences, by carrier and lane, and over time."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, territory
from thereafter.kit.tables import harmless
from thereafter.stores.models import Store
from thereafter.tracking import accuracy_report, forecasting
from thereafter.tracking.accuracy_report import Told, accuracy, grouped
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules.forecast.accuracy import Accuracy

LENGTHS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 365 days"}
DEFAULT = "90"
# Fewer parcels than these give counts, not shares; more lines than these are nobody's help.
ENOUGH, MOST_ROWS, WEEKLY = 20, 12, 120
MODELS = {"lane": "Lane tables", "lightgbm": "LightGBM"}


@require_safe
@staff_page("tracking.read")
def report(request: StaffRequest) -> HttpResponse:
    length = _length(request)
    rows = _rows(request.store, length)
    context: dict[str, Any] = {
        "lengths": LENGTHS.items(),
        "length": length,
        "rows": rows,
        "enough": ENOUGH,
        "models": _models(request.store),
    }
    if rows:
        promised, last = accuracy(rows), accuracy(rows, last=True)
        context |= {
            "tiles": _tiles(promised, last),
            "sentences": _sentences(promised, last),
            "groups": [
                ("Carrier", [_line(carrier_name(key) or "Not told", part) for key, part in _of(rows, "carrier")]),
                ("Destination", [_line(_place(key), part) for key, part in _of(rows, "destination")]),
            ],
            "drawn": _drawn(rows, length),
        }
    return render(request, "tracking/console/accuracy.html", context)


def _length(request: StaffRequest) -> str:
    length = request.GET.get("days", DEFAULT)
    return length if length in LENGTHS else DEFAULT


def _rows(store: Store, length: str) -> list[Told]:
    today = clock.day_in(clock.now(), store.time_zone)
    return accuracy_report.told(store, today - timedelta(days=int(length)), today)


def _of(rows: Sequence[Told], field: str) -> list[tuple[str, list[Told]]]:
    return list(grouped(rows, lambda row: str(getattr(row, field))).items())[:MOST_ROWS]


def _place(destination: str) -> str:
    country, _, region = destination.partition("-")
    return " · ".join(part for part in (territory(country) if country else "Not told", region) if part)


def _tiles(promised: Accuracy, last: Accuracy) -> list[dict[str, str]]:
    return [
        {"label": "On time", "value": _percent(promised.on_time), "hint": "by the promised day"},
        {
            "label": "In the range",
            "value": _percent(promised.coverage),
            "hint": f"{_percent(last.coverage)} of the last shown",
        },
        {
            "label": "Off by",
            "value": f"{_number(promised.mae_days)} days",
            "hint": f"{_number(last.mae_days)} by the last shown",
        },
        {"label": "Promised in", "value": f"{_number(promised.promised_days)} days", "hint": "on average"},
        {"label": "Early", "value": _percent(promised.early), "hint": "more than a day before"},
    ]


def _sentences(promised: Accuracy, last: Accuracy) -> list[str]:
    """What the figures say, as one would tell it."""
    on_time, early = round(100 * (promised.on_time or 0)), round(100 * (promised.early or 0))
    told = [
        f"{on_time} of 100 parcels came by the day we promised; {early} came more than a day before it.",
        f"{round(100 * (promised.coverage or 0))} of 100 came within the range shown when ordering, "
        f"{round(100 * (last.coverage or 0))} within the one last shown before they came.",
    ]
    if (promised.early or 0) > 0.5:  # noqa: PLR2004  more often than not
        told.append("Most promises are too careful: an earlier day would sell better and still hold.")
    return told


def _line(name: str, rows: Sequence[Told]) -> dict[str, Any]:
    if len(rows) < ENOUGH:
        in_time = sum(row.delivered_on <= row.promised_on for row in rows)
        return {"name": name, "parcels": len(rows), "few": f"{in_time} of {len(rows)} on time"}
    one, last = accuracy(rows), accuracy(rows, last=True)
    return {
        "name": name,
        "parcels": len(rows),
        "few": "",
        "on_time": _percent(one.on_time),
        "early": _percent(one.early),
        "coverage": _percent(one.coverage),
        "mae": _number(one.mae_days),
        "last_mae": _number(last.mae_days),
        "promised": _number(one.promised_days),
    }


def _drawn(rows: Sequence[Told], length: str) -> list[dict[str, Any]]:
    """On-time share by week, of a year by month; weeks with few parcels are left out."""
    monthly = int(length) > WEEKLY

    def begins(row: Told) -> str:
        day = row.delivered_on
        return (day.replace(day=1) if monthly else day - timedelta(days=day.weekday())).isoformat()

    points = []
    for begin, part in sorted(grouped(rows, begins).items()):
        if len(part) >= ENOUGH:
            one, day = accuracy(part), date.fromisoformat(begin)
            label = f"{day:%b %Y}" if monthly else f"{day.day} {day:%b}"
            points.append({"label": label, "value": one.on_time or 0, "second": one.coverage or 0})
    return points


def _models(store: Store) -> dict[str, Any]:
    """Which model predicts now, why, and what each gave in the last trial."""
    known = forecasting.learnt(store)
    wish = settings_of(store).dates.model
    chosen = known.chosen if wish == "auto" else wish
    tried = known.told("models")
    return {
        "learnt": known.lane is not None,
        "deliveries": (known.report or {}).get("deliveries", 0),
        "chosen": MODELS.get(chosen, chosen),
        "why": _why(wish, chosen, tried),
        "rows": [(MODELS.get(name, name), one) for name, one in tried.items()],
        "trusted": [carrier_name(key) for key in known.told("trusted_carriers")],
        "tried_at": (known.report or {}).get("tried_at", ""),
    }


def _why(wish: str, chosen: str, tried: Mapping[str, Any]) -> str:
    if wish != "auto":
        return "You chose it in the settings."
    if "lightgbm" not in tried:
        return "It needs little past and is always there. Others are tried once enough has been delivered."
    if chosen == "lightgbm":
        return "On your own past it was clearly closer than the days that earlier parcels took."
    return "On your own past nothing else was clearly closer."


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{round(100 * share)}%"


def _number(days: float | None) -> str:
    return "–" if days is None else f"{days:.1f}"


@require_safe
@staff_page("tracking.read")
def download(request: StaffRequest) -> HttpResponse:
    """Each delivered parcel with what was said of it."""
    length = _length(request)
    today = clock.day_in(clock.now(), request.store.time_zone)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="accuracy-{length}-days-{today}.csv"'
    writer = csv.writer(response)
    writer.writerow(
        [
            "carrier",
            "destination",
            "ordered_on",
            "promised_on",
            "delivered_on",
            "first_from",
            "first_to",
            "last_from",
            "last_to",
            "rests_on",
        ]
    )
    for row in _rows(request.store, length):
        first, last = row.at_order, row.at_last
        writer.writerow(
            [
                harmless(row.carrier),
                harmless(row.destination),
                row.ordered_on,
                row.promised_on,
                row.delivered_on,
                first[0],
                first[2],
                last[0],
                last[2],
                row.source,
            ]
        )
    return response
