"""What is said of the day a parcel comes: as a range, then a day, then an hour; and when that is worth telling anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from thereafter.tracking.rules.forecast.lanes import Forecasts
from thereafter.tracking.rules.forecast.stages import ENOUGH
from thereafter.tracking.rules.forecast.trips import Days
from thereafter.tracking.rules.passages import Passage, Way
from thereafter.tracking.rules.settings import carrier as carrier_settings
from thereafter.tracking.rules.working_time import day_of

# Working days of a carrier while neither it nor past deliveries tell us better.
HOME, ABROAD = (2, 5), (5, 12)
# When the carrier comes, on the warehouse's clock.
PICKED_UP_AT = 17 / 24
CARRIER, LIGHTGBM, LANE, CALENDAR, DEFAULT = "carrier", "lightgbm", "lane", "calendar", "default"


@dataclass(frozen=True, slots=True)
class Estimate:
    """The days at the door, on the destination's calendar. `promised` is the day that holds at the merchant's target;
    `coverage` is the share the range is meant to hold, None for a guess; `lane` is what it rests on."""

    first: date
    last: date
    likely: date
    promised: date
    source: str
    lane: str = ""
    coverage: float | None = None


def stated(way: Way, *, from_now: bool = False) -> list[Estimate]:
    """From the working days that warehouse and carrier are known to take, or a plain guess of these."""
    handling = way.house.settings.warehouse.processing_days
    lanes = [_transit_days(way, one) for one in way.passages]
    transit = np.array([days for days, _ in lanes], dtype=np.float64).reshape(-1, 2)
    fast, slow = transit[:, 0], transit[:, 1]
    first, likely, last = (
        way.deliver(_handed(way, handled, from_now=from_now), np.ceil(days))
        for handled, days in ((handling[0], fast), (sum(handling) / 2, (fast + slow) / 2), (handling[1], slow))
    )
    return [
        Estimate(day_of(a), day_of(c), min(day_of(b), day_of(c)), day_of(c), source)
        for a, b, c, (_, source) in zip(first, likely, last, lanes, strict=True)
    ]


def _transit_days(way: Way, one: Passage) -> tuple[tuple[int, int], str]:
    """What a carrier states holds within the country that the warehouse is in."""
    country, home = one.destination.partition("-")[0], way.house.origin.partition("-")[0]
    if country and home and country != home:
        return ABROAD, DEFAULT
    told = carrier_settings(way.house.settings, one.carrier).transit_days
    return (told, CALENDAR) if told is not None else (HOME, DEFAULT)


def _handed(way: Way, handling: float, *, from_now: bool) -> Days:
    """The day the carrier takes it, on the destination's clock: as it was, else `handling` days of the warehouse after
    it begins to pack, which from now on is today at the earliest."""
    packing = way.house.packing(way.as_of.date())
    begun = np.fmax(way.begun, packing.begins(way.here, way.house.cut_off)) if from_now else way.begun
    ready = np.floor(packing.after(np.floor(begun), np.full(len(begun), handling)))
    planned = np.floor(way.picked_up(ready)) + PICKED_UP_AT + (way.there - way.here)
    return np.floor(np.where(np.isnan(way.handed), planned, way.handed))


def forecast(way: Way, total: Forecasts, transit: Forecasts, *, from_now: bool = False) -> list[Estimate]:
    """From the lane tables; where a lane saw too few parcels, as `stated`. `total` are days from the packing's begin,
    or from now."""
    dates = way.house.settings.dates
    tail = (1 - dates.coverage) / 2
    shares = (tail, 1 - tail, 0.5, dates.on_time)
    columns = [way.arrivals(total, transit, total.quantile(share), from_now=from_now) for share in shares]
    plain = stated(way, from_now=from_now)
    return [
        _estimate(moments, LANE, str(lane), dates.coverage) if parcels >= ENOUGH else guess
        for *moments, lane, parcels, guess in zip(*columns, total.lane, total.parcels, plain, strict=True)
    ]


def boosted(way: Way, total: Forecasts) -> list[Estimate]:
    """From LightGBM, which learns weekends by itself; a day on which the carrier does not come becomes the next."""
    dates = way.house.settings.dates
    tail = (1 - dates.coverage) / 2
    placed = way.plain_trips().ordered_at
    columns = [way.rolled(placed + total.quantile(share)) for share in (tail, 1 - tail, 0.5, dates.on_time)]
    return [
        _estimate(moments, LIGHTGBM, str(lane), dates.coverage)
        for *moments, lane in zip(*columns, total.lane, strict=True)
    ]


def _estimate(moments: Sequence[float], source: str, lane: str, coverage: float) -> Estimate:
    first, last, likely, promised = (day_of(moment) for moment in moments)
    return Estimate(first, last, likely, promised, source, lane[:64], coverage)


def from_today(first: date, last: date, today: date) -> tuple[date, date]:
    """What is still possible today. When the range is over, the parcel is expected within as many days again as
    half the range was long, at least one."""
    if last >= today:
        return max(first, today), last
    return today, today + timedelta(max(1, (last - first).days // 2))


def is_news(shown: tuple[date, date], fresh: Estimate, *, quiet: bool) -> bool:
    """Whether an estimate differs from what is shown; when nothing happened but time, only what would be noticed."""
    return is_noticed(shown, fresh) if quiet else (fresh.first, fresh.last) != shown


def is_noticed(shown: tuple[date, date], fresh: Estimate) -> bool:
    """Whether a shopper would want to hear of it: the last day moves by a day, in a wide range by a quarter of it."""
    wide = (shown[1] - shown[0]).days
    return abs((fresh.last - shown[1]).days) >= max(1, wide // 4)
