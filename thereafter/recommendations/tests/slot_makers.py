"""A small shop with recommendations, for tests."""

from datetime import timedelta
from typing import Any

from thereafter.commerce.documents import Line, VariantDoc
from thereafter.commerce.models import Customer, Order, Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_product
from thereafter.recommendations.actions import building
from thereafter.recommendations.actions.rules_of_shop import change
from thereafter.recommendations.models import ShowSettings
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

NOW = PLACED + timedelta(days=30)
SHOP = "https://stride.example"
TITLES = {"shoe": "Trail Runner 2", "socks": "Merino Socks", "laces": "Laces", "belt": "Race Belt", "cap": "Cap"}


def buy(store: Store, *products: str, email: str = "", **fields: Any) -> Order:
    email = email or f"p{Order.objects.count()}@example.com"
    lines = [
        Line(external_id=str(at), title=TITLES[product], quantity=1, unit_price="10", product_id=product)
        for at, product in enumerate(products)
    ]
    return make_order(store, email=email, lines=lines, **fields)


def make_shop(slug: str = "stride", holdout: int = 0) -> Store:
    """Where socks are bought with the shoe five times, laces once, and caps sell best."""
    store = make_store(slug, shop_url=SHOP)
    change(store, {"holdout": holdout}, by=None, now=PLACED)
    for name, title in TITLES.items():
        variants = [VariantDoc(external_id=f"{name}-1", sku=f"SKU-{name}", price="14.90")]
        make_product(
            store,
            name,
            title=title,
            category="Clothes",
            url=f"{SHOP}/p/{name}",
            variants=variants,
            image_url=f"{SHOP}/{name}.jpg",
        )
    for _ in range(5):
        buy(store, "shoe", "socks")
    buy(store, "shoe", "laces")
    for _ in range(9):
        buy(store, "cap")
    building.rebuild_due(NOW)
    return store


def product(store: Store, name: str) -> Product:
    return Product.objects.of(store).get(external_id=name)


def somebody(store: Store, *, held: bool) -> Order:
    """An order of a shoe by somebody on this side of the comparison."""
    kept = ShowSettings.objects.of(store).get()
    for _ in range(60):
        order = buy(store, "shoe")
        if kept.holds_out(order.customer_id) is held:
            return order
    raise AssertionError("nobody is on this side")


def sees(customer: Customer) -> bool:
    """Whether this customer is on the side that is shown something."""
    return not ShowSettings.objects.of(customer.store_id).get().holds_out(customer.pk)
