"""Days of customers' own that start journeys: a birthday, the end of a warranty."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Value

from thereafter.commerce.models import Customer
from thereafter.journeys.models import Journey
from thereafter.journeys.rules.anniversaries import Spec, days_meant, spec_of
from thereafter.journeys.translating.sql import TEXT, Sql, Trait, day, known
from thereafter.kit.clock import zone
from thereafter.stores.models import Store

DATE_CAME = "customer.date_came"
# A day that was missed for longer than this (the server stood still) is not told of any more.
LATEST = timedelta(days=1)


@dataclass(frozen=True)
class Coming:
    """A day that is to be told of now: `on` itself, told of `spec.days` after it."""

    store: Store
    spec: Spec
    on: date


def coming(now: datetime) -> Iterator[Coming]:
    """Every day that a live journey waits for and whose hour has come, in each shop's own zone."""
    live = Journey.objects.filter(live=True, archived_at=None, version__trigger=DATE_CAME)
    wanted = {
        (journey.store, spec_of(journey.version.document["trigger"]))
        for journey in live.select_related("store", "version")
        if journey.version
    }
    for store, spec in sorted(wanted, key=lambda pair: (pair[0].pk, pair[1])):
        for told_on in _days_of(now, zone(store.time_zone)):
            moment = datetime.combine(told_on, spec.at, tzinfo=zone(store.time_zone))
            if timedelta() <= now - moment < LATEST:
                yield Coming(store, spec, told_on - timedelta(days=spec.days))


def _days_of(now: datetime, where: ZoneInfo) -> tuple[date, date]:
    today = now.astimezone(where).date()
    return today - timedelta(days=1), today


def people_of(coming: Coming) -> QuerySet[Customer]:
    """Customers whose trait says this day; of a yearly one any year before this."""
    told = Trait(coming.spec.trait).text()
    rows = Customer.objects.of(coming.store).filter(merged_into__isnull=True)
    begins = Sql("SUBSTR({0}, 1, 10)", told, gives=TEXT)
    if not coming.spec.yearly:
        return rows.filter(Sql("({0} = {1})", begins, Value(coming.on.isoformat(), TEXT)))
    ends = [Value(one, TEXT) for one in days_meant(coming.on)]
    same = Sql("(SUBSTR({0}, 6, 5) IN ({1}, {2}))", told, ends[0], ends[-1])
    earlier = Sql("(SUBSTR({0}, 1, 4) < {1})", told, Value(f"{coming.on.year:04}", TEXT))
    return rows.filter(known(day(told))).filter(same).filter(earlier)
