"""Which shop systems take store credit at their checkout."""

from collections.abc import Mapping

from thereafter.returns.checkouts.cards import Cards
from thereafter.returns.checkouts.shopify_cards import SHOPIFY
from thereafter.returns.checkouts.woo_coupons import WOOCOMMERCE

CHECKOUTS: Mapping[str, Cards] = {"shopify": SHOPIFY, "woocommerce": WOOCOMMERCE}
