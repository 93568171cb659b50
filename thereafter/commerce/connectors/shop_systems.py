"""The shop systems into which coupon codes can be written."""

from thereafter.commerce.connectors.discounts import ShopSystem
from thereafter.commerce.connectors.shopify_discounts import SHOPIFY
from thereafter.commerce.connectors.woocommerce_discounts import WOOCOMMERCE

SYSTEMS: dict[str, ShopSystem] = {system.name: system for system in (SHOPIFY, WOOCOMMERCE)}
