"""The shapes in which outside systems reach us: every connector turns its bytes into these, and only these go on.

Amounts are decimal strings or numbers in the major unit ("19.90"), as shops send them; times are ISO 8601 with offset.
"""

from datetime import date, datetime

import msgspec


class Address(msgspec.Struct, kw_only=True, omit_defaults=True):
    name: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""


class Person(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who bought; at least one of external_id, email and phone."""

    external_id: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""
    locale: str = ""
    country: str = ""
    accepts_marketing: bool | None = None
    consent_at: datetime | None = None
    consent_evidence: str = ""


class CustomerDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The shop's own record of a person; its details replace ours."""

    person: Person
    changed_at: datetime | None = None


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    external_id: str
    title: str
    quantity: int
    unit_price: str | float
    discount: str | float = 0
    tax: str | float = 0
    product_id: str = ""
    variant_id: str = ""
    variant_title: str = ""
    sku: str = ""
    category: str = ""
    image_url: str = ""


class Payment(msgspec.Struct, kw_only=True, omit_defaults=True):
    external_id: str
    kind: str
    amount: str | float
    status: str = "captured"


class Shipped(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A fulfilment. `lines` maps an order line's external_id to a quantity; empty means everything."""

    external_id: str
    shipped_at: datetime
    status: str = "shipped"
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    lines: dict[str, int] = {}


class RefundLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What of a refund was for an order line, named by its external_id."""

    line: str
    quantity: int = 0
    amount: str | float = 0


class RefundDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    external_id: str
    amount: str | float
    at: datetime
    reason: str = ""
    lines: list[RefundLine] = []


class OrderDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A whole order at one version. `external_id` is the shop's id; `number` what people call it."""

    external_id: str
    number: str
    placed_at: datetime
    currency: str
    total: str | float
    customer: Person
    lines: list[Line]
    changed_at: datetime | None = None
    status: str = "open"
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    promised_on: date | None = None
    subtotal: str | float | None = None
    discount: str | float = 0
    shipping: str | float = 0
    # What else is in the total: tips, duties, gift wrap, surcharges; negative when the shop took something off.
    fees: str | float = 0
    tax: str | float = 0
    taxes_included: bool = True
    discount_codes: list[str] = []
    shipping_address: Address = msgspec.field(default_factory=Address)
    payments: list[Payment] = []
    fulfilments: list[Shipped] = []
    refunds: list[RefundDoc] = []
    channel: str = ""
    note: str = ""


class FulfilmentDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A fulfilment that came by itself; `order` is the order's external_id."""

    order: str
    fulfilment: Shipped


class RefundOfOrder(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A refund that came by itself; `order` is the order's external_id."""

    order: str
    refund: RefundDoc


class VariantDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    external_id: str
    title: str = ""
    sku: str = ""
    price: str | float | None = None


class ProductDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    external_id: str
    title: str
    category: str = ""
    url: str = ""
    image_url: str = ""
    care_guide: str | None = None
    warranty_months: int | None = None
    replenish_days: int | None = None
    returnable: bool | None = None
    final_sale: bool | None = None
    product_type: str | None = None
    vendor: str | None = None
    tags: list[str] | None = None
    is_active: bool = True
    variants: list[VariantDoc] = []
    changed_at: datetime | None = None
