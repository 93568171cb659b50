"""What of WooCommerce's payloads matters here; the rest is not read."""

from datetime import datetime
from typing import Any

import msgspec

from thereafter.commerce.connectors.reading import Amount


class Place(msgspec.Struct):
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""


class Image(msgspec.Struct):
    src: str | None = None


class Item(msgspec.Struct):
    """A line of items, shipping or fees."""

    id: int | str
    name: str | None = None
    product_id: int | str | None = None
    variation_id: int | str | None = None
    quantity: int = 1
    subtotal: Amount = None
    subtotal_tax: Amount = None
    total: Amount = None
    total_tax: Amount = None
    sku: str | None = None
    image: Image | None = None


class Coupon(msgspec.Struct):
    code: str = ""


class Refund(msgspec.Struct):
    id: int | str
    total: Amount = None
    reason: str | None = None


class Meta(msgspec.Struct):
    key: str | None = None
    value: Any = None


class Order(msgspec.Struct):
    id: int | str
    status: str
    currency: str
    date_created_gmt: datetime
    total: Amount
    line_items: list[Item]
    number: str | int | None = None
    date_modified_gmt: datetime | None = None
    date_completed_gmt: datetime | None = None
    discount_total: Amount = None
    discount_tax: Amount = None
    shipping_total: Amount = None
    shipping_tax: Amount = None
    total_tax: Amount = None
    prices_include_tax: bool = False
    customer_id: int | str | None = None
    billing: Place = msgspec.field(default_factory=Place)
    shipping: Place = msgspec.field(default_factory=Place)
    payment_method: str = ""
    transaction_id: str | None = None
    date_paid_gmt: datetime | None = None
    fee_lines: list[Item] = []
    coupon_lines: list[Coupon] = []
    refunds: list[Refund] = []
    meta_data: list[Meta] = []
    customer_note: str = ""
    created_via: str = ""


class Customer(msgspec.Struct):
    id: int | str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    billing: Place = msgspec.field(default_factory=Place)
    date_modified_gmt: datetime | None = None


class Category(msgspec.Struct):
    name: str = ""


class Product(msgspec.Struct):
    id: int | str
    name: str
    type: str = "simple"
    status: str = "publish"
    permalink: str = ""
    sku: str = ""
    price: Amount = None
    categories: list[Category] = []
    images: list[Image] = []
    date_modified_gmt: datetime | None = None
