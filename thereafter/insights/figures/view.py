"""What a page of figures is about: a shop, a stretch of days, and what it is narrowed to."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from thereafter.insights.metrics.tables import Scope
from thereafter.insights.rules.days import Days
from thereafter.stores.models import Store

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class View:
    """`days` are on the store's calendar, both ends included; what is "" or None narrows nothing."""

    store: Store = field(repr=False)
    days: Days
    country: str = ""
    channel: str = ""
    product_id: int | None = None
    segment_id: int | None = None

    @property
    def scope(self) -> Scope:
        return Scope(
            self.store.pk,
            day_number(self.days.first),
            day_number(self.days.last) + 1,
            self.country,
            self.channel,
            self.product_id or 0,
            self.segment_id is not None,
        )


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


def month_of(number: int) -> date:
    """The first day of a month counted as year * 12 + month - 1."""
    return date(number // 12, number % 12 + 1, 1)
