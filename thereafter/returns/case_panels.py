"""What other rooms' pages show of cases: on an order, on a shopper, on their timelines, and in the menu."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import Told, customer_panel, order_panel, telling
from thereafter.console.menu_counts import kept
from thereafter.console.nav import nav_item
from thereafter.console.tiles import Period, Tile, tile
from thereafter.kit import clock
from thereafter.kit.pages import money, percent, short_day
from thereafter.kit.sockets import Panel
from thereafter.returns import choosing
from thereafter.returns.case_words import BASES, PAYERS, counted, state_of
from thereafter.returns.models import Case
from thereafter.returns.rules.policy.outcomes import METHODS, OUTCOMES
from thereafter.returns.shopper_histories import histories
from thereafter.stores.models import Store

_MOST = 8


def _to_decide(store: Store) -> int:
    today = clock.day_in(clock.now(), store.time_zone)
    return int(Case.objects.of(store).filter(choosing.VIEWS["decide"].rows(today)).count())


nav_item(
    "Cases",
    url_name="returns_console:cases",
    icon="return",
    verb="returns.read",
    group="Returns",
    place=10,
    count=kept("to_decide", _to_decide),
)


@tile(place=46)
def to_be_decided(store: Store, period: Period) -> Tile | None:
    """What waits for somebody's yes or no, whatever the period."""
    count = _to_decide(store)
    if not count and not Case.objects.of(store).exists():
        return None
    address = f"{reverse('returns_console:cases', args=[store.slug])}?view=decide"
    return Tile("Returns to decide", str(count), hint="" if count else "Nothing needs you", url=address)


@order_panel(place=30)
def returns_of_order(request: HttpRequest, order: Order) -> Panel:
    """Cases, and what can come back until when, are read after the page: it has few queries to spare."""
    return Panel("returns/console/_order_returns.html", {"order": order}, title="Returns")


@customer_panel(place=30)
def cases_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    rows = Case.objects.of(customer.store_id).filter(customer=customer).select_related("order")
    found = list(rows.order_by("-submitted_at", "-pk")[:_MOST])
    if not found:
        return None
    past = histories(customer.store_id, [customer.pk])[customer.pk].before(None)
    rate = f"{past.units_returned} of {counted(past.units_bought, 'item')} came back, {percent(past.return_rate)}."
    context = {"rows": [row | {"order": row["case"].order.number} for row in _rows(found)], "rate": rate}
    return Panel("returns/console/_customer_cases.html", context, title="Returns")


def _rows(cases: Iterable[Case]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for case in cases:
        words, tone = state_of(case)
        rows.append({"case": case, "state": words, "tone": tone, "wish": OUTCOMES.get(case.outcome, case.outcome)})
    return rows


@telling("return.requested")
def told_requested(told: dict[str, Any]) -> Told:
    wish = OUTCOMES.get(told["outcome"], told["outcome"]).lower()
    items = counted(told["units"], "item")
    ground = BASES.get(told["basis"], "Return")
    body = f"{ground}: {items} worth {money(told['value_minor'], told['currency'])}, {wish}"
    return "return", f"Return {told['number']} was asked for", f"{body}. Needs a look." if told["review"] else body


@telling("return.approved")
def told_approved(told: dict[str, Any]) -> Told:
    way = METHODS.get(told["method"], "")
    return "check", f"Return {told['number']} is approved", way


@telling("return.declined")
def told_declined(told: dict[str, Any]) -> Told:
    return "close", f"Return {told['number']} was declined", told["answer"]


@telling("return.cancelled")
def told_cancelled(told: dict[str, Any]) -> Told:
    return "close", f"Return {told['number']} was cancelled", ""


@telling("return.expired")
def told_expired(told: dict[str, Any]) -> Told:
    return "clock", f"Return {told['number']} expired", "Nothing was sent back until the last day."


@telling("return.due")
def told_due(told: dict[str, Any]) -> Told:
    return "clock", f"Return {told['number']} is due soon", f"To be sent by {short_day(told['send_by'])}"


@telling("return.reopened")
def told_reopened(told: dict[str, Any]) -> Told:
    return "replay", f"Return {told['number']} goes on", told["why"]


@telling("return.parcel_created")
def told_parcel(told: dict[str, Any]) -> Told:
    until = f", by {short_day(told['send_by'])}" if told.get("send_by") else ""
    return "parcel", f"Return {told['number']} can be sent", f"{METHODS.get(told['method'], '')}{until}"


@telling("return.parcel_sent")
def told_sent(told: dict[str, Any]) -> Told:
    return "truck", "A return parcel can be followed", f"{told['carrier']} {told['tracking_number']}".strip()


@telling("return.handed_in")
def told_handed_in(told: dict[str, Any]) -> Told:
    return "truck", f"Return {told['number']} was handed in", told["by"]


@telling("return.received")
def told_received(told: dict[str, Any]) -> Told:
    missing = f", {told['missing']} missing" if told.get("missing") else ""
    return "parcel", f"Return {told['number']} has arrived", f"{counted(told['units'], 'item')}{missing}"


@telling("return.inspected")
def told_inspected(told: dict[str, Any]) -> Told:
    body = f"{counted(told['accepted'], 'item')} accepted"
    if told["rejected"]:
        body += f", {told['rejected']} not"
    if told["deduction_minor"]:
        body += f"; {money(told['deduction_minor'], told['currency'])} kept back"
    return "eye", f"Return {told['number']} was looked at", body


@telling("return.resolved")
def told_resolved(told: dict[str, Any]) -> Told:
    paid = f"{money(told['refund_minor'], told['currency'])} paid back" if told["refund_minor"] else ""
    return "check", f"Return {told['number']} is done", paid or OUTCOMES.get(told["outcome"], "")


@telling("return.answered")
def told_answered(told: dict[str, Any]) -> Told:
    return "mail", f"An answer about return {told['number']}", told["text"]


@telling("exchange.released")
def told_released(told: dict[str, Any]) -> Told:
    return "bag", f"New goods of {told['number']} may leave", ""


@telling("exchange.shipped")
def told_shipped(told: dict[str, Any]) -> Told:
    return "truck", f"New goods of {told['number']} have left", f"{told['carrier']} {told['tracking_number']}".strip()


@telling("exchange.cancelled")
def told_gone(told: dict[str, Any]) -> Told:
    return "close", f"New goods of {told['number']} cannot be had", told["why"]


@telling("claim.decided")
def told_claim(told: dict[str, Any]) -> Told:
    if not told["accepted"]:
        return "close", f"The claim of {told['number']} was declined", ""
    payer = PAYERS.get(told["payer"], "")
    amount = f" {money(told['amount_minor'], told['currency'])}" if payer and told["amount_minor"] else ""
    return "check", f"The claim of {told['number']} was accepted", f"{payer} pays{amount}" if payer else ""
