"""Addresses that put a product into the cart of a shop system. Opening one orders nothing."""

from typing import NamedTuple
from urllib.parse import urlencode

# More than anybody takes home; what a link may put into a cart.
MOST = 99


class Wanted(NamedTuple):
    """What goes into the cart, by the ids of the shop system `source`; "" where it has none."""

    source: str
    product: str
    variant: str
    quantity: int


def cart_link(shop_url: str, wanted: Wanted) -> str:
    """The shop's own address for it; "" where this system has none or does not know the product by these ids."""
    base = shop_url.rstrip("/")
    if not base.startswith(("https://", "http://")):
        return ""
    quantity = min(max(wanted.quantity, 1), MOST)
    if wanted.source == "shopify" and _is_id(wanted.variant):
        return f"{base}/cart/{wanted.variant}:{quantity}"
    product = wanted.variant if _is_id(wanted.variant) else wanted.product
    if wanted.source == "woocommerce" and _is_id(product):
        return f"{base}/?{urlencode({'add-to-cart': product, 'quantity': quantity})}"
    return ""


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal()
