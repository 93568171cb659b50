"""What other rooms show a shopper: `@order_panel(place=20)` and `@account_panel(place=20)` in their `panels.py`.

An order panel is kept in the order's document, so its context is plain JSON (ISO dates, minor units, ids signed into
addresses, nothing translated), it must not look at the request, and it can hold no form: link to a page that does.
With a `title` the shell puts the panel into a card and translates the title; without one the template is whole.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer, Order, OrderLine
from thereafter.commerce.panels import order_panel as console_order_panel
from thereafter.kit.sockets import Panel, Socket
from thereafter.storefront import links

order_panel: Socket[Callable[[HttpRequest, Order], Panel | None]] = Socket()
account_panel: Socket[Callable[[HttpRequest, Customer], Panel | None]] = Socket()


@order_panel(place=20)
def summary(request: HttpRequest, order: Order) -> Panel:
    """What was ordered and paid, and where it goes, without saying who lives there."""
    lines = order.lines.select_related("product").order_by("id")
    return Panel(
        "storefront/_summary.html",
        {
            "items": [_item(line) for line in lines],
            "currency": order.currency,
            "totals": _totals(order),
            "taxes_included": order.taxes_included,
            "tax_minor": order.tax_minor,
            "city": str(order.shipping_address.get("city", "")),
            "country": str(order.shipping_address.get("country", "")),
            "cancelled": order.is_cancelled,
        },
    )


@console_order_panel(place=10)
def what_the_shopper_sees(request: HttpRequest, order: Order) -> Panel:
    context = {"address": links.order_page(order)}
    return Panel("storefront/console/_order.html", context, title="Order and tracking page")


def _item(line: OrderLine) -> dict[str, Any]:
    return {
        "title": line.title,
        "variant": line.variant_title,
        "quantity": line.quantity,
        "total_minor": line.total_minor,
        "image": line.product.image_url if line.product else "",
        "url": line.product.url if line.product else "",
    }


def _totals(order: Order) -> list[dict[str, Any]]:
    """Lines of the sum, as the shop stored them; what is nothing is left out, except the total."""
    rows: Iterable[tuple[str, int]] = (
        ("subtotal", order.subtotal_minor),
        ("discount", -order.discount_minor),
        ("shipping", order.shipping_minor),
        ("tax", 0 if order.taxes_included else order.tax_minor),
        ("refunded", -order.refunded_minor),
    )
    return [
        *({"kind": kind, "minor": minor} for kind, minor in rows if minor),
        {"kind": "total", "minor": order.total_minor},
    ]
