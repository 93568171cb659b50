"""Time that counts working days only, so that a weekend in between makes no parcel look slow.

Moments are days since 1970 on some local clock, as floats: 20512.5 is noon. A day off takes no time at all.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cached_property

import numpy as np
import numpy.typing as npt

from thereafter.tracking.rules.calendars import Calendar, busdays
from thereafter.tracking.rules.forecast.trips import NEVER, Days

_EPOCH = date(1970, 1, 1).toordinal()
_SECONDS = 86_400
# A clock is read in seconds; this is less than one.
_MOMENT = 1e-6


def local_days(moment: datetime | None, zone: tzinfo) -> float:
    """A moment on the clock of `zone`; nan for none."""
    if moment is None:
        return NEVER
    local = moment.astimezone(zone)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return local.toordinal() - _EPOCH + seconds / _SECONDS


def day_number(day: date | None) -> float:
    """Midnight at the beginning of the day; nan for none."""
    return NEVER if day is None else float(day.toordinal() - _EPOCH)


def day_of(moment: float) -> date:
    return date.fromordinal(_EPOCH + int(np.floor(moment)))


@dataclass(frozen=True)
class WorkingClock:
    """A calendar that counts; it knows the public holidays of the year before and after `near`."""

    calendar: Calendar
    near: date

    def elapsed(self, since: Days, until: Days) -> Days:
        """Working days from `since` to `until`, negative when that is earlier; nan where either is."""
        return self._count(until) - self._count(since)

    def after(self, since: Days, days: Days) -> Days:
        """The moments so many working days after `since`; always on working days."""
        target = self._count(since) + days
        known = ~np.isnan(target)
        whole = np.floor(np.where(known, target, 0.0))
        landed = np.busday_offset(self._start, whole.astype(np.int64), roll="forward", busdaycal=self._numpy)
        return np.where(known, landed.astype(np.int64) + (target - whole), NEVER)

    def rolled(self, moments: Days) -> Days:
        """The moments, those on a day off as the next working day begins."""
        filled = np.nan_to_num(moments)
        day = np.floor(filled)
        moved = np.busday_offset(_dates(day), 0, roll="forward", busdaycal=self._numpy).astype(np.int64)
        return np.where(np.isnan(moments), NEVER, np.where(moved == day, filled, moved))

    def begins(self, placed: Days, cut_off: float) -> Days:
        """When a warehouse begins with orders: at once until the cut-off (a part of a day) of a working day, else as
        the next working day begins."""
        day = np.floor(placed)
        return self.rolled(np.where(placed - day > cut_off + _MOMENT, day + 1, placed))

    def _count(self, moments: Days) -> Days:
        known = ~np.isnan(moments)
        filled = np.where(known, moments, 0.0)
        day = np.floor(filled)
        dates = _dates(day)
        whole = np.busday_count(self._start, dates, busdaycal=self._numpy)
        part = np.where(np.is_busday(dates, busdaycal=self._numpy), filled - day, 0.0)
        return np.where(known, whole + part, NEVER)

    @cached_property
    def _numpy(self) -> np.busdaycalendar:
        return busdays(self.calendar, self.near.year)

    @cached_property
    def _start(self) -> np.datetime64:
        return np.datetime64(date(self.near.year - 1, 1, 1), "D")


def _dates(day: Days) -> npt.NDArray[np.datetime64]:
    return day.astype(np.int64).astype("datetime64[D]")
