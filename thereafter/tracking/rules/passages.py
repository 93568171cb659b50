"""Parcels as trips on a clock that counts working days only, and forecasts turned back into days of the calendar.

Orders and hand-overs are read on the warehouse's clock and counted on its working days; from there to the door it is
the destination's clock and the days on which the carrier delivers. All moments are counted back from `as_of`, so that
parcels to places with different holidays stand side by side at that moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from thereafter.tracking.rules import silence
from thereafter.tracking.rules.forecast.lanes import Forecasts
from thereafter.tracking.rules.forecast.trips import NEVER, Days, Mask, Trip, Trips
from thereafter.tracking.rules.settings import Carrier, Settings, Warehouse
from thereafter.tracking.rules.settings import carrier as carrier_settings
from thereafter.tracking.rules.working_time import WorkingClock, day_number, local_days
from thereafter.tracking.rules.zones import zone_at

Clocks = Sequence[tuple[WorkingClock, npt.NDArray[np.int64]]]


class Passage(NamedTuple):
    """What is known of one parcel, or of one that would be ordered. `destination` is a path, "BR-SP-013"."""

    ordered_at: datetime
    destination: str = ""
    carrier: str = ""
    service: str = ""
    handed_at: datetime | None = None
    delivered_at: datetime | None = None
    closed_at: datetime | None = None
    promised_on: date | None = None
    carrier_on: date | None = None


@dataclass(frozen=True)
class House:
    """Where a store sends from: its settings, and the country and clock that hold where they say nothing."""

    settings: Settings
    country: str
    time_zone: str

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.warehouse.time_zone or self.time_zone)

    @cached_property
    def origin(self) -> str:
        warehouse = self.settings.warehouse
        return "-".join(part for part in (warehouse.country or self.country, warehouse.subdivision) if part)

    @cached_property
    def cut_off(self) -> float:
        """As a part of the day."""
        hours, minutes = self.settings.warehouse.cut_off.split(":")
        return (int(hours) * 60 + int(minutes)) / 1440

    def packing(self, near: date) -> WorkingClock:
        return _packing(self.settings.warehouse, self.country, near.year)

    def delivering(self, passage: Passage, near: date) -> WorkingClock:
        country = passage.destination.partition("-")[0] or self.country
        carrier = carrier_settings(self.settings, passage.carrier)
        return _carrying(carrier, carrier.delivery_weekdays, country, near.year)

    def picking_up(self, passage: Passage, near: date) -> WorkingClock:
        carrier = carrier_settings(self.settings, passage.carrier)
        return _carrying(carrier, carrier.pickup_weekdays, self.origin.partition("-")[0], near.year)

    def zone_of(self, passage: Passage) -> ZoneInfo:
        return zone_at(passage.destination, self.time_zone)


@lru_cache(maxsize=128)
def _packing(warehouse: Warehouse, country: str, year: int) -> WorkingClock:
    return WorkingClock(silence.of_warehouse(warehouse, country), date(year, 1, 1))


@lru_cache(maxsize=1024)
def _carrying(carrier: Carrier, weekdays: tuple[int, ...], country: str, year: int) -> WorkingClock:
    return WorkingClock(silence.of_carrier(carrier, weekdays, country), date(year, 1, 1))


@dataclass(frozen=True)
class Way:
    """Passages on the calendar: each column is n moments, in days since 1970 on the clock it is read on."""

    house: House
    passages: Sequence[Passage]
    as_of: datetime
    begun: Days
    handed: Days
    here: Days
    there: Days

    @classmethod
    def of(cls, house: House, passages: Sequence[Passage], as_of: datetime) -> "Way":
        """`begun` and `here` (now) are on the warehouse's clock, `handed` and `there` (now) on the destination's."""
        near, zones = as_of.date(), [house.zone_of(one) for one in passages]
        placed = np.array([local_days(one.ordered_at, house.zone) for one in passages])
        return cls(
            house,
            passages,
            as_of,
            begun=house.packing(near).begins(placed, house.cut_off),
            handed=np.array([local_days(one.handed_at, zone) for one, zone in zip(passages, zones, strict=True)]),
            here=np.full(len(passages), local_days(as_of, house.zone)),
            there=np.array([local_days(as_of, zone) for zone in zones]),
        )

    @cached_property
    def anchor(self) -> float:
        """`as_of` on the clock of trips."""
        return local_days(self.as_of, UTC)

    @cached_property
    def plain_anchor(self) -> float:
        """`as_of` on the warehouse's clock."""
        return local_days(self.as_of, self.house.zone)

    @cached_property
    def _delivering(self) -> Clocks:
        return self._grouped(self.house.delivering)

    def _grouped(self, clock_of: Callable[[Passage, date], WorkingClock]) -> Clocks:
        """The calendars that occur, each with the places of its passages."""
        found: dict[WorkingClock, list[int]] = {}
        for place, one in enumerate(self.passages):
            found.setdefault(clock_of(one, self.as_of.date()), []).append(place)
        return [(clock, np.array(places)) for clock, places in found.items()]

    def trips(self) -> Trips:
        """For the lane tables, which know of no calendar."""
        zones = [self.house.zone_of(one) for one in self.passages]
        handed = self._back(self.handed)
        delivered = self._back(_moments(self.passages, zones, "delivered_at"))
        closed = self._back(_moments(self.passages, zones, "closed_at"))
        begun = self._begun(handed, ended=~np.isnan(delivered) | ~np.isnan(closed))
        delivered = np.where(np.isnan(delivered), NEVER, np.fmax(delivered, np.fmax(handed, begun)))
        due, carrier_due = (self._back(_days(self.passages, name) + 1) for name in ("promised_on", "carrier_on"))
        columns = zip(begun, handed, delivered, closed, due, carrier_due, strict=True)
        return Trips.of(self._trip(one, moments) for one, moments in zip(self.passages, columns, strict=True))

    def _begun(self, handed: Days, *, ended: Mask) -> Days:
        """Until the hand-over the warehouse's days count; of what ended without one we only know the whole."""
        packing = self.house.packing(self.as_of.date())
        spent = packing.elapsed(self.begun, np.where(np.isnan(handed), self.here, self._on_our_clock(self.handed)))
        counted = np.where(np.isnan(handed), self.anchor, handed) - np.maximum(spent, 0)
        return np.where(np.isnan(handed) & ended, self._back(self.begun + (self.there - self.here)), counted)

    def plain_trips(self) -> Trips:
        """For models that learn the calendar by themselves: times as they were, on the clocks of the places."""
        zones = [self.house.zone_of(one) for one in self.passages]
        placed = [local_days(one.ordered_at, self.house.zone) for one in self.passages]
        delivered, closed = (_moments(self.passages, zones, name) for name in ("delivered_at", "closed_at"))
        due, carrier_due = (_days(self.passages, name) + 1 for name in ("promised_on", "carrier_on"))
        columns = zip(placed, self.handed, delivered, closed, due, carrier_due, strict=True)
        return Trips.of(self._trip(one, moments) for one, moments in zip(self.passages, columns, strict=True))

    def _trip(self, one: Passage, moments: tuple[float, float, float, float, float, float]) -> Trip:
        return Trip(
            *moments,
            carrier=one.carrier,
            service=one.service,
            warehouse="main",
            origin=self.house.origin,
            destination=one.destination,
        )

    def _back(self, moments: Days) -> Days:
        """Moments on the destinations' clocks, counted back from the anchor."""
        counted = np.full(len(moments), NEVER)
        for clock, places in self._delivering:
            counted[places] = self.anchor - clock.elapsed(moments[places], self.there[places])
        return counted

    def _on_our_clock(self, moments: Days) -> Days:
        return moments + (self.here - self.there)

    def arrivals(self, forecasts: Forecasts, transit: Forecasts, days: Days, *, from_now: bool = False) -> Days:
        """The moments at the door `days` after the packing began (or after now): the usual time until the hand-over
        is counted on the warehouse's days, what is left on the carrier's."""
        start = self.here if from_now else self.begun
        handling = np.clip(forecasts.p50 - transit.p50, 0, days)
        if from_now:
            handling = np.where(np.isnan(self.handed), handling, 0.0)
        handed = self.house.packing(self.as_of.date()).after(start, handling)
        waits = handling > 0
        at_door = np.where(waits, handed, start) + (self.there - self.here)
        return self.deliver(at_door, days - handling)

    def deliver(self, moments: Days, days: Days) -> Days:
        """So many of the carrier's days after moments on the destinations' clocks."""
        return _after(self._delivering, moments, days)

    def rolled(self, moments: Days) -> Days:
        """The moments, those on a day without deliveries on the next one with."""
        return self.deliver(moments, np.zeros(len(moments)))

    def picked_up(self, moments: Days) -> Days:
        """The moments on the warehouse's clock, those on a day on which the carrier does not come on the next."""
        return _after(self._grouped(self.house.picking_up), moments, np.zeros(len(moments)))


def _after(clocks: Clocks, moments: Days, days: Days) -> Days:
    found = np.empty(len(moments))
    for clock, places in clocks:
        found[places] = clock.after(moments[places], days[places])
    return found


def _moments(passages: Sequence[Passage], zones: Sequence[ZoneInfo], name: str) -> Days:
    return np.array([local_days(getattr(one, name), zone) for one, zone in zip(passages, zones, strict=True)])


def _days(passages: Sequence[Passage], name: str) -> Days:
    return np.array([day_number(getattr(one, name)) for one in passages])


def path(country: str, region: str, postcode: str) -> str:
    """A destination from the wide to the narrow, "BR-SP-013"; without a region its first two characters stand in."""
    code = "".join(letter for letter in postcode.upper() if letter.isalnum())
    parts = [country.upper(), region or code[:2], code[:3]]
    return "-".join(part for part in parts if part) if country else ""
