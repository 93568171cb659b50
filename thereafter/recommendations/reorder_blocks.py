"""The block of a mail that says what is about to run out, each with its link to order it again."""

from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.models import Customer, Order
from thereafter.messaging.blocks import Facts, block
from thereafter.recommendations import reorder_links
from thereafter.recommendations.links import picture_abroad
from thereafter.recommendations.models import Reorder
from thereafter.recommendations.queries import due
from thereafter.storefront.links import in_language
from thereafter.storefront.shell import language_of

MOST = 4
_SAMPLE = {"title": "Electrolyte Tabs, 40", "image": None, "url": "#", "price_minor": 1790, "quantity": 2, "many": True}


@block(
    "reorder",
    many=True,
    of_event=True,
    label="Order again",
    hint="What is about to run out, each with a link that puts it into the cart, and “remind me later”.",
    sample={"currency": "EUR", "items": [_SAMPLE]},
)
def reorder(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    """What the message was sent for comes first, then what else the customer was due for; nothing once it is bought."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for customer in customers:
        by_store[customer.store_id].add(customer.pk)
    found: dict[int, list[Reorder]] = defaultdict(list)
    for store_id, people in by_store.items():
        for one in due.told_to(store_id, people):
            found[one.customer_id].append(one)
    prices = due.prices_now([one for rows in found.values() for one in rows])
    told = []
    for customer, event in zip(customers, events, strict=True):
        # Other events have products too, by whatever name their sender likes.
        first = str(event.get("product_id"))
        rows = sorted(found[customer.pk], key=lambda one: str(one.product_id) != first)
        told.append(_facts(customer, rows[:MOST], prices) if rows else None)
    return told


def _facts(customer: Customer, rows: Sequence[Reorder], prices: dict[int, int | None]) -> Facts:
    language = language_of(customer)
    items = [
        {
            "title": one.product.title,
            "image": picture_abroad(one.product.image_url) or None,
            "url": in_language(reorder_links.reorder_page(one), language, one.store),
            "price_minor": prices[one.pk],
            "quantity": one.quantity,
            "many": one.quantity > 1 or None,
        }
        for one in rows
    ]
    return {"currency": customer.store.currency, "items": items}
