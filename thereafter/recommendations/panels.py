"""What to offer next on other rooms' pages."""

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Order
from thereafter.console.nav import nav_item
from thereafter.kit.sockets import Panel
from thereafter.recommendations import queries
from thereafter.storefront.panels import order_panel

nav_item(
    "Bought together",
    url_name="recommendations_console:pairs",
    icon="bag",
    verb="recommendations.read",
    group="Insights",
    place=60,
)


@order_panel(place=70)
def goes_well_with(request: HttpRequest, order: Order) -> Panel | None:
    """Three products that others bought with these; none for an order that will not come."""
    picks = [] if order.is_cancelled else queries.picks(order)
    if not picks:
        return None
    shown = [
        {
            "title": pick.title,
            "url": pick.url or order.store.shop_url,
            "image": pick.image_url,
            "price_minor": pick.price_minor,
            "reason": pick.reason,
            "because": pick.because,
        }
        for pick in picks
    ]
    context = {"picks": shown, "currency": order.store.currency}
    return Panel("recommendations/storefront/_picks.html", context, title=gettext_noop("Goes well with it"))
