"""Whether a parcel will keep its promised day, why it will not, and what has to happen next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from thereafter.tracking.rules import flags, states
from thereafter.tracking.rules.settings import Alerts

ON_TIME, MIGHT_BE_LATE, WILL_BE_LATE, LATE = "on_time", "might_be_late", "will_be_late", "late"
# Waiting for the shopper, on its way back or there, a parcel has no day to keep any more.
_COMING = frozenset(
    {
        states.UNKNOWN,
        states.LABEL_CREATED,
        states.PICKED_UP,
        states.IN_TRANSIT,
        states.OUT_FOR_DELIVERY,
        states.ATTEMPTED,
        states.EXCEPTION,
    }
)
_IN_TROUBLE = frozenset({states.ATTEMPTED, states.EXCEPTION})


@dataclass(frozen=True, slots=True)
class Way:
    """What decides. `trouble` is the reason of the trouble it is in, or has just been in; `last` the last day on which
    we expect it; `flags` those that are up, with their causes."""

    status: str
    trouble: str
    promised_on: date | None
    last: date | None
    late_chance: float | None
    flags: Mapping[str, str]


class Outlook(NamedTuple):
    """`trend` is "" when nothing was promised or nothing can be said; `cause` a reason of trouble or a flag's cause."""

    trend: str = ""
    cause: str = ""


def outlook(way: Way, *, today: date, alerts: Alerts) -> Outlook:
    """Trending late, in the words of the field, with the cause that a shopper is told."""
    if way.status not in _COMING:
        return Outlook()
    trend = _trend(way, today, alerts)
    if trend in {"", ON_TIME}:
        return Outlook("" if way.status in _IN_TROUBLE else trend)
    return Outlook(trend, _cause(way))


def _trend(way: Way, today: date, alerts: Alerts) -> str:
    promised, delayed = way.promised_on, way.flags.get(flags.DELAYED)
    if promised is None:
        return WILL_BE_LATE if delayed == flags.CARRIER else ""
    if states.is_overdue(promised, today):
        return LATE
    if way.status == states.OUT_FOR_DELIVERY:
        return ON_TIME
    chance = way.late_chance or 0
    if delayed in {flags.CARRIER, flags.PREDICTED} or chance >= alerts.tell:
        return WILL_BE_LATE
    # A carrier's silence is a bad sign and no more.
    if chance >= alerts.might_be_late or delayed or flags.STALLED in way.flags:
        return MIGHT_BE_LATE
    return ON_TIME if way.last is not None and way.last <= promised else ""


def _cause(way: Way) -> str:
    """What is known beats what we conclude; without any sign there is none to tell."""
    told = way.trouble or way.flags.get(flags.DELAYED) or way.flags.get(flags.STALLED)
    return told or (flags.PREDICTED if way.late_chance else "")


_OF_TROUBLE: Mapping[str, str] = {
    "consignee_bad_address": "address",
    "customs_duties_unpaid": "pay",
    "payment_due": "pay",
    "customs_documents": "documents",
    "consignee_not_home": "be_home",
    "consignee_business_closed": "be_home",
    "consignee_refused": "tell_us",
    "consignee_unclaimed": "tell_us",
}


def next_action(status: str, reason: str, *, waits: bool) -> str:
    """What the shopper can do now, by name, "" for nothing. `waits`: we know where it waits to be picked up."""
    if status == states.AVAILABLE_FOR_PICKUP or (status == states.ATTEMPTED and waits):
        return "pickup"
    if status == states.EXCEPTION:
        return _OF_TROUBLE.get(reason, "")
    return {
        states.ATTEMPTED: _OF_TROUBLE.get(reason, "be_home"),
        states.OUT_FOR_DELIVERY: "expect",
        states.RETURNING: "tell_us",
        states.RETURNED: "tell_us",
    }.get(status, "")


# Fewer past deliveries say too little of the time of day.
ENOUGH = 20


def by_hour(minutes: Sequence[int]) -> int | None:
    """The full hour of the day (1 to 24) by which nine in ten came; `minutes` are their minutes since midnight."""
    if len(minutes) < ENOUGH:
        return None
    ordered = sorted(minutes)
    return min(24, ordered[-(-len(ordered) * 9 // 10) - 1] // 60 + 1)
