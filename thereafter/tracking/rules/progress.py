"""How an order's way to the door is told: which steps are behind it, and what matters most right now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from thereafter.tracking.rules import states

STEPS = ("ordered", "shipped", "on_the_way", "out_for_delivery", "delivered")
# The way of a parcel that comes back, and of one that waits to be fetched.
BACK = ("shipped", "returning", "returned")
TO_PICKUP = ("ordered", "shipped", "on_the_way", "pickup", "delivered")
# The step at which a parcel with this status stands.
_STEP_OF: Mapping[str, int] = {
    states.UNKNOWN: 0,
    states.LABEL_CREATED: 1,
    states.PICKED_UP: 1,
    states.IN_TRANSIT: 2,
    states.EXCEPTION: 2,
    states.OUT_FOR_DELIVERY: 3,
    states.ATTEMPTED: 3,
    states.AVAILABLE_FOR_PICKUP: 3,
    states.DELIVERED: 4,
}
_BACK_AT: Mapping[str, int] = {states.RETURNING: 1, states.RETURNED: 2}
# The step that a scan brings a parcel to. Trouble on the way says nothing of how far it came.
REACHED: Mapping[str, str] = {
    states.LABEL_CREATED: "shipped",
    states.PICKED_UP: "shipped",
    states.IN_TRANSIT: "on_the_way",
    states.OUT_FOR_DELIVERY: "out_for_delivery",
    states.AVAILABLE_FOR_PICKUP: "pickup",
    states.DELIVERED: "delivered",
    states.RETURNING: "returning",
    states.RETURNED: "returned",
}
TROUBLE = frozenset({states.EXCEPTION, states.ATTEMPTED, states.RETURNING})


def steps(status: str) -> list[tuple[str, str]]:
    """Each step of the bar as done, current, todo or problem; none for a parcel that will not be sent."""
    if status == states.CANCELLED:
        return []
    names = BACK if status in _BACK_AT else TO_PICKUP if status == states.AVAILABLE_FOR_PICKUP else STEPS
    here = _BACK_AT.get(status, _STEP_OF.get(status, 0))
    now = "problem" if status in TROUBLE else "done" if status in states.FINISHED else "current"
    return [(step, "done" if at < here else now if at == here else "todo") for at, step in enumerate(names)]


@dataclass(frozen=True, slots=True)
class Way:
    """What decides the headline of one parcel."""

    status: str
    promised_on: date | None
    first: date | None
    last: date | None


def headline(way: Way, today: date) -> str:
    """The one thing a shopper wants to know, by name."""
    if way.status in {states.DELIVERED, states.RETURNED, states.CANCELLED, states.RETURNING}:
        return way.status
    if way.status in {states.AVAILABLE_FOR_PICKUP, states.ATTEMPTED, states.EXCEPTION}:
        return way.status
    if way.promised_on and states.is_overdue(way.promised_on, today):
        return "late"
    if way.status == states.OUT_FOR_DELIVERY:
        return "today"
    return _coming(way, today)


def _coming(way: Way, today: date) -> str:
    if way.first is None or way.last is None:
        return "on_the_way"
    if way.first >= way.last:
        return {today: "today", today + timedelta(1): "tomorrow"}.get(way.last, "on_day")
    return "between"


def leading(headlines: Sequence[str]) -> int:
    """Which of several parcels the page opens with: trouble, then what is still coming, then what came."""
    order = (
        states.EXCEPTION,
        states.ATTEMPTED,
        states.AVAILABLE_FOR_PICKUP,
        "late",
        states.RETURNING,
        "today",
        "tomorrow",
        "on_day",
        "between",
        "on_the_way",
        states.DELIVERED,
        states.RETURNED,
        states.CANCELLED,
    )
    return min(range(len(headlines)), key=lambda at: order.index(headlines[at]))
