"""Recency, frequency, money: cut points, scores and the groups' names. Plain Python.

Scores are cut where equal shares of the customers lie below, from histograms: equal values always share a score, so a
shop where four of five bought once gives 1 to all of these. The six groups follow Klaviyo's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Cuts = tuple[int, ...]
_HIGH, _LOW = 0.75, 0.5


@dataclass(frozen=True)
class Named:
    """`meaning` says who is in it, `advice` what to do."""

    key: str
    name: str
    meaning: str
    advice: str


GROUPS = (
    Named("champions", "Champions", "Bought lately, often and for much.", "Thank them first; ask for reviews."),
    Named("loyal", "Loyal", "Come back, and spend more than most.", "Keep them: points, early access."),
    Named("recent", "Recent", "Bought lately, but seldom or for little so far.", "Win the second order."),
    Named("attention", "Needs attention", "Were not here for a while.", "Remind them of what they bought."),
    Named(
        "at_risk",
        "At risk",
        "Bought often or for much, and have long been away.",
        "Ask what went wrong, make an offer.",
    ),
    Named("inactive", "Inactive", "Bought little, long ago.", "Write seldom, or let go."),
)
BY_KEY = {group.key: group for group in GROUPS}


def cuts(histogram: Mapping[int, int], levels: int) -> Cuts:
    """levels - 1 rising cut points: a value that reaches k of them scores k + 1.

    The i-th is the smallest value below which at least i / levels of all lie. Cut points may be equal: scores between
    them then stay empty, because ties are not torn apart.
    """
    whole = sum(histogram.values())
    found: list[int] = []
    below = 0
    for value in sorted(histogram):
        while len(found) < levels - 1 and below * levels >= (len(found) + 1) * whole:
            found.append(value)
        below += histogram[value]
    top = max(histogram, default=0) + 1
    return (*found, *[top] * (levels - 1 - len(found)))


def level(value: int, cut_points: Cuts) -> int:
    """1 to (cut points + 1)."""
    return 1 + sum(value >= cut for cut in cut_points)


def recency_level(days: int, cut_points: Cuts) -> int:
    """The best score for the fewest days."""
    return len(cut_points) + 2 - level(days, cut_points)


def group(r: int, f: int, m: int, levels: int) -> str:
    """The key of the group: from recency, and from frequency and money together, each low, middle or high.

    Who comes seldom is not loyal, however much the one order was.
    """
    worth, since = _band((f + m) / 2, levels), _band(r, levels)
    found = _GROUP_OF[since][worth]
    return _SELDOM[since] if found == "loyal" and _band(f, levels) == 0 else found


def _band(score: float, levels: int) -> int:
    place = (score - 1) / (levels - 1)
    return 2 if place >= _HIGH else 0 if place < _LOW else 1


_SELDOM = ("at_risk", "attention", "recent")
# By recency (low, middle, high), then by frequency and money.
_GROUP_OF = (
    ("inactive", "at_risk", "at_risk"),
    ("attention", "attention", "loyal"),
    ("recent", "loyal", "champions"),
)
