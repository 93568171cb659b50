"""Customers, products and orders, as the shop told them to us."""

from thereafter.commerce.models.coupons import Coupon, CouponPool, ShopAccess, ShopDiscount
from thereafter.commerce.models.customers import Consent, Customer, Identity
from thereafter.commerce.models.orders import Fulfilment, FulfilmentLine, Order, OrderLine, Refund, Tender
from thereafter.commerce.models.products import Product, Variant

__all__ = [
    "Consent",
    "Coupon",
    "CouponPool",
    "Customer",
    "Fulfilment",
    "FulfilmentLine",
    "Identity",
    "Order",
    "OrderLine",
    "Product",
    "Refund",
    "ShopAccess",
    "ShopDiscount",
    "Tender",
    "Variant",
]
