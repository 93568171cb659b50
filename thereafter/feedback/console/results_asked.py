"""What a results page is about, from its address: the time, the survey, and a group of answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.http import Http404

from thereafter.feedback.models import Survey
from thereafter.feedback.queries import figures
from thereafter.feedback.queries.figures import Window
from thereafter.feedback.queries.groups import DIMENSIONS, Dimension
from thereafter.kit import clock
from thereafter.kit.pages import short_day
from thereafter.kit.written_dates import asked_day
from thereafter.stores.models import Store

LENGTHS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months", "all": "All time"}
BEFORE = {"30-before": "The 30 days before", "90-before": "The 90 days before", "365-before": "The 12 months before"}
CUSTOM = "custom"
DEFAULT = "90"
# Up to so many days, points of a line are weeks.
MOST_DAYS_OF_WEEKS = 120


@dataclass(frozen=True)
class Stretch:
    """A period as it was chosen; `since` and `until` are days of the shop's calendar, both included."""

    key: str
    window: Window
    since: date | None
    until: date

    @property
    def name(self) -> str:
        named = LENGTHS.get(self.key) or BEFORE.get(self.key)
        return named or f"{short_day(self.since or self.until)} – {short_day(self.until)}"

    @property
    def step(self) -> str:
        """What a point of a line stands for."""
        return "week" if self.since and (self.until - self.since).days <= MOST_DAYS_OF_WEEKS else "month"

    @property
    def suggested_since(self) -> date:
        """Where "Other days" begins before anybody has chosen: the beginning of all time is no day."""
        return self.since or self.until - timedelta(days=364)

    def params(self, prefix: str = "") -> dict[str, str]:
        """What to put in an address to see the same again."""
        if self.key != CUSTOM:
            return {f"{prefix}period": self.key}
        since = self.since or self.until
        return {
            f"{prefix}period": CUSTOM,
            f"{prefix}since": since.isoformat(),
            f"{prefix}until": self.until.isoformat(),
        }


def stretch(
    store: Store, asked: Mapping[str, str], now: datetime, *, prefix: str = "", default: str = DEFAULT
) -> Stretch:
    """What makes no sense is the default."""
    today = clock.day_in(now, store.time_zone)
    key = asked.get(f"{prefix}period", default)
    since, until = asked_day(asked.get(f"{prefix}since")), asked_day(asked.get(f"{prefix}until"))
    if key == CUSTOM and since and until and since <= until:
        return Stretch(CUSTOM, Window(_midnight(store, since), _midnight(store, until, after=1)), since, until)
    key = key if key in {**LENGTHS, **BEFORE} else default
    if key == "all":
        return Stretch(key, Window(None, now), None, today)
    length = timedelta(days=int(key.removesuffix("-before")))
    ends = now - length if key in BEFORE else now
    window = Window(ends - length, ends)
    return Stretch(key, window, today - (now - ends) - length, today - (now - ends))


def _midnight(store: Store, day: date, after: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=after), time(0), clock.zone(store.time_zone))


def survey(store: Store, survey_id: int) -> Survey:
    """Raises Http404, also for a survey of another shop."""
    known = next((one for one in figures.surveys(store) if one.pk == survey_id), None)
    if known is None:
        raise Http404
    return known


def group(text: str) -> tuple[Dimension, str] | None:
    """ "carrier:dhl" as its dimension and value."""
    key, colon, value = text.partition(":")
    return (DIMENSIONS[key], value) if colon and key in DIMENSIONS else None
