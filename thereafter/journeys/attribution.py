"""Orders that followed a journey's messages: counted by the last touch, as other tools do. Reads only.

It says who came after a message, not who came because of it: that is what the holdout is for.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from thereafter.commerce.models import Order
from thereafter.journeys.models import Journey
from thereafter.messaging.models import Message, MessageClass, Receipt


class Touch(NamedTuple):
    at: datetime
    origin: str


@dataclass(frozen=True)
class Attributed:
    """Orders and money whose last touch was a message of the journey; `clicked` of them after a click."""

    orders: int = 0
    clicked: int = 0
    money: int = 0


def origin_of(journey: Journey) -> str:
    """What the `origin` of a journey's messages begins with."""
    return f"journey:{journey.pk}:"


def last_touch(journey: Journey, since: datetime, window: timedelta) -> Attributed:
    """A click of a reader within the window before the order counts before any message that was merely sent.

    Clicks of machines, and opens of any kind, are not counted. News about orders is no touch, unless the journey sends
    it.
    """
    own = origin_of(journey)
    orders = _orders(journey, since)
    people = {order[0] for order in orders}
    sent, clicked = _sent(journey, people, since - window), _clicked(journey, people, since - window)
    found = Attributed()
    for customer_id, placed_at, money in orders:
        click = _last(clicked.get(customer_id, ()), placed_at, window)
        touch = click or _last(sent.get(customer_id, ()), placed_at, window)
        if touch and touch.origin.startswith(own):
            found = Attributed(found.orders + 1, found.clicked + bool(click), found.money + money)
    return found


def _orders(journey: Journey, since: datetime) -> list[tuple[int, datetime, int]]:
    """(customer, when, net amount) of those who got one of its messages."""
    store = journey.store
    reached = Message.objects.of(store).filter(origin__startswith=origin_of(journey), state=Message.State.SENT)
    rows = Order.objects.of(store).filter(customer_id__in=reached.values("customer_id"), placed_at__gt=since)
    rows = rows.exclude(status=Order.Status.CANCELLED).filter(currency=store.currency)
    columns = rows.values_list("customer_id", "placed_at", "total_minor", "refunded_minor")
    return [(customer_id, at, total - refunded) for customer_id, at, total, refunded in columns]


def _sent(journey: Journey, people: set[int], since: datetime) -> dict[int, list[Touch]]:
    rows = Message.objects.of(journey.store).filter(state=Message.State.SENT, sent_at__gt=since).order_by()
    own = origin_of(journey)
    columns = rows.values_list("customer_id", "sent_at", "origin", "message_class")
    return _by_person(
        (customer_id, Touch(at, origin))
        for customer_id, at, origin, message_class in columns.iterator()
        if at and customer_id in people and (message_class != MessageClass.TRANSACTIONAL or origin.startswith(own))
    )


def _clicked(journey: Journey, people: set[int], since: datetime) -> dict[int, list[Touch]]:
    rows = Receipt.objects.of(journey.store).filter(kind=Receipt.Kind.CLICKED, machine=False, at__gt=since).order_by()
    columns = rows.values_list("message__customer_id", "at", "message__origin")
    return _by_person(
        (customer_id, Touch(at, origin)) for customer_id, at, origin in columns.iterator() if customer_id in people
    )


def _by_person(touches: Iterable[tuple[int, Touch]]) -> dict[int, list[Touch]]:
    found: dict[int, list[Touch]] = defaultdict(list)
    for customer_id, touch in touches:
        found[customer_id].append(touch)
    return {customer_id: sorted(theirs) for customer_id, theirs in found.items()}


def _last(touches: Sequence[Touch], before: datetime, window: timedelta) -> Touch | None:
    place = bisect_left(touches, (before, ""))
    last = touches[place - 1] if place else None
    return last if last and last.at > before - window else None
