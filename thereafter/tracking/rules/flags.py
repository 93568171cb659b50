"""What is not as it should be with a parcel: flags that go up and come down by themselves, each with its cause.

A flag is never a status: "delayed" and "stalled" say nothing of where a parcel is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from thereafter.tracking.rules import states

# Later than promised, most likely: the carrier says so, we predict it, or nobody says anything any more.
DELAYED = "delayed"
# Nothing moves: in fulfilment (an order), before the carrier has it, in transit.
STALLED = "stalled"
# The promised day is over.
OVERDUE = "overdue"
EXCEPTION, ATTEMPTED, RETURNING = "exception", "attempted", "returning"
# The carrier does not know the number; asking has ended without an answer; a shopper reported something.
INVALID_NUMBER, POLLING_EXPIRED, REPORTED = "invalid_number", "polling_expired", "reported"
KINDS = (
    REPORTED,
    EXCEPTION,
    OVERDUE,
    DELAYED,
    STALLED,
    ATTEMPTED,
    RETURNING,
    INVALID_NUMBER,
    POLLING_EXPIRED,
)
# A carrier knows a number only some hours after its label was made.
GRACE = timedelta(hours=24)
CARRIER, PREDICTED, SILENCE = "carrier", "predicted", "stalled"
FULFILMENT, PRE_TRANSIT, TRANSIT = "fulfilment", "pre_transit", "transit"
# Raised by what somebody did, not by what we know of the parcel; they come down by an action as well.
BY_HAND = frozenset({REPORTED, POLLING_EXPIRED})


@dataclass(frozen=True, slots=True)
class Raised:
    cause: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts of a parcel. `silent_after` is the moment from which its silence is a stall."""

    status: str
    status_at: datetime | None
    reason: str
    # The end of the promised day.
    overdue_since: datetime | None
    carrier_delayed: bool
    last_scan_at: datetime | None
    late_chance: float | None
    unknown_number: bool
    silent_after: datetime | None


def raised(facts: Facts, *, now: datetime, tell: float) -> Mapping[str, Raised]:
    """The flags that are up at this moment; none for a parcel nobody waits for any more."""
    if facts.status in states.FINISHED:
        return {}
    at = facts.status_at or now
    up: dict[str, Raised] = {}
    if facts.status in {EXCEPTION, ATTEMPTED, RETURNING}:
        up[facts.status] = Raised(facts.reason, at)
    if facts.unknown_number and facts.status in _WAITING and at + GRACE <= now:
        up[INVALID_NUMBER] = Raised("", at + GRACE)
    if facts.status in _COMING and facts.overdue_since and facts.overdue_since <= now:
        up[OVERDUE] = Raised("", facts.overdue_since)
    if facts.silent_after is not None and facts.silent_after <= now and facts.status in _COMING:
        up[STALLED] = Raised(PRE_TRANSIT if facts.status in _WAITING else TRANSIT, facts.silent_after)
    delayed = _delayed(facts, up.get(STALLED), tell, now)
    return up | {DELAYED: delayed} if delayed else up


_WAITING = frozenset({states.UNKNOWN, states.LABEL_CREATED})
# Waiting at a shop or coming back, a parcel is nobody's delay any more.
_COMING = frozenset(states.RANKS) - states.FINISHED - {states.AVAILABLE_FOR_PICKUP, states.RETURNING}


def _delayed(facts: Facts, stalled: Raised | None, tell: float, now: datetime) -> Raised | None:
    if facts.status not in _COMING:
        return None
    if facts.carrier_delayed:
        return Raised(CARRIER, facts.last_scan_at or now)
    # What is late already is not likely to be late.
    coming = facts.overdue_since is None or facts.overdue_since > now
    if coming and facts.late_chance is not None and facts.late_chance >= tell:
        return Raised(PREDICTED, now)
    return Raised(SILENCE, stalled.since) if stalled and stalled.cause == TRANSIT else None
