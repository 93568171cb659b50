"""Which day a trigger `{"date": "trait.birthday", "yearly": true, "days": -3, "at": "09:00"}` means. Plain Python."""

from calendar import isleap
from collections.abc import Mapping
from datetime import date, time
from typing import Any, NamedTuple

MORNING = time(9)


class Spec(NamedTuple):
    """The trait that holds the day, whether it comes every year, how many days after it, and at what hour."""

    trait: str
    yearly: bool
    days: int
    at: time


def spec_of(trigger: Mapping[str, Any]) -> Spec:
    return Spec(
        str(trigger["date"]).removeprefix("trait."),
        bool(trigger.get("yearly", False)),
        int(trigger.get("days", 0)),
        time.fromisoformat(trigger["at"]) if trigger.get("at") else MORNING,
    )


def days_meant(on: date) -> tuple[str, ...]:
    """As month and day: who was born on 29 February has their day on the 28th of other years."""
    own = on.strftime("%m-%d")
    return (own, "02-29") if own == "02-28" and not isleap(on.year) else (own,)
