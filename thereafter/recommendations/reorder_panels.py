"""What other rooms' pages show of reorders, and our page in the menu."""

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer
from thereafter.commerce.panels import customer_panel
from thereafter.console.nav import nav_item
from thereafter.kit import clock
from thereafter.kit.sockets import Panel
from thereafter.recommendations import reorder_links
from thereafter.recommendations import reorder_words as words
from thereafter.recommendations.links import address, picture
from thereafter.recommendations.queries import due
from thereafter.recommendations.queries.next_basket import next_basket
from thereafter.storefront.panels import account_panel

MOST, AGAIN = 5, 6

nav_item(
    "Reorders",
    url_name="recommendations_console:reorders",
    icon="refresh",
    verb="recommendations.read",
    group="Insights",
    place=62,
)


@customer_panel(place=44)
def likely_next(request: HttpRequest, customer: Customer) -> Panel | None:
    """What is due, and what they will probably put into the next basket."""
    store = customer.store
    rows = list(due.of_customer(customer)[:MOST])
    basket = next_basket(customer.store_id, [customer.pk], MOST)[customer.pk]
    if not rows and not basket:
        return None
    products, today = due.products_on(store), clock.day_in(clock.now(), store.time_zone)
    context = {
        "rows": [
            {"one": one, "why": words.why_then(one, products), "state": words.state_of(one, today)} for one in rows
        ],
        "basket": basket,
    }
    return Panel("recommendations/console/_customer.html", context, title="Likely next order")


@account_panel(place=55)
def buy_again(request: HttpRequest, customer: Customer) -> Panel | None:
    """What they bought before and will want again; the dates are for us, not for them."""
    store = customer.store
    reorders = {one.product_id: one for one in due.of_customer(customer).select_related("variant", "store")}
    likely = [one for one in next_basket(customer.store_id, [customer.pk], 2 * AGAIN)[customer.pk] if one.times]
    shown = [
        {
            "title": one.product.title,
            "image": picture(one.product.image_url),
            "url": reorder_links.reorder_page(one),
            "price_minor": due.price_now(one),
        }
        for one in list(reorders.values())[:AGAIN]
    ]
    shown += [
        {
            "title": one.title,
            "image": picture(one.image_url),
            "url": address(store, one.url),
            "price_minor": one.price_minor,
        }
        for one in likely
        if one.product_id not in reorders
    ]
    if not shown:
        return None
    context = {"picks": shown[:AGAIN], "currency": store.currency}
    return Panel("recommendations/storefront/_buy_again.html", context, title=gettext_noop("Buy again"))
