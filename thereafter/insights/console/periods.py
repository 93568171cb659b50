"""The stretch of days that a page is about, from its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from thereafter.console.tiles import Period
from thereafter.insights.days import bounds
from thereafter.insights.rules.days import Days
from thereafter.kit import clock
from thereafter.kit.written_dates import asked_day
from thereafter.stores.models import Store

LENGTHS = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "365": "Last 365 days"}
CUSTOM = "custom"
DEFAULT = "30"
MOST_DAYS = 1100


@dataclass(frozen=True)
class Chosen:
    """`key` is one of LENGTHS or CUSTOM."""

    key: str
    days: Days
    period: Period

    @property
    def is_custom(self) -> bool:
        return self.key == CUSTOM


def chosen(
    store: Store, given: Any, today: date, lengths: Mapping[str, str] = LENGTHS, default: str = DEFAULT
) -> Chosen:
    """The days that were asked for, ending today at the latest; the usual ones for what makes no sense."""
    first, last = asked_day(given.get("since")), asked_day(given.get("until"))
    if given.get("days") in (None, CUSTOM) and first and last and first <= last:
        first = max(first, last - timedelta(days=MOST_DAYS - 1))
        return _chosen(store, CUSTOM, Days(first, last))
    key = given.get("days") if given.get("days") in lengths else default
    return _chosen(store, key, Days(today - timedelta(days=int(key) - 1), today))


def _chosen(store: Store, key: str, days: Days) -> Chosen:
    return Chosen(key, days, Period(*bounds(days, clock.zone(store.time_zone))))
