from dataclasses import dataclass
from datetime import date

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(ShopperEvent, name="order.placed"):
    """A shopper's order reached us for the first time, from any shop system."""

    number: str
    total_minor: int
    currency: str
    items: int
    source: str


@dataclass(frozen=True, kw_only=True)
class OrderChanged(ShopperEvent, name="order.changed"):
    """The shop sent a later version of an order that we had."""

    number: str
    total_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(ShopperEvent, name="order.cancelled"):
    """The order will not be delivered."""

    number: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderFulfilled(ShopperEvent, name="order.fulfilled"):
    """The shop handed (a part of) an order to a carrier."""

    number: str
    fulfilment_id: int
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, kw_only=True)
class FulfilmentChanged(ShopperEvent, name="order.fulfilment_changed"):
    """The shop told more of a fulfilment that we had: its tracking number, its carrier, or that it was cancelled."""

    number: str
    fulfilment_id: int
    status: str = ""
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(ShopperEvent, name="order.refunded"):
    """Money went back to the shopper; what left the order's value, whatever the tender."""

    number: str
    refund_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ReorderDue(ShopperEvent, name="order.reorder_due"):
    """What the customer bought is about to be used up; `order_id` is the order it was last bought with."""

    product_id: int
    title: str = ""
    due_on: date | None = None
