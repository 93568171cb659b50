"""The carriers' scorecard: who brings what was promised, how fast, and what goes wrong."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, short_day, territory
from thereafter.stores.models import Store
from thereafter.tracking import scorecard
from thereafter.tracking.console import scorecard_words as words
from thereafter.tracking.console.scorecard_csv import download
from thereafter.tracking.rules.scorecard import ENOUGH, Course, Share, share, tally, whole_days
from thereafter.tracking.scorecard import Row, Window

LENGTHS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 365 days"}
DEFAULT = "90"
MOST_DAYS_DRAWN = 14
HALF = 0.5

Named = tuple[str, Row]
Key = Callable[[Any], str]


@dataclass(frozen=True)
class Board:
    """What the page is about. `chosen` is a carrier's key, "" for all of them; `groups` are titled lists of rows."""

    length: str
    window: Window
    chosen: str
    names: dict[str, str]
    courses: Sequence[Course]
    together: Row | None
    groups: Sequence[tuple[str, Sequence[Named]]]

    @property
    def step(self) -> str:
        """What a point of the line stands for."""
        return "month" if self.length == "365" else "week"

    def is_about(self, course: Course) -> bool:
        return self.chosen in ("", course.carrier)


@require_safe
@staff_page("tracking.read")
def carriers(request: StaffRequest) -> HttpResponse:
    """All carriers, or one of them by service and by country; as a page, or with `format=csv` as a table."""
    today = clock.day_in(clock.now(), request.store.time_zone)
    board = _board(request.store, request.GET, today)
    if request.GET.get("format") == "csv":
        name = "-".join(filter(None, ("carriers", board.chosen, f"{board.length}-days", today.isoformat())))
        return download(board.groups, name)
    drawn = _drawn(board)
    context = {
        "board": board,
        "title": board.names.get(board.chosen, "Carriers"),
        "lengths": LENGTHS.items(),
        "carriers": [("", "All carriers"), *((key, name) for key, name in board.names.items() if key and name)],
        "tiles": words.tiles(board.together, board.window) if board.together else [],
        "groups": [_shown(request, board, title, listed) for title, listed in board.groups],
        "compared": _compared(board.groups[0][1]),
        "drawn": drawn,
        "drawn_from": _drawn_from(drawn),
        "took": _took(board),
        "csv_query": urlencode({"days": board.length, "carrier": board.chosen, "format": "csv"}),
        "enough": ENOUGH,
    }
    return render(request, "tracking/console/scorecard.html", context)


def _board(store: Store, asked: QueryDict, today: date) -> Board:
    """What is due today may still come, so yesterday is the last day."""
    length = asked.get("days", DEFAULT)
    length = length if length in LENGTHS else DEFAULT
    window = Window(today - timedelta(days=int(length)), today - timedelta(days=1))
    courses = scorecard.courses(store, Window(window.before.first, window.last))
    under_way = scorecard.under_way(store, today)
    names = scorecard.names(store, {*(one.carrier for one in courses), *(one.carrier for one in under_way)})
    chosen = asked.get("carrier", "")
    chosen = chosen if names.get(chosen) else ""
    mine = [one for one in courses if chosen in ("", one.carrier)]
    waiting = [one for one in under_way if chosen in ("", one.carrier)]
    everything = scorecard.rows(mine, waiting, window, lambda one: "")
    groups = [
        (title, [(name(row.key), row) for row in scorecard.rows(mine, waiting, window, key)])
        for title, key, name in (_ONE if chosen else _all(names))
    ]
    return Board(length, window, chosen, names, courses, everything[0] if everything else None, groups)


def _all(names: dict[str, str]) -> Iterable[tuple[str, Key, Callable[[str], str]]]:
    return [("Carrier", lambda one: str(one.carrier), lambda key: names.get(key, ""))]


_ONE: Iterable[tuple[str, Key, Callable[[str], str]]] = (
    ("Service", lambda one: str(one.service), str),
    ("Country", lambda one: str(one.country), lambda key: territory(key) if key else ""),
)


def _shown(request: StaffRequest, board: Board, title: str, listed: Sequence[Named]) -> dict[str, Any]:
    address = reverse("tracking_console:scorecard", args=[request.store.slug])
    rows = [
        {
            "name": name or f"{title} not told",
            "url": f"{address}?{urlencode({'days': board.length, 'carrier': row.key})}"
            if title == "Carrier" and name
            else "",
            "parcels": row.now.parcels,
            "promise": words.promise(row),
            "trouble": words.trouble(row),
        }
        for name, row in listed
    ]
    return {"title": title, "rows": rows}


def _compared(listed: Sequence[Named]) -> list[dict[str, Any]]:
    """Shares on time with their intervals, best first, of those with enough parcels; nothing for one alone."""
    known = [(name, found) for name, row in listed if name and (found := share(row.now.on_time, row.now.parcels))]
    bars = [
        {"label": name, "low": found.low, "value": found.value, "high": found.high, "text": words.of_so_many(found)}
        for name, found in sorted(known, key=lambda each: -each[1].value)
    ]
    return bars if len(bars) > 1 else []


def _drawn(board: Board) -> list[dict[str, Any]]:
    """The share on time of each week (or month) with enough parcels, for one carrier beside that of all."""
    steps: dict[date, list[Course]] = {}
    for one in board.courses:
        if one.promised_on in board.window:
            steps.setdefault(_begins(one.promised_on, board.step), []).append(one)
    points: list[dict[str, Any]] = []
    for first, everyone in sorted(steps.items()):
        mine, all_of_them = _on_time(filter(board.is_about, everyone)), _on_time(everyone)
        if mine and all_of_them:
            label = f"{first:%b %Y}" if board.step == "month" else short_day(first)
            second = {"second": all_of_them.value} if board.chosen else {}
            points.append({"label": label, "value": mine.value, "text": words.of_so_many(mine)} | second)
    return points


def _begins(day: date, step: str) -> date:
    return day.replace(day=1) if step == "month" else day - timedelta(days=day.weekday())


def _drawn_from(points: Sequence[dict[str, Any]]) -> float:
    """Where the axis begins: half way up when nothing lies below."""
    lowest = min((min(point["value"], point.get("second", 1)) for point in points), default=0)
    return HALF if lowest >= HALF else 0.0


def _on_time(courses: Iterable[Course]) -> Share | None:
    sums = tally(courses)
    return share(sums.on_time, sums.parcels)


def _took(board: Board) -> list[dict[str, Any]]:
    """How many came within one day of the order, within two, and so on."""
    took = board.together.now.door_days if board.together else []
    if len(took) < ENOUGH:
        return []
    labels = ["1 day", *(f"{day} days" for day in range(2, MOST_DAYS_DRAWN)), f"{MOST_DAYS_DRAWN} days or more"]
    counts = whole_days(took, MOST_DAYS_DRAWN)
    return [{"label": label, "value": count} for label, count in zip(labels, counts, strict=True)]
