"""What to offer next on other rooms' pages, and our pages in the menu."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer, Order
from thereafter.console.nav import nav_item
from thereafter.journeys.trials import Tried, trials
from thereafter.kit import clock
from thereafter.kit.pages import url
from thereafter.kit.sockets import Panel
from thereafter.recommendations import (
    links,
    reorder_panels,  # noqa: F401 it adds its own when it is read
)
from thereafter.recommendations.actions.showing import PAGE, Occasion, note, page_key
from thereafter.recommendations.looking import is_seen
from thereafter.recommendations.models import ShowSettings
from thereafter.recommendations.queries import results
from thereafter.recommendations.queries.picks import Answer, Context, Pick, answers
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules.showing import CUSTOMER, ORDER
from thereafter.storefront.panels import account_panel, order_panel
from thereafter.stores.models import Store

nav_item(
    "Recommendations",
    url_name="recommendations_console:overview",
    icon="bag",
    verb="recommendations.read",
    group="Insights",
    place=60,
)


@trials(place=30)
def recommendations_with_a_holdout(store: Store, now: datetime) -> list[Tried]:
    """Customers who were shown some against those who were held out."""
    if not results.anybody_held_out(store):
        return []
    page = url("recommendations_console:overview", store.slug)
    return [Tried("Recommendations", results.proof(store, now), page, "recommendations.read")]


@order_panel(place=70)
def goes_well_with(request: HttpRequest, order: Order) -> Panel | None:
    """Three products that others bought with these; none for an order that will not come."""
    if order.is_cancelled:
        return None
    return _panel(request, order.store, Context(ORDER, order.customer_id, order), gettext_noop("Goes well with it"))


@account_panel(place=60)
def chosen_for_you(request: HttpRequest, customer: Customer) -> Panel | None:
    """Three products by what the customer bought before."""
    return _panel(request, customer.store, Context(CUSTOMER, customer.pk), gettext_noop("You may like"))


def _panel(request: HttpRequest, store: Store, context: Context, title: str) -> Panel | None:
    """Pages are made when somebody looks, so this is where a look is written down: once a day for each page."""
    kept = settings_of(store.pk)
    answer = answers(store.pk, [context], kept)[0]
    now = clock.now()
    if is_seen(request, now):
        _note(store, kept, context, answer, now)
    if not answer.shown:
        return None
    shown = [_shown(pick, store, context, counted=kept.counts_clicks) for pick in answer.shown]
    facts = {"picks": shown, "currency": store.currency}
    return Panel("recommendations/storefront/_picks.html", facts, title=title)


def _note(store: Store, kept: ShowSettings, context: Context, answer: Answer, now: datetime) -> None:
    on = clock.day_in(now, store.time_zone)
    key = (
        page_key("order", context.order.pk, on) if context.order else page_key("customer", context.customer_id or 0, on)
    )
    occasion = Occasion(
        slot=context.slot,
        key=key,
        channel=PAGE,
        customer_id=context.customer_id or 0,
        answer=answer,
        at=now,
        order_id=context.order.pk if context.order else None,
    )
    kept.store_id = store.pk
    note(kept, [occasion])


def _shown(pick: Pick, store: Store, context: Context, *, counted: bool) -> dict[str, Any]:
    address = pick.url if links.is_address(pick.url) else store.shop_url
    if address and counted:
        order_id = context.order.pk if context.order else None
        address = links.tracked(store, pick, context.slot, customer_id=context.customer_id, order_id=order_id)
    return {
        "title": pick.title,
        "url": address,
        "image": links.picture(pick.image_url),
        "price_minor": pick.price_minor,
        "reason": pick.reason,
        "because": pick.because,
    }
