"""Returns insight: how much comes back of what was delivered, why, what it costs, and what of it stays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import figures, money_figures
from thereafter.returns.console import insight_csv, insight_money, insight_rates
from thereafter.returns.figures import Book
from thereafter.returns.models import RateJump
from thereafter.returns.rules import reasons
from thereafter.returns.rules.figures import cohorts
from thereafter.returns.rules.figures.cohorts import Delivered, Returned
from thereafter.returns.rules.figures.money import Closed
from thereafter.stores.models import Store

LENGTHS = {"90": "Last 90 days", "180": "Last 180 days", "365": "Last 365 days"}
DEFAULT = "180"
MOST_JUMPS = 20
VIEWS = {"rates": "Return rates", "products": "Most returned", "money": "Money and time"}


@dataclass(frozen=True)
class Board:
    """What the page is about: days of the store, both included."""

    store: Store
    length: str
    first: date
    today: date
    now: datetime

    @cached_property
    def book(self) -> Book:
        return figures.book(self.store, (self.today - self.first).days, self.now)

    @cached_property
    def everything(self) -> tuple[list[Delivered], list[Returned]]:
        return self.book.between(self.first, self.today)

    @property
    def last_complete(self) -> date:
        """The last day of delivery of which nearly everything that comes back has come."""
        return self.today - timedelta(days=self.book.past.complete_after)

    @cached_property
    def complete(self) -> tuple[list[Delivered], list[Returned]]:
        return self.book.between(self.first, self.last_complete)

    @property
    def step(self) -> str:
        return "week" if self.length == "90" else "month"

    @property
    def cohorts(self) -> list[cohorts.Cohort]:
        return cohorts.cohorts(*self.everything, step=self.step, past=self.book.past, today=self.today)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), clock.zone(self.store.time_zone)).astimezone(UTC)

    @cached_property
    def cases(self) -> list[Closed]:
        return money_figures.closed(self.store, self.start, self.now)


@require_safe
@staff_page("returns.read")
def insight(request: StaffRequest) -> HttpResponse:
    """As a page by view, or with `format=csv` everything as a table."""
    board = _board(request.store, request.GET)
    if request.GET.get("format") == "csv":
        return insight_csv.download(board, f"returns-{board.length}-days-{board.today.isoformat()}")
    view = request.GET.get("view", "rates")
    view = view if view in VIEWS else "rates"
    shown = {"rates": insight_rates.rates, "products": insight_rates.products, "money": insight_money.money_of}[view]
    context: dict[str, Any] = {
        "board": board,
        "view": view,
        "lengths": LENGTHS.items(),
        "tabs": [_tab(board, key, view) for key in VIEWS],
        "csv_query": urlencode({"days": board.length, "format": "csv"}),
        "jumps": _jumps(request),
        "page_title": "Returns insight",
        **shown(board),
    }
    return render(request, f"returns/console/insight_{view}.html", context)


def _board(store: Store, asked: QueryDict) -> Board:
    length = asked.get("days", DEFAULT)
    length = length if length in LENGTHS else DEFAULT
    now = clock.now()
    today = clock.day_in(now, store.time_zone)
    first = today - timedelta(days=int(length))
    # Cohorts are whole from their beginning.
    return Board(store, length, cohorts.begins(first, "week" if length == "90" else "month"), today, now)


def _tab(board: Board, key: str, view: str) -> dict[str, Any]:
    return {
        "label": VIEWS[key],
        "url": "?" + urlencode({"view": key, "days": board.length}),
        "current": key == view,
    }


def _jumps(request: StaffRequest) -> list[dict[str, Any]]:
    rows = RateJump.objects.of(request.store).filter(seen_at=None).select_related("product")
    may_see = request.membership.may("returns.approve")
    newest = rows.order_by("-found_at", "p_value")[:MOST_JUMPS]
    return [{"jump": one, "reason": _said(one), "may_see": may_see} for one in newest]


def _said(jump: RateJump) -> str:
    if not jump.reason_units or jump.reason not in reasons.BY_KEY or jump.reason == reasons.UNSAID.key:
        return ""
    return f"{jump.reason_units} say: {reasons.reason(jump.reason).text.lower()}"
