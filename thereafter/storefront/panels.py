"""What other rooms show a shopper: `@order_panel(place=20)` and `@account_panel(place=20)` in their `panels.py`."""

from collections.abc import Callable

from django.http import HttpRequest

from thereafter.commerce.models import Customer, Order
from thereafter.kit.sockets import Panel, Socket

order_panel: Socket[Callable[[HttpRequest, Order], Panel | None]] = Socket()
account_panel: Socket[Callable[[HttpRequest, Customer], Panel | None]] = Socket()
