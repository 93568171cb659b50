"""When silence becomes a stall, counted on the working days of whoever should have moved the parcel."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from thereafter.tracking.rules import calendars, states
from thereafter.tracking.rules.calendars import Calendar
from thereafter.tracking.rules.settings import Carrier, Settings, Warehouse
from thereafter.tracking.rules.settings import carrier as carrier_settings

_BEFORE = frozenset({states.UNKNOWN, states.LABEL_CREATED})
# A parcel that waits for its receiver, comes back or is done with is not expected to move soon.
_STILL = states.FINISHED | {states.AVAILABLE_FOR_PICKUP, states.RETURNING}


@dataclass(frozen=True, slots=True)
class Quiet:
    """A parcel, and since when nobody has said anything of it. `destination` is as `Order.destination` gives it."""

    status: str
    since: datetime | None
    destination: str
    carrier_key: str


def deadline(quiet: Quiet, settings: Settings, *, home: str, zone: tzinfo) -> datetime | None:
    """The moment from which this silence is a stall; None when nobody expects news."""
    if quiet.since is None or quiet.status in _STILL:
        return None
    hours = settings.alerts.pre_transit_hours if quiet.status in _BEFORE else settings.alerts.transit_hours
    chosen = carrier_settings(settings, quiet.carrier_key)
    country = home if quiet.status in _BEFORE else quiet.destination.partition("-")[0] or home
    days = chosen.pickup_weekdays if quiet.status in _BEFORE else chosen.delivery_weekdays
    return calendars.after_working_hours(quiet.since, hours, of_carrier(chosen, days, country), zone)


def of_carrier(carrier: Carrier, weekdays: tuple[int, ...], country: str) -> Calendar:
    return Calendar(weekdays, country if carrier.keeps_holidays else "")


def fulfilment_deadline(placed_at: datetime, settings: Settings, *, home: str, zone: tzinfo) -> datetime:
    """The moment from which an order of which nothing has left is stalled."""
    warehouse = settings.warehouse
    local = zone_of(warehouse.time_zone, zone)
    calendar = of_warehouse(warehouse, home)
    return calendars.after_working_hours(placed_at, settings.alerts.fulfilment_hours, calendar, local)


def of_warehouse(warehouse: Warehouse, home: str) -> Calendar:
    country = (warehouse.country or home) if warehouse.keeps_holidays else ""
    return Calendar(warehouse.weekdays, country, warehouse.subdivision, warehouse.closed)


def zone_of(name: str, otherwise: tzinfo) -> tzinfo:
    try:
        return ZoneInfo(name) if name else otherwise
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise
