"""In which order points are spent, and how many come from where."""

from collections.abc import Sequence
from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)
UNWRITTEN = 2**63


def turn(expires_at: datetime | None, earned_at: datetime, number: int | None) -> tuple[datetime, datetime, int]:
    """What ends first goes first, what never ends last; then what was earned first; then the lower number."""
    return expires_at or NEVER, earned_at, number or UNWRITTEN


def allocate(points: int, remaining: Sequence[int]) -> tuple[list[int], int]:
    """How many points come from each lot, the first one first, and how many are not there."""
    parts = []
    for left in remaining:
        parts.append(min(points, left))
        points -= parts[-1]
    return parts, points
