"""Finding an order by what only its buyer knows."""

from thereafter.commerce.models import Customer, Order
from thereafter.storefront import rules
from thereafter.stores.models import Store


def order_by_proof(store: Store, number: str, proof: str) -> Order | None:
    """The order of this number whose buyer has this e-mail address or phone number, or whose parcel goes to this
    postcode. A number that does not exist costs the same read as one that does."""
    named = Order.objects.of(store).filter(number__in=rules.order_numbers(number)).select_related("customer", "store")
    # Read before we know whether there is such an order, so that reading it tells nobody.
    rules.phones(proof, store.country)
    return next((order for order in named.order_by("-placed_at")[:5] if proves(order, proof)), None)


def proves(order: Order, proof: str) -> bool:
    """Whether this is the buyer's e-mail address or phone number, or the postcode that the order goes to."""
    address = order.shipping_address
    countries = (order.store.country, str(address.get("country", "")))
    theirs = rules.phones(order.customer.phone, *countries) | rules.phones(str(address.get("phone", "")), *countries)
    return (
        rules.same_email(proof, order.customer.email)
        or rules.same_postcode(proof, str(address.get("postcode", "")))
        or bool(theirs & rules.phones(proof, *countries))
    )


def orders_of(customer: Customer) -> list[Order]:
    """The customer's orders, newest first, as many as one page takes."""
    return list(Order.objects.of(customer.store_id).filter(customer=customer).order_by("-placed_at")[:50])
