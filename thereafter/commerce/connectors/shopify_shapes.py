"""What of Shopify's payloads matters here; the rest is not read."""

from datetime import datetime

import msgspec

from thereafter.commerce.connectors.reading import Amount


class ShopMoney(msgspec.Struct):
    amount: Amount = "0"


class PriceSet(msgspec.Struct):
    shop_money: ShopMoney = msgspec.field(default_factory=ShopMoney)


class Part(msgspec.Struct):
    """Anything of which only an amount or price matters."""

    amount: Amount = None
    price: Amount = None


class Place(msgspec.Struct):
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    zip: str | None = None
    province: str | None = None
    province_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class MarketingConsent(msgspec.Struct):
    state: str | None = None
    opt_in_level: str | None = None
    consent_updated_at: datetime | None = None


class Buyer(msgspec.Struct):
    id: int | str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    updated_at: datetime | None = None
    default_address: Place | None = None
    email_marketing_consent: MarketingConsent | None = None


class Item(msgspec.Struct):
    id: int | str
    quantity: int
    title: str | None = None
    price: Amount = None
    sku: str | None = None
    product_id: int | str | None = None
    variant_id: int | str | None = None
    variant_title: str | None = None
    discount_allocations: list[Part] = []
    tax_lines: list[Part] = []


class Fulfillment(msgspec.Struct):
    id: int | str
    created_at: datetime
    order_id: int | str | None = None
    status: str | None = None
    tracking_company: str | None = None
    tracking_number: str | None = None
    tracking_numbers: list[str] | None = None
    tracking_url: str | None = None
    tracking_urls: list[str] | None = None
    line_items: list[Item] = []


class Transaction(msgspec.Struct):
    amount: Amount = None
    kind: str | None = None
    status: str | None = None


class RefundedItem(msgspec.Struct):
    line_item_id: int | str
    quantity: int = 0
    subtotal: Amount = None


class Refund(msgspec.Struct):
    id: int | str
    created_at: datetime
    order_id: int | str | None = None
    note: str | None = None
    transactions: list[Transaction] = []
    refund_line_items: list[RefundedItem] = []


class DiscountCode(msgspec.Struct):
    code: str = ""


class Order(msgspec.Struct):
    id: int | str
    created_at: datetime
    currency: str
    total_price: Amount
    line_items: list[Item]
    name: str | None = None
    order_number: int | str | None = None
    processed_at: datetime | None = None
    updated_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer: Buyer | None = None
    customer_locale: str | None = None
    buyer_accepts_marketing: bool | None = None
    shipping_address: Place | None = None
    billing_address: Place | None = None
    subtotal_price: Amount = None
    total_discounts: Amount = None
    total_tax: Amount = None
    taxes_included: bool = False
    total_shipping_price_set: PriceSet | None = None
    total_tip_received: Amount = None
    original_total_duties_set: PriceSet | None = None
    original_total_additional_fees_set: PriceSet | None = None
    discount_codes: list[DiscountCode] = []
    fulfillments: list[Fulfillment] = []
    refunds: list[Refund] = []
    fulfillment_status: str | None = None
    financial_status: str | None = None
    payment_gateway_names: list[str] = []
    source_name: str | None = None
    note: str | None = None


class ProductVariant(msgspec.Struct):
    id: int | str
    title: str | None = None
    sku: str | None = None
    price: Amount = None


class Image(msgspec.Struct):
    src: str | None = None


class Product(msgspec.Struct):
    id: int | str
    title: str
    product_type: str | None = None
    vendor: str | None = None
    # With commas between.
    tags: str | list[str] | None = None
    status: str | None = None
    updated_at: datetime | None = None
    image: Image | None = None
    variants: list[ProductVariant] = []
