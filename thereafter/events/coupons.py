from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class CouponIssued(ShopperEvent, name="coupon.issued"):
    """A code of their own was set aside for a customer."""

    coupon_id: int
    pool: str
    code: str


@dataclass(frozen=True, kw_only=True)
class CouponRedeemed(ShopperEvent, name="coupon.redeemed"):
    """The code was used on an order."""

    coupon_id: int
    pool: str
    code: str


@dataclass(frozen=True, kw_only=True)
class CouponExpiresSoon(ShopperEvent, name="coupon.expires_soon"):
    """A code that the customer has not used ends in a few days, and its pool says that this is worth a reminder."""

    coupon_id: int
    pool: str
    code: str
    days: int
