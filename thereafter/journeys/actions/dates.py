"""Telling of days that came."""

from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.events.customers import CustomerDateCame
from thereafter.journeys.dates import Coming, coming, people_of
from thereafter.journeys.models import DayTold
from thereafter.timeline.log import record

CHUNK = 1000


def tell_of_days(now: datetime) -> int:
    """Records `customer.date_came` for everybody whose day came, once for each; returns how many."""
    return sum(_tell(one, now) for one in coming(now))


def _tell(one: Coming, now: datetime) -> int:
    told = DayTold.objects.of(one.store).filter(trait=one.spec.trait, on=one.on, days=one.spec.days)
    people = list(people_of(one).exclude(pk__in=told.values("customer_id")).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(people), CHUNK):
        _tell_some(one, people[start : start + CHUNK], now)
    return len(people)


@transaction.atomic
def _tell_some(one: Coming, people: list[int], now: datetime) -> None:
    """The rows come first: a second worker that tells of the same day is refused by the database, and tries later."""
    about: dict[str, Any] = {"trait": one.spec.trait, "on": one.on, "days": one.spec.days}
    DayTold.objects.bulk_create([DayTold(store=one.store, customer_id=customer, **about) for customer in people])
    record(
        *(
            CustomerDateCame(store_id=one.store.pk, customer_id=customer, occurred_at=now, **about)
            for customer in people
        )
    )
