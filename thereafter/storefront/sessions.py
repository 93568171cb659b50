"""Who is signed in to a shop: a signed cookie that names the customer, good for this shop only."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from thereafter.commerce.models import Customer
from thereafter.kit import tokens
from thereafter.stores.models import Store

DAYS = 30


def sign_in(response: HttpResponse, customer: Customer) -> None:
    response.set_cookie(
        _cookie(customer.store_id),
        tokens.sign("shopper-session", customer.store_id, customer.pk),
        max_age=DAYS * 86_400,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def sign_out(response: HttpResponse, store: Store) -> None:
    response.delete_cookie(_cookie(store.pk), samesite="Lax")


def customer_of(request: HttpRequest, store: Store) -> Customer | None:
    """The customer of the store who is signed in; one who was merged into another is that other."""
    try:
        token = request.COOKIES.get(_cookie(store.pk), "")
        store_id, customer_id = tokens.read("shopper-session", token, max_age_days=DAYS)
    except (tokens.BadToken, ValueError):
        return None
    return known_customer(store, customer_id) if store_id == store.pk else None


def known_customer(store: Store, customer_id: int | str) -> Customer | None:
    """The customer with this number, or the one they were merged into."""
    customer = Customer.objects.of(store).filter(pk=customer_id).select_related("merged_into").first()
    if customer is not None and customer.merged_into is not None:
        return known_customer(store, customer.merged_into.pk)
    return customer


def _cookie(store_id: int) -> str:
    return f"shopper_{store_id}"
