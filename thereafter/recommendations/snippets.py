"""What a merchant pastes into the shop's pages, ready to copy."""

from dataclasses import dataclass

from django.urls import reverse

from thereafter.storefront import links
from thereafter.stores.models import Store

# The room the page keeps before it comes: exactly as high as the widget, so that nothing moves.
ROOM = "min-height:22rem"


@dataclass(frozen=True, slots=True)
class Snippet:
    """`pieces`: (what it is, the line to paste)."""

    shop: str
    where: str
    script: str
    pieces: list[tuple[str, str]]


def for_shops(store: Store) -> list[Snippet]:
    return [
        _snippet(
            store,
            "Shopify",
            "In the theme editor add a “Custom Liquid” block to the product page and one to the cart.",
            "{{ product.id }}",
            "{{ cart.items | map: 'product_id' | join: ',' }}",
        ),
        _snippet(
            store,
            "WooCommerce",
            "In the templates of the product page and of the cart of your child theme, or in a code block.",
            "<?php echo get_the_ID(); ?>",
            "<?php echo implode(',', array_column(WC()->cart->get_cart(), 'product_id')); ?>",
        ),
        _snippet(
            store,
            "Any other shop",
            "In the HTML of the pages. Name products by your own ids or their SKUs.",
            "YOUR-PRODUCT-ID",
            "YOUR-PRODUCT-ID,ANOTHER-ID",
        ),
    ]


def _snippet(store: Store, shop: str, where: str, product: str, basket: str) -> Snippet:
    script = f'<script src="{links.page(store, "recommendations_storefront:script")}" async></script>'
    pieces = [
        ("On a product's page", f'<div data-thereafter-picks="product" data-product="{product}" style="{ROOM}"></div>'),
        ("In the cart", f'<div data-thereafter-picks="basket" data-basket="{basket}" style="{ROOM}"></div>'),
    ]
    return Snippet(shop, where, script, pieces)


def by_server(store: Store) -> str:
    """The address whose HTML the shop's own server may put into its page."""
    address = links.absolute(store, reverse("recommendations_storefront:widget", args=[store.slug, "product"]))
    return f"{address}?as=include&product=YOUR-PRODUCT-ID&locale=en"
