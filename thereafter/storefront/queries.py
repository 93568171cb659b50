"""Finding an order by what only its buyer knows."""

from thereafter.commerce.models import Customer, Order
from thereafter.storefront import rules
from thereafter.stores.models import Store


def order_by_proof(store: Store, number: str, proof: str) -> Order | None:
    """The order of this number whose buyer has this e-mail address or whose parcel goes to this postcode."""
    named = Order.objects.of(store).filter(number__in=rules.order_numbers(number)).select_related("customer", "store")
    return next((order for order in named.order_by("-placed_at")[:5] if _proves(order, proof)), None)


def _proves(order: Order, proof: str) -> bool:
    postcode = str(order.shipping_address.get("postcode", ""))
    return rules.same_email(proof, order.customer.email) or rules.same_postcode(proof, postcode)


def orders_of(customer: Customer) -> list[Order]:
    """The customer's orders, newest first, as many as one page takes."""
    return list(Order.objects.of(customer.store_id).filter(customer=customer).order_by("-placed_at")[:50])
