"""Signed links to a shopper's own pages, for messages and for other rooms' pages."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from thereafter.commerce.models import Customer, Order
from thereafter.kit import tokens
from thereafter.storefront.shell import choose_language
from thereafter.stores.models import Store, StoreModel

# A warranty is two years in much of the world; the link in the order's mail should outlive it.
ORDER_LINK_DAYS = 800
ACCOUNT_LINK_DAYS = 30


def absolute(store: Store, path: str) -> str:
    """A full address: on the store's own domain if it has one, else under this installation's."""
    if store.domain:
        return f"https://{store.domain}{path.removeprefix(f'/s/{store.slug}')}"
    return f"{settings.PUBLIC_URL}{path}"


def order_token(order: Order) -> str:
    return tokens.sign("order", order.store_id, order.pk)


def account_token(customer: Customer) -> str:
    return tokens.sign("account", customer.store_id, customer.pk)


def page(store: Store, name: str, *args: Any) -> str:
    """The full address of a shopper's page by its URL name; the store's slug is filled in."""
    return absolute(store, reverse(name, args=[store.slug, *args]))


def in_language(url: str, language: str, store: Store) -> str:
    """The page in a reader's language (or locale), said only where the shop's own is another."""
    wanted = choose_language(language, store.locale)
    return url if wanted == choose_language(store.locale) else f"{url}?lang={wanted}"


def row_token(purpose: str, row: StoreModel) -> str:
    return tokens.sign(purpose, row.store_id, row.pk)


def row_in(store: Store, purpose: str, token: str, *, max_age_days: float) -> int | str:
    """The id of the row a link speaks of; raises `tokens.BadToken`, or `tokens.Expired` when it is too old."""
    store_id, row_id = tokens.read(purpose, token, max_age_days=max_age_days)
    if store_id != store.pk:
        raise tokens.BadToken("of another shop")
    return row_id


def order_page(order: Order) -> str:
    """The order's page, which is also its tracking page."""
    return page(order.store, "storefront:order", order_token(order))


def account_page(customer: Customer) -> str:
    return page(customer.store, "storefront:account_link", account_token(customer))
