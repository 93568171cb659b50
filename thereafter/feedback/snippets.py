"""What a merchant pastes into the shop's pages, ready to copy."""

from dataclasses import dataclass

from django.urls import reverse

from thereafter.storefront import links
from thereafter.stores.models import Store

# What stands in a product's page, and the room it is given before it comes. The list may fill the screen: nothing
# below it can then be seen to move.
PIECES = {
    "stars": ("Stars, beside the title", "display:block;min-height:1.6em"),
    "gallery": ("Photos of buyers", "min-height:8.5rem"),
    "list": ("Reviews", "min-height:100vh"),
    "questions": ("Questions and answers", "min-height:100vh"),
    "form": ("A button to write", "min-height:6.6rem"),
}


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
            "In the theme editor add a “Custom Liquid” block to the product page for each of these.",
            "{{ product.id }}",
        ),
        _snippet(
            store,
            "WooCommerce",
            "In the template of the product page (single-product.php of your child theme), or in a code block.",
            "<?php echo get_the_ID(); ?>",
        ),
        _snippet(
            store,
            "Any other shop",
            "In the HTML of the product page. Name the product by your own id, its SKU or the end of its address.",
            "YOUR-PRODUCT-ID",
        ),
    ]


def _snippet(store: Store, shop: str, where: str, product: str) -> Snippet:
    script = f'<script src="{links.page(store, "feedback_storefront:widget_script")}" async></script>'
    pieces = [(label, element(store, kind, product)) for kind, (label, _room) in PIECES.items()]
    return Snippet(shop, where, script, pieces)


def element(store: Store, kind: str, product: str) -> str:
    """The element that our script fills; without scripts the list leads to our page."""
    room = PIECES[kind][1]
    inside = ""
    if kind == "list":
        page = links.absolute(store, reverse("feedback_storefront:product_reviews", args=[store.slug, "PRODUCT"]))
        inside = f'<noscript><a href="{page.replace("PRODUCT", product)}">Reviews</a></noscript>'
    return f'<div data-thereafter-reviews="{kind}" data-product="{product}" style="{room}">{inside}</div>'


def by_server(store: Store) -> str:
    """The address whose HTML the shop's own server may put into its page."""
    return f"{links.page(store, 'feedback_storefront:widget', 'list')}?as=include&product=YOUR-PRODUCT-ID&locale=en"
