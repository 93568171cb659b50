"""Generated histories of parcels: plausible ways to the door, with what goes wrong on them."""

import random
from datetime import UTC, datetime, timedelta, timezone

from thereafter.tracking.rules import states
from thereafter.tracking.rules.states import Scan

START = datetime(2026, 3, 3, 8, tzinfo=UTC)
ZONES = [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=30))]
_WAY = (
    states.LABEL_CREATED,
    states.PICKED_UP,
    states.IN_TRANSIT,
    states.IN_TRANSIT,
    states.OUT_FOR_DELIVERY,
    states.ATTEMPTED,
    states.AVAILABLE_FOR_PICKUP,
    states.DELIVERED,
)


def history(chance: random.Random) -> list[Scan]:
    """One parcel's scans so far, as they happened: most of the usual way, and up to six surprises."""
    at, scans = START, []
    for status in _WAY[: chance.randrange(len(_WAY) + 1)]:
        at += timedelta(minutes=chance.choice((0, 0, 1, 90, 600, 1500)))
        if chance.random() < 0.8:
            scans.append(_scan(chance, at, status))
    for _ in range(chance.randrange(7)):
        moment = START + timedelta(minutes=chance.randrange(0, 6000, 30))
        scans.append(_scan(chance, moment, chance.choice(sorted(states.RANKS))))
    return scans


def _scan(chance: random.Random, at: datetime, status: str) -> Scan:
    reason = chance.choice(sorted(states.REASONS)) if status == states.EXCEPTION else ""
    detail = chance.choice(["", *sorted(states.DETAILS)]) if status == states.DELIVERED else ""
    return Scan(at.astimezone(chance.choice(ZONES)), status, reason, detail, chance.choice((None, None, True, False)))


def disturbed(scans: list[Scan], chance: random.Random) -> list[Scan]:
    """The same history as carriers send it: in any order, some scans twice or more."""
    again = [*scans, *(chance.choice(scans) for _ in range(chance.randrange(8)))] if scans else []
    chance.shuffle(again)
    return again
