"""A customer's page: what they were worth, and what is expected of them."""

from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer
from thereafter.commerce.panels import customer_panel
from thereafter.insights.figures.outlooks import Fitted, fitted, outlook_of
from thereafter.insights.models import Outlook
from thereafter.insights.rules import rfm
from thereafter.kit import clock
from thereafter.kit.money import Money
from thereafter.kit.pages import money, percent, short_day
from thereafter.kit.sockets import Panel

CHURN = {
    "low": ("Low churn risk", "good"),
    "medium": ("Medium churn risk", "warn"),
    "high": ("High churn risk", "bad"),
}


@customer_panel(place=30)
def value_in_console(request: HttpRequest, customer: Customer) -> Panel:
    outlook, fit = outlook_of(customer), fitted(customer.store)
    if outlook is None or fit is None:
        return Panel("insights/console/_customer.html", {"outlook": None}, title="Customer value")
    currency = customer.store.currency
    context = {
        "outlook": outlook,
        "fit": fit,
        "past": money(Money(outlook.value_past_minor, currency)),
        "lines": _lines(outlook, currency) if outlook.value_365_minor is not None else [],
        "churn": CHURN.get(outlook.churn),
        "group": rfm.BY_KEY.get(outlook.rfm_group),
        "missing": _missing(fit),
    }
    return Panel("insights/console/_customer.html", context, title="Customer value")


def _lines(outlook: Outlook, currency: str) -> list[tuple[str, str]]:
    """What is expected; of ten customers like this one, eight lie between low and high."""
    value, low, high = outlook.value_365_minor or 0, outlook.value_365_low_minor or 0, outlook.value_365_high_minor or 0
    between = f"{money(Money(low, currency))} to {money(Money(high, currency))}"
    return [
        ("Expected in a year", money(Money(value, currency))),
        ("Eight in ten like this", between),
        ("No order in 90 days", percent(outlook.quiet_90)),
        ("Next order", _next(outlook)),
    ]


def _next(outlook: Outlook) -> str:
    """The day by which half of customers like this one have ordered again, with the quarters around it."""
    if outlook.next_on is None:
        return "Not expected within a year"
    today = clock.day_in(outlook.computed_at, outlook.store.time_zone)
    said = f"About {short_day(outlook.next_on)}"
    if outlook.next_on < today:
        return f"Was due about {short_day(outlook.next_on)}"
    if outlook.next_low is None or outlook.next_high is None:
        return said
    return f"{said} ({short_day(outlook.next_low)} to {short_day(outlook.next_high)})"


def _missing(fit: Fitted) -> list[dict[str, Any]]:
    return [{"wanted": gate.wanted, "said": gate.said} for gate in fit.facts.missing]
