"""Which tier somebody has: windows, terms, and what a metric is enough for. Metrics are hundredths or points."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from thereafter.loyalty.rules import calendar
from thereafter.loyalty.rules.programme import Programme, Standing, Tier

MOMENT = timedelta(microseconds=1)


def entry(tier: Tier, standing: Standing) -> int:
    """What it takes, in the unit of the metric."""
    return int(tier.min * 100) if standing.metric == "spend" else int(tier.min.to_integral_value(rounding="ROUND_UP"))


def qualified(programme: Programme, metric: int) -> str:
    """The highest tier that so much is enough for, "" for none."""
    reached = [tier.id for tier in programme.tiers if metric >= entry(tier, programme.tier)]
    return reached[-1] if reached else ""


def window_start(standing: Standing, at: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment that counts at `at`; None: all of the past. A rolling window is (at - n days, at]."""
    if standing.rolling_days is not None:
        return at - timedelta(days=standing.rolling_days) + MOMENT
    return calendar.year_start(at, zone) if standing.window == "calendar_year" else None


def kept_until(standing: Standing, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Until when a tier reached at `at` is kept whatever happens; None: until a review says otherwise."""
    if standing.term == "calendar_next":
        return calendar.year_start(at, zone, 2)
    return None if standing.term_days is None else calendar.days_later(at, standing.term_days, zone)


def kept_after_fall(standing: Standing, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Who fell keeps what is left until the year ends, or for a term."""
    return calendar.year_start(at, zone, 1) if standing.term == "calendar_next" else kept_until(standing, at, zone)


def after_fall(programme: Programme, tier: str, best: str) -> str:
    """Where somebody lands who does not keep `tier` and qualifies for `best` at most."""
    if programme.tier.downgrade == "to_qualified":
        return best
    below = programme.rank(tier) - 1
    landing = max(below, programme.rank(best))
    return programme.tiers[landing].id if landing >= 0 else ""


def passed(programme: Programme, was: str, now: str) -> list[Tier]:
    """The tiers that a rise goes through, the lowest first."""
    return list(programme.tiers[programme.rank(was) + 1 : programme.rank(now) + 1])


def multiplier(programme: Programme, tier: str) -> Decimal:
    found = programme.tier_of(tier)
    return found.multiplier if found else Decimal(1)
