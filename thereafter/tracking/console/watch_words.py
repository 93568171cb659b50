"""The watch list in plain words."""

from datetime import datetime, timedelta
from typing import Any

from thereafter.stores.models import Store
from thereafter.tracking.rules import flags
from thereafter.tracking.watching import Watched
from thereafter.tracking.words import STATUS, flag_words

# What can be claimed from a carrier.
REASONS = (("lost", "Lost"), ("damaged", "Damaged"), ("late", "Too late"))
_TONES = {
    flags.REPORTED: "bad",
    flags.EXCEPTION: "bad",
    flags.OVERDUE: "bad",
    flags.DELAYED: "warn",
    flags.STALLED: "warn",
    flags.ATTEMPTED: "warn",
}


def row_facts(row: Watched, now: datetime, store: Store) -> dict[str, Any]:
    """What one row of the list shows. A stall says what the delay beside it says, so only one is shown."""
    stalled = {flag.cause for flag in row.flags if flag.kind == flags.STALLED}
    shown = [flag for flag in row.flags if not (flag.kind == flags.DELAYED and flag.cause == flags.SILENCE and stalled)]
    return {
        "row": row,
        "badges": [
            {"text": flag_words(flag.kind, flag.cause), "tone": _TONES.get(flag.kind, "neutral")} for flag in shown
        ],
        "status": STATUS[row.parcel.status] if row.parcel else "Nothing has left yet",
        "since": _age(now - row.since),
        "store": store,
    }


def _age(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return "just now"
    if age < timedelta(days=1):
        hours = int(age.total_seconds() // 3600)
        return f"{hours} h"
    return "1 day" if age.days == 1 else f"{age.days} days"
