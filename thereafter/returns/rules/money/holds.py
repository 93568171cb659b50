"""Instant exchange: the new goods leave at once against a hold, which a scan in time releases.

Amounts are whole minor units, days are counted from the day of the hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

HoldEvent = Literal[
    "authorised",
    "in_transit_scan",
    "dropped_off",
    "returned",
    "deadline_passed_no_scan",
    "released",
    "lapsed",
    "reauthorised",
    "cancelled",
]
HOLD_EVENTS: tuple[HoldEvent, ...] = get_args(HoldEvent)
_SCANS = {"in_transit_scan", "dropped_off", "returned"}


class Happening(NamedTuple):
    day: int
    what: HoldEvent


@dataclass(frozen=True, kw_only=True)
class Hold:
    """`amount` is blocked on the card (`held`), `captured` was taken, `refunded` of it went back.

    `due` is what the deadline takes where only a token amount is blocked; None: the same. `days` are for sending back.
    """

    amount: int
    days: int
    due: int | None = None
    held: int = 0
    captured: int = 0
    refunded: int = 0
    secured: bool = False

    @property
    def state(self) -> str:
        if self.refunded:
            return "refunded"
        if self.captured:
            return "captured"
        return "held" if self.held else "released"


def replay(hold: Hold, happenings: Iterable[Happening]) -> Hold:
    """The hold after all that happened, in the order of the days; what is told twice changes nothing."""
    for happening in sorted(happenings, key=lambda one: one.day):
        hold = happen(hold, happening)
    return hold


def happen(hold: Hold, happening: Happening) -> Hold:
    """A scan until the last day (that day included) releases; the deadline captures; a later return refunds that.

    A bank lets a hold lapse after days of its own: the mandate stays, and the deadline captures all the same.
    """
    match happening.what:
        case "authorised" | "reauthorised":
            return hold if hold.captured else replace(hold, held=hold.amount, secured=True)
        case "lapsed":
            return replace(hold, held=0)
        case "released" | "cancelled":
            return replace(hold, held=0, secured=False)
        case "deadline_passed_no_scan":
            return _captured(hold)
        case _:
            return _scanned(hold, happening)


def _captured(hold: Hold) -> Hold:
    if not hold.secured:
        return hold
    return replace(hold, held=0, captured=hold.amount if hold.due is None else hold.due, secured=False)


def _scanned(hold: Hold, happening: Happening) -> Hold:
    if happening.day > hold.days:
        hold = _captured(hold)
    if not hold.captured:
        return replace(hold, held=0, secured=False)
    return replace(hold, refunded=hold.captured) if happening.what == "returned" else hold
