"""What mails say of sending back and of withdrawing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.kit import clock
from thereafter.messaging.blocks import Facts, block
from thereafter.returns import finding, links
from thereafter.returns.finding import Standing
from thereafter.returns.panels import has_portal
from thereafter.returns.rules.legal import law
from thereafter.returns.statements import in_language
from thereafter.storefront.links import order_page, page

SAMPLE: Facts = {
    "until": None,
    "days": 30,
    "free": True,
    "cost_minor": None,
    "currency": "EUR",
    "start_url": "#",
    "withdraw_url": "#",
    "withdraw_label": "Withdraw from contract here",
}


@block(
    "returns",
    many=True,
    label="Returns",
    hint="The last day to send back, what it costs, and the way to withdraw",
    sample=SAMPLE,
)
def returns(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """Nothing for an order of which nothing can come back."""
    now = clock.now()
    of_store: dict[int, dict[int, Order]] = defaultdict(dict)
    for order in orders:
        if order is not None and not order.is_cancelled:
            of_store[order.store_id][order.pk] = order
    told: dict[int, Standing] = {}
    for waiting in of_store.values():
        rows = list(waiting.values())
        told |= finding.standings(rows, clock.day_in(now, rows[0].store.time_zone))
    return [
        _facts(customer, order, told[order.pk]) if order and order.pk in told else None
        for customer, order in zip(customers, orders, strict=True)
    ]


def _facts(customer: Customer, order: Order, standing: Standing) -> Facts | None:
    if not (standing.withdraws or standing.returns):
        return None
    language = in_language(customer.locale or order.store.locale)
    withdraw: dict[str, Any] = {"withdraw_url": None, "withdraw_label": None}
    if standing.withdraws:
        withdraw = {
            "withdraw_url": links.withdraw_page(order.store, order),
            "withdraw_label": law.current().labels(language)[0],
        }
    return {
        "until": _iso(standing.until) if standing.returns else None,
        "days": standing.days,
        "free": standing.cost_minor == 0,
        "cost_minor": standing.cost_minor or None,
        "currency": order.currency,
        "start_url": page(order.store, "returns_storefront:start") if has_portal() else order_page(order),
        **withdraw,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
