"""What the log says happened, in memory, as it was told at each moment."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from thereafter.journeys import hearing
from thereafter.journeys.facts import Facts, of_event
from thereafter.journeys.hearing import Ear
from thereafter.timeline.models import Entry

# What comes from outside comes in any order: an event may have happened long before we were told.
_EARLIER = timedelta(days=40)


class Told(NamedTuple):
    """One line of the log."""

    pk: int
    name: str
    customer_id: int
    order_id: int | None
    occurred_at: datetime
    recorded_at: datetime
    payload: Mapping[str, Any]


class Past:
    """The store's events of some names, by name and customer in the order in which we were told.

    With `shift` all of it happens that much later: the past as a future.
    """

    def __init__(
        self,
        store_id: int,
        names: Collection[str],
        since: datetime,
        *,
        customer_id: int | None = None,
        shift: timedelta = timedelta(0),
    ) -> None:
        self._told: dict[tuple[str, int], list[Told]] = defaultdict(list)
        self.first_told: datetime | None = None
        rows = Entry.objects.of(store_id).filter(name__in=names, occurred_at__gte=since - _EARLIER)
        rows = rows.filter(customer_id=customer_id) if customer_id else rows.filter(customer_id__isnull=False)
        columns = ("pk", "name", "customer_id", "order_id", "occurred_at", "recorded_at", "payload")
        for row in rows.order_by("recorded_at", "pk").values_list(*columns).iterator(chunk_size=5000):
            told = Told(*row)
            told = told._replace(occurred_at=told.occurred_at + shift, recorded_at=told.recorded_at + shift)
            self.first_told = self.first_told or told.recorded_at
            self._told[told.name, told.customer_id].append(told)

    def all(self, name: str, since: datetime, until: datetime) -> list[Told]:
        """Everybody's events of one name that we were told of between these moments, in that order."""
        rows = (
            one
            for (named, _), told in self._told.items()
            if named == name
            for one in told
            if since <= one.recorded_at < until
        )
        return sorted(rows, key=lambda one: (one.recorded_at, one.pk))

    def after(self, name: str, customer_id: int, moment: datetime) -> Iterator[Told]:
        """What we were told of a customer later than `moment`."""
        told = self._told.get((name, customer_id), [])
        for one in told[bisect_left(told, moment, key=lambda one: one.recorded_at) :]:
            if one.recorded_at > moment:
                yield one

    def heard(self, ear: Ear, now: datetime) -> Sequence[Facts]:
        """What somebody who waits has heard by now, as `hearing.heard` would have answered then."""
        told = [
            one
            for one in self._told.get((ear.event, ear.customer_id), [])
            if one.recorded_at <= now and hearing.counts(ear, one)
        ]
        return [of_event(one.payload) for one in sorted(told, key=lambda one: (one.occurred_at, one.pk))]

    def happened_by(self, name: str, customer_id: int, order_id: int | None, moment: datetime) -> bool:
        """Whether we had been told of it about this order by then."""
        told = self._told.get((name, customer_id), [])
        return any(one.order_id == order_id and one.recorded_at <= moment for one in told)
