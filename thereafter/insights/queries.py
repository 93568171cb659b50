"""The shop's figures, straight from the log, each defined here once.

All of them are grouped by the calendar day of the event in the store's time zone; a day with nothing is not in the
result. A figure counts what was recorded: an order that changed later keeps the total it was placed with.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Expression, Max, Q, QuerySet, Sum

from thereafter.console.tiles import Period
from thereafter.insights.days import bounds, day_of
from thereafter.insights.payload import Flag, Whole
from thereafter.insights.rules.days import Days, is_happy
from thereafter.kit import clock
from thereafter.stores.models import Store, StoreQuerySet
from thereafter.timeline.models import Entry

ByDay = dict[date, int]
MICROSECOND = datetime.resolution
# Other surveys have other scales: a 5 of 10 is no happy answer.
SATISFACTION = {"payload__survey": "satisfaction"}


def days_of(store: Store, period: Period) -> Days:
    """The store's calendar days that the period touches."""
    first = clock.day_in(period.since, store.time_zone)
    return Days(first, clock.day_in(period.until - MICROSECOND, store.time_zone))


def _entries(store: Store, days: Days, *names: str) -> StoreQuerySet[Entry]:
    since, until = bounds(days, clock.zone(store.time_zone))
    return Entry.objects.of(store).filter(name__in=names, occurred_at__gte=since, occurred_at__lt=until)


def _by_day(store: Store, days: Days, entries: QuerySet[Any], **figures: Expression) -> list[dict[str, Any]]:
    day = day_of("occurred_at", days, clock.zone(store.time_zone))
    return list(entries.annotate(day=day).order_by().values("day").annotate(**figures))


def _counted(store: Store, days: Days, name: str) -> ByDay:
    rows = _by_day(store, days, _entries(store, days, name), n=Count("pk"))
    return {row["day"]: row["n"] for row in rows}


def orders(store: Store, days: Days) -> ByDay:
    """Orders = number of `order.placed`. Later cancellations are not taken off. Unit: orders."""
    return _counted(store, days, "order.placed")


def messages_sent(store: Store, days: Days) -> ByDay:
    """Messages sent = number of `message.sent`, on any channel. Unit: messages."""
    return _counted(store, days, "message.sent")


def revenue(store: Store, days: Days) -> ByDay:
    """Revenue = Σ total of `order.placed` - Σ amount of `order.refunded`, each on its own day, in the store's currency.

    With shipping and tax, as shoppers paid; other currencies are left out (`foreign_orders` counts them). Unit: minor.
    """
    own = {"payload__currency": store.currency}
    placed = _by_day(store, days, _entries(store, days, "order.placed").filter(**own), minor=Sum(Whole("total_minor")))
    given_back = _entries(store, days, "order.refunded").filter(**own)
    by_day: Counter[date] = Counter({row["day"]: row["minor"] for row in placed})
    by_day.subtract(
        {row["day"]: row["minor"] for row in _by_day(store, days, given_back, minor=Sum(Whole("amount_minor")))}
    )
    return dict(by_day)


def foreign_orders(store: Store, days: Days) -> int:
    """Orders in another currency than the store's, which `revenue` leaves out."""
    return _entries(store, days, "order.placed").exclude(payload__currency=store.currency).count()


def on_time(store: Store, days: Days) -> tuple[ByDay, ByDay]:
    """On-time share = `parcel.delivered` with late = false / with late known, by day of delivery; (on time, known).

    Parcels for which no day had been promised are in neither. Unit: parcels.
    """
    delivered = _entries(store, days, "parcel.delivered").annotate(late=Flag("late"))
    rows = _by_day(
        store, days, delivered, punctual=Count("pk", filter=Q(late=0)), known=Count("pk", filter=Q(late__isnull=False))
    )
    return {row["day"]: row["punctual"] for row in rows}, {row["day"]: row["known"] for row in rows}


@dataclass(frozen=True)
class Answers:
    """Answers of a stretch of days: by day, happy ones by day, and by score."""

    by_day: ByDay
    happy_by_day: ByDay
    by_score: dict[int, int]


def answers(store: Store, days: Days) -> Answers:
    """Satisfaction (CSAT) = answers of 4 or 5 / all `survey.answered` of that survey, by the day of the first answer.

    Who changed their mind (`survey.answer_changed`) counts with the score that stands now. Unit: answers, of 1 to 5.
    """
    asked_for = _entries(store, days, "survey.answered").filter(**SATISFACTION)
    answered = asked_for.annotate(score=Whole("score"), answer=Whole("answer_id"))
    day = day_of("occurred_at", days, clock.zone(store.time_zone))
    grouped = answered.annotate(day=day).order_by().values("day", "score").annotate(n=Count("pk"))
    counts: Counter[tuple[date, int]] = Counter({(row["day"], row["score"]): row["n"] for row in grouped})
    latest = _latest_scores(store, days)
    if latest:
        for row in answered.annotate(day=day).filter(answer__in=latest).values("day", "score", "answer"):
            counts[row["day"], row["score"]] -= 1
            counts[row["day"], latest[row["answer"]]] += 1
    return _summed(counts)


def _latest_scores(store: Store, days: Days) -> dict[int, int]:
    """Scores that stand after a change, by answer; a change may come after the last of the days."""
    since, _ = bounds(days, clock.zone(store.time_zone))
    changed = Entry.objects.of(store).filter(name="survey.answer_changed", occurred_at__gte=since, **SATISFACTION)
    payloads = changed.order_by("occurred_at", "pk").values_list("payload", flat=True)
    return {payload["answer_id"]: payload["score"] for payload in payloads}


def _summed(counts: Counter[tuple[date, int]]) -> Answers:
    by_day: Counter[date] = Counter()
    happy: Counter[date] = Counter()
    by_score: Counter[int] = Counter()
    for (day, score), n in counts.items():
        by_day[day] += n
        by_score[score] += n
        happy[day] += n if is_happy(score) else 0
    return Answers(dict(by_day), dict(happy), {score: n for score, n in by_score.items() if n})


def asked(store: Store, days: Days) -> int:
    """Questions sent out = number of `survey.asked` of satisfaction."""
    return _entries(store, days, "survey.asked").filter(**SATISFACTION).count()


def points_awarded(store: Store, days: Days) -> ByDay:
    """Points awarded = Σ points of `points.awarded`; what was taken back later is not taken off. Unit: points."""
    rows = _by_day(store, days, _entries(store, days, "points.awarded"), points=Sum(Whole("points")))
    return {row["day"]: row["points"] for row in rows}


def repeat_customers(store: Store, days: Days | None = None) -> tuple[int, int]:
    """Repeat purchase rate = customers with two or more `order.placed` / with one or more; (again, all).

    Within the days only their orders count, all time without. The naive rate: who bought yesterday had no time yet to
    come back, so it is low for short periods and growing shops. Unit: customers.
    """
    placed = _entries(store, days, "order.placed") if days else Entry.objects.of(store).filter(name="order.placed")
    people = placed.exclude(customer_id=None).order_by().values("customer_id").annotate(bought=Count("pk"))
    counts = people.aggregate(everybody=Count("customer_id"), again=Count("customer_id", filter=Q(bought__gte=2)))
    return counts["again"], counts["everybody"]


def last_order_at(store: Store) -> datetime | None:
    """When the newest order was placed; None for a shop that has none."""
    newest: datetime | None = Entry.objects.of(store).filter(name="order.placed").aggregate(at=Max("occurred_at"))["at"]
    return newest


def late_parcels(store: Store, since: datetime) -> list[Entry]:
    """`parcel.late` since then whose parcel was neither delivered nor returned after all, oldest first."""
    late = _since(store, since, "parcel.late")
    arrived = (
        {entry.payload["parcel_id"] for entry in _since(store, since, "parcel.delivered", "parcel.returned")}
        if late
        else set()
    )
    return [entry for entry in late if entry.payload["parcel_id"] not in arrived]


def unhappy_answers(store: Store, since: datetime) -> list[Entry]:
    """`survey.answered` of satisfaction with 1 or 2 since then, newest first."""
    answered = Entry.objects.of(store).filter(name="survey.answered", occurred_at__gte=since, **SATISFACTION)
    return list(answered.filter(payload__score__lte=2).order_by("-occurred_at"))


def _since(store: Store, since: datetime, *names: str) -> Sequence[Entry]:
    return list(Entry.objects.of(store).filter(name__in=names, occurred_at__gte=since).order_by("occurred_at"))
