"""Customers, products and orders, as the shop told them to us."""

from thereafter.commerce.models.customers import Consent, Customer, Identity
from thereafter.commerce.models.orders import Fulfilment, FulfilmentLine, Order, OrderLine, Refund, Tender
from thereafter.commerce.models.products import Product, Variant

__all__ = [
    "Consent",
    "Customer",
    "Fulfilment",
    "FulfilmentLine",
    "Identity",
    "Order",
    "OrderLine",
    "Product",
    "Refund",
    "Tender",
    "Variant",
]
