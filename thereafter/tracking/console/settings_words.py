"""What a store's own past says of its alerts, in sentences beside the settings."""

from collections.abc import Mapping, Sequence
from typing import Any

# Fewer late parcels, or alerts, than these make no figure.
ENOUGH = 10


def alert_words(rows: Sequence[Mapping[str, Any]], threshold: float) -> str:
    """How an alert from this chance would have done; rows are `survival.AlertQuality` as JSON."""
    if not rows:
        return "Nothing is measured yet: that takes about a hundred deliveries with a promised day."
    row = min(rows, key=lambda one: abs(one["threshold"] - threshold))
    if row["late"] < ENOUGH or row["alerts"] < ENOUGH:
        return f"Of your last {row['parcels']} parcels {row['late']} came late: too few to measure alerts by."
    right = f"Of 10 parcels alerted at {round(100 * row['threshold'])}%, {_of_ten(row['precision'])} really came late"
    found = f"{_of_ten(row['recall'])} of 10 late ones were found"
    return f"{right}; {found}, half of them at least {_days(row['median_lead_days'])} before the promised day was over."


def _of_ten(share: float | None) -> int:
    return round(10 * (share or 0))


def _days(days: float | None) -> str:
    number = round(days or 0, 1)
    return "1 working day" if number == 1 else f"{number:g} working days"


def alert_row(row: Mapping[str, Any]) -> dict[str, Any]:
    few = row["late"] < ENOUGH or row["alerts"] < ENOUGH
    return {**row, "few": few}
