"""The signed link of a mail that leads to one product bought before, and from there into the shop's cart."""

from thereafter.kit import tokens
from thereafter.recommendations.links import address
from thereafter.recommendations.models import Reorder
from thereafter.recommendations.rules.reorder_carts import Wanted, cart_link
from thereafter.storefront import links
from thereafter.stores.models import Store

PURPOSE = "recommendations.reorder"
# A mail is found again months later; after that, going to the shop is as quick.
DAYS = 180


def reorder_page(reorder: Reorder) -> str:
    return links.page(reorder.store, "recommendations_storefront:reorder", links.row_token(PURPOSE, reorder))


def read(store: Store, token: str) -> int:
    """The id of the reorder; raises `tokens.BadToken`, also for a link of another shop."""
    try:
        return int(links.row_in(store, PURPOSE, token, max_age_days=DAYS))
    except (TypeError, ValueError):
        raise tokens.BadToken("not a link to a reorder") from None


def into_cart(reorder: Reorder) -> tuple[str, bool]:
    """Where it is ordered again, and whether that puts it into the cart; else it is the product's page or the shop."""
    product, variant = reorder.product, reorder.variant
    wanted = Wanted(product.source, product.external_id, variant.external_id if variant else "", reorder.quantity)
    into = cart_link(reorder.store.shop_url, wanted)
    return (into, True) if into else (address(reorder.store, product.url), False)
