"""What other rooms' pages show of points."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import customer_panel as console_customer_panel
from thereafter.console.nav import nav_item
from thereafter.kit.sockets import Panel
from thereafter.loyalty import tellings  # noqa: F401 it adds its own when it is read
from thereafter.loyalty.queries import ledger as queries
from thereafter.loyalty.models import Entry
from thereafter.storefront.panels import account_panel, order_panel

nav_item("Loyalty", url_name="loyalty_console:programme", icon="gift", verb="loyalty.read", group="Engage", place=40)
nav_item("Till", url_name="loyalty_console:till", icon="card", verb="loyalty.till", group="Engage", place=41)


@account_panel(place=30)
def points_of_member(request: HttpRequest, customer: Customer) -> Panel:
    """The balance and where it came from; a new customer is told how points are made."""
    account = queries.account_of(customer)
    context = {
        "balance": account.available if account else 0,
        "debt": account.debt if account else 0,
        "lines": [_line(entry) for entry in queries.history(account)] if account else [],
    }
    return Panel("loyalty/storefront/_account.html", context, title=gettext_noop("Your points"))


@order_panel(place=60)
def points_of_order(request: HttpRequest, order: Order) -> Panel | None:
    entries = queries.entries_of(order)
    if not entries:
        return None
    lines = [_line(entry, order) for entry in entries]
    context = {"total": sum(entry.points for entry in entries), "lines": lines}
    return Panel("loyalty/storefront/_order.html", context, title=gettext_noop("Points from this order"))


@console_customer_panel(place=40)
def points_in_console(request: HttpRequest, customer: Customer) -> Panel:
    account = queries.account_of(customer)
    context = {"account": account, "customer": customer, "lines": queries.history(account, most=6) if account else []}
    return Panel("loyalty/console/_customer.html", context, title="Points")


def _line(entry: Entry, order: Order | None = None) -> dict[str, Any]:
    order = order or entry.order
    return {**entry.facts, "order": order.number if order else ""}
