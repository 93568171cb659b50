"""What other rooms' pages show of returns."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.commerce.panels import Told, telling
from thereafter.console.menu_counts import kept
from thereafter.console.nav import nav_item
from thereafter.kit import clock
from thereafter.kit.sockets import Panel
from thereafter.returns import case_panels, finding, insight_panels, refund_panels  # noqa: F401 they add their own when they are read
from thereafter.returns.models import Withdrawal
from thereafter.returns.rules.legal import law
from thereafter.storefront.footing import FooterLink, footer_link
from thereafter.storefront.panels import order_panel
from thereafter.stores.models import Store


def waiting_withdrawals(store: Store) -> int:
    return int(Withdrawal.objects.of(store).to_see_to().count())


nav_item(
    "Withdrawals",
    url_name="returns_console:withdrawals",
    icon="return",
    verb="returns.read",
    group="Orders",
    place=32,
    count=kept("withdrawals", waiting_withdrawals),
)
nav_item(
    "Links for your shop",
    url_name="returns_console:links",
    icon="external",
    verb="returns.settings",
    group="Settings",
    place=60,
)


nav_item(
    "Warehouse",
    url_name="returns_console:warehouse",
    icon="parcel",
    verb="returns.receive",
    group="Returns",
    place=40,
    start_of="warehouse",
)
nav_item("Policy", url_name="returns_console:policy", icon="shield", verb="returns.read", group="Returns", place=60)
nav_item("Ways back", url_name="returns_console:ways", icon="truck", verb="returns.settings", group="Returns", place=70)
nav_item(
    "Settings", url_name="returns_console:settings", icon="settings", verb="returns.settings", group="Returns", place=90
)


@footer_link(place=20)
def withdraw_here(store: Store, language: str) -> FooterLink | None:
    """On every page of a shop that sits where the law asks for it."""
    return _withdraw_here(store.country, store.slug, language)


@lru_cache(maxsize=1024)
def _withdraw_here(country: str, slug: str, language: str) -> FooterLink | None:
    if not finding.shows_withdrawal(Store(country=country)):
        return None
    return FooterLink(law.current().labels(language)[0], reverse("returns_storefront:withdraw", args=[slug]))


# Our own word for the title of the panel; the shell translates it.
TITLE = "Returns"


@order_panel(place=30)
def what_can_come_back(request: HttpRequest, order: Order) -> Panel | None:
    """How many days are left, what it costs, and the ways in; nothing when nothing can be done any more."""
    if order.is_cancelled:
        return None
    today = clock.day_in(clock.now(), order.store.time_zone)
    standing = finding.standing(order, today)
    if not (standing.returns or standing.withdraws):
        return None
    context: dict[str, Any] = {
        "returns": standing.returns,
        "until": standing.until.isoformat() if standing.until else "",
        "days_left": (standing.until - today).days if standing.until else None,
        "days": standing.days,
        "cost_minor": standing.cost_minor,
        "currency": order.currency,
        "withdraws": standing.withdraws,
        "withdraw_until": standing.withdraw_until.isoformat() if standing.withdraw_until else "",
        "labels": dict(_link_words()),
    }
    return Panel("returns/storefront/_order.html", context, title=TITLE)


@lru_cache(maxsize=1)
def _link_words() -> tuple[tuple[str, str], ...]:
    return tuple((language, words[0]) for language, words in law.current().function.labels.items())


@telling("withdrawal.received")
def told_withdrawal(payload: dict[str, Any]) -> Told:
    opened = len(payload.get("case_ids") or ())
    return "return", "Withdrew from the contract", "" if opened else "No return was opened by itself."
