"""When somebody is reminded of a product, what becomes of a reminder, and what takes a product's place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from datetime import date, timedelta
from math import ceil, floor, log
from typing import NamedTuple

# No earlier than after two thirds of the time, however long the delivery takes.
MOST_LEAD_SHARE = 1 / 3
# Who is so long over the window buys elsewhere or has no use for it: a reminder would be late news.
TOO_LATE = timedelta(days=14)
# A window that began earlier than so long before we learnt of the purchase (a first build, an import of old orders, a
# product that was not reminded of) is no news: nobody is told, or a new shop would write to everybody at once.
BACKLOG = timedelta(days=3)
# A shop that never says that an order left still gets reminders.
ON_ITS_WAY = timedelta(days=30)
SNOOZE_DAYS = 14
# Beside a warranty or five years nothing is used up.
LONGEST_DAYS = 1825
# One product takes another's place only where it lasts about as long.
SIMILAR = log(2)

WAITING, TOLD, ORDERED, SNOOZED, STOPPED = "waiting", "told", "ordered", "snoozed", "stopped"
SHOPPER, SUBSTITUTE, LATE = "shopper", "substitute", "late"


class Due(NamedTuple):
    """The window in days of the calendar."""

    since: date
    on: date
    until: date


def due(bought_on: date, *, low: float, middle: float, high: float, lead_days: int) -> Due:
    """The window of `intervals`, earlier by the delivery's days so that the parcel is there when it is needed."""
    lead = min(lead_days, MOST_LEAD_SHARE * middle)
    days = [max(1, floor(low - lead)), max(1, round(middle - lead)), max(1, ceil(high - lead))]
    return Due(*(bought_on + timedelta(days=min(day, LONGEST_DAYS)) for day in days))


class Held(NamedTuple):
    """What is known of a reminder so far."""

    bought_on: date
    order_id: int
    state: str
    why: str = ""


def following(
    held: Held | None, *, bought_on: date, order_id: int, is_replaced: bool, is_backlog: bool = False
) -> tuple[str, str]:
    """State and reason after what was bought last is looked at anew. `is_backlog`: its window began long ago."""
    late = LATE if is_backlog else ""
    if held is None:
        return (STOPPED, SUBSTITUTE) if is_replaced else (WAITING, late)
    if held.why == SHOPPER:
        return held.state, held.why
    if is_replaced:
        return STOPPED, SUBSTITUTE
    if (held.bought_on, held.order_id) == (bought_on, order_id):
        return _of_same(held, late)
    if bought_on >= held.bought_on:
        return (ORDERED if held.state == TOLD else WAITING), late
    # The order that answered the reminder was cancelled or sent back: they were told of the one before.
    return (TOLD if held.state == ORDERED else WAITING), ""


def _of_same(held: Held, late: str) -> tuple[str, str]:
    """Of a purchase that was known; what was no news then may become some when the window moves."""
    if held.why == SUBSTITUTE:
        return WAITING, ""
    return held.state, late if held.why == LATE else held.why


class Taken(NamedTuple):
    """A product that a customer bought, with the day of the last time and the orders it was in."""

    product_id: int
    category: str
    middle: float
    last_on: date
    orders: Set[int]


def replaced(taken: Iterable[Taken]) -> dict[int, int]:
    """Of one customer's products those in whose place a later one was bought, and which: of the same category, used up
    in about the same time, and never in one order with it. Who takes both at once uses both."""
    by_category: dict[str, list[Taken]] = defaultdict(list)
    for one in taken:
        if one.category:
            by_category[one.category].append(one)
    found = {}
    for alike in by_category.values():
        newest_first = sorted(alike, key=lambda one: (one.last_on, one.product_id), reverse=True)
        for at, one in enumerate(newest_first):
            later = [other for other in newest_first[:at] if _takes_place_of(other, one)]
            if later:
                found[one.product_id] = later[0].product_id
    return found


def _takes_place_of(other: Taken, one: Taken) -> bool:
    return other.last_on > one.last_on and abs(other.middle - one.middle) <= SIMILAR and not (other.orders & one.orders)


def is_on(switch: str, *, replenish_days: int | None, is_bought_again: bool) -> bool:
    """The merchant's word, else the product's days, else what people do."""
    return switch == "on" or (switch != "off" and bool(replenish_days or is_bought_again))


def basis(own_gaps: int, *, usual_days: int, gaps: int, replenish_days: int | None) -> str:
    """Why the window lies where it lies, for staff."""
    own = {0: "They bought it once", 1: "They came back for it once"}.get(
        own_gaps, f"They came back for it {own_gaps:,} times"
    )
    if not gaps:
        usual = f"you say it lasts {replenish_days} days" if replenish_days else "nobody came back for it yet"
    else:
        usual = f"others take about {usual_days} days, from {gaps:,} {'repeat' if gaps == 1 else 'repeats'}"
    return f"{own}; {usual}."


def returned_whole(quantity: int, refunded: Mapping[str, int], line: str) -> bool:
    """Whether all of a line came back, so that it was no purchase."""
    return refunded.get(line, 0) >= quantity
