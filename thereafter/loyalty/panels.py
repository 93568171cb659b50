"""What other rooms' pages show of points."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import customer_panel as console_customer_panel
from thereafter.console.menu_counts import kept
from thereafter.console.nav import nav_item
from thereafter.kit import clock
from thereafter.kit.sockets import Panel
from thereafter.loyalty import (
    history,
    referral_panels,  # noqa: F401 they add their own when they are read
    tellings,  # noqa: F401 it adds its own when it is read
    words,
)
from thereafter.loyalty.models import Entry
from thereafter.loyalty.queries import ledger as queries
from thereafter.loyalty.queries import rewards, standings
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules.ways import name_of
from thereafter.storefront.links import order_token, page
from thereafter.storefront.panels import account_panel, order_panel

LINES = 5
# Kinds of entries that an order brings or loses; what points paid on it is another matter.
OF_ORDERS = (Entry.Kind.EARN, Entry.Kind.CLAWBACK, Entry.Kind.ADJUST)

nav_item("Loyalty", url_name="loyalty_console:programme", icon="gift", verb="loyalty.read", group="Engage", place=40)
nav_item(
    "Rewards to send",
    url_name="loyalty_console:hand_over",
    icon="parcel",
    verb="loyalty.hand_over",
    group="Engage",
    place=42,
    count=kept("rewards", rewards.to_do),
)
nav_item("Till", url_name="loyalty_console:till", icon="card", verb="loyalty.till", group="Engage", place=41)


@account_panel(place=30)
def points_of_member(request: HttpRequest, customer: Customer) -> Panel:
    """The balance and where it came from; a new customer is told how points are made."""
    account, now = queries.account_of(customer), clock.now()
    programme = programme_now(customer.store_id).programme
    entries = history.page(account, "", 0, LINES) if account else []
    context = {
        "balance": account.available if account else 0,
        "unit": words.unit(programme, account.available if account else 0),
        "debt": account.debt if account else 0,
        "lines": history.told(programme, entries),
        "programme": programme,
        "words": words,
        "ready": rewards_ready(customer, now),
        "page": page(customer.store, "loyalty_storefront:home"),
        "links": {"order": order_token},
    }
    return Panel("loyalty/storefront/_account.html", context, title=gettext_noop("Your points"))


def rewards_ready(customer: Customer, now: datetime) -> int:
    """How many rewards the customer can take now."""
    member = standings.member_of(customer)
    if member is None or member.is_held_out:
        return 0
    return sum(not offer.why_not for offer in standings.offers(standings.standing(member, now), now))


@order_panel(place=60)
def points_of_order(request: HttpRequest, order: Order) -> Panel | None:
    """What the order earned and lost. Kept in the order's document: plain values, in no language yet."""
    entries = [entry for entry in queries.entries_of(order) if entry.kind in OF_ORDERS]
    if not entries:
        return None
    lines = [_line(entry, order) for entry in entries]
    context = {"total": sum(entry.points for entry in entries), "lines": lines}
    return Panel("loyalty/storefront/_order.html", context, title=gettext_noop("Points from this order"))


@console_customer_panel(place=40)
def points_in_console(request: HttpRequest, customer: Customer) -> Panel:
    account = queries.account_of(customer)
    entries = history.page(account, "", 0, LINES) if account else []
    lines = history.told(programme_now(customer.store_id).programme, entries)
    context = {"account": account, "customer": customer, "lines": lines}
    return Panel("loyalty/console/_customer.html", context, title="Points")


def _line(entry: Entry, order: Order | None = None) -> dict[str, Any]:
    order = order or entry.order
    return {**entry.facts, "order": order.number if order else "", "said": _said(entry)}


def _said(entry: Entry) -> str:
    """What a line of an action says, to be translated where it is shown; "" for those that say more than that."""
    known = words.WAYS.get(entry.reason)
    if known or entry.reason in history.EARNED:
        return known[1] if known else history.EARNED[entry.reason]
    action = programme_now(entry.store_id).programme.actions.get(entry.reason) if " " not in entry.reason else None
    return name_of(entry.reason, action.label) if action else ""
