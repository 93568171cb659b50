"""What other rooms show of an order or a customer in the console: `@order_panel(place=20)` in their `panels.py`."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer, Order
from thereafter.kit.sockets import Panel, Socket

order_panel: Socket[Callable[[HttpRequest, Order], Panel | None]] = Socket()
customer_panel: Socket[Callable[[HttpRequest, Customer], Panel | None]] = Socket()

# One line of the timeline in plain words, by the event's name: `@telling("parcel.delivered")`.
Told = tuple[str, str, str]
tellers: dict[str, Callable[[dict[str, Any]], Told]] = {}


def telling(*names: str) -> Callable[[Callable[[dict[str, Any]], Told]], Callable[[dict[str, Any]], Told]]:
    """Says how events are told on the timeline: the function turns a payload into (icon, title, body)."""

    def add(teller: Callable[[dict[str, Any]], Told]) -> Callable[[dict[str, Any]], Told]:
        tellers.update(dict.fromkeys(names, teller))
        return teller

    return add
