"""Finding somebody for whom a message can be looked at."""

from typing import NamedTuple

from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.stores.models import Store

MOST = 6
ENOUGH = 2


class Found(NamedTuple):
    """`address` is "order:12" or "customer:3"."""

    address: str
    label: str
    detail: str


def find(store: Store, words: str) -> list[Found]:
    """Orders by number, then customers by name or address; the newest orders when nothing is asked."""
    words = words.strip()[:100]
    orders = Order.objects.of(store).select_related("customer").order_by("-placed_at")
    if words:
        orders = orders.filter(
            Q(number__iexact=words.removeprefix("#")) | Q(number__iexact=f"#{words.removeprefix('#')}")
        )
    found = [
        Found(f"order:{order.pk}", f"Order {order.number}", order.customer.display_name) for order in orders[:MOST]
    ]
    if len(words) < ENOUGH:
        return found
    named = Customer.objects.of(store).filter(Q(name__icontains=words) | Q(email__istartswith=words))
    return [
        *found,
        *(
            Found(f"customer:{one.pk}", one.display_name, one.email)
            for one in named.filter(merged_into=None).order_by("-created_at")[:MOST]
        ),
    ]
