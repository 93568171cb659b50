"""Coupons as a merchant would tell them."""

from collections.abc import Sequence
from datetime import timedelta

from thereafter.commerce.models import Coupon, CouponPool
from thereafter.commerce.rules.coupons import AMOUNT, PERCENT
from thereafter.kit.money import Money
from thereafter.kit.pages import money, number, short_day

CHECKED = {
    "api": "Your checkout asks us whether a code is good.",
    "shopify": "Each code is put into Shopify within seconds.",
    "woocommerce": "Each code is put into WooCommerce within seconds.",
    "list": "Your shop knows the codes already; we give them out one by one.",
}
PUSHED = {
    Coupon.Push.WAITING: ("On its way to the shop", "info"),
    Coupon.Push.ASKED: ("The shop works on it", "info"),
    Coupon.Push.FAILED: ("The shop refused it", "bad"),
}


def worth(pool: CouponPool) -> str:
    """ "10% off", "€5.00 off", "Free shipping"."""
    if pool.kind == PERCENT:
        return f"{number(pool.value / 100, 2)}% off"
    return f"{money(Money(pool.value, pool.currency))} off" if pool.kind == AMOUNT else "Free shipping"


def in_words(pool: CouponPool, products: Sequence[str] = ()) -> str:
    """The whole pool in sentences; `products` are the titles of those it is for."""
    on = f" on {_listed(products)}" if pool.products else " on any order"
    least = f" from {money(pool.minimum)}" if pool.minimum_minor else ""
    return " ".join([f"{worth(pool)}{on}{least}.", _until(pool), _who(pool), CHECKED[pool.delivery]])


def _listed(products: Sequence[str], most: int = 3) -> str:
    named = ", ".join(products[:most])
    return f"{named} and {len(products) - most} more" if len(products) > most else named or "chosen products"


def _until(pool: CouponPool) -> str:
    if pool.valid_days is None:
        return "Codes have no end."
    days = {0: "on the day it is given", 1: "until the end of the next day"}.get(
        pool.valid_days, f"for {pool.valid_days} days"
    )
    reminder = f", and we remind {pool.remind_days} days before that ends" if pool.remind_days is not None else ""
    return f"Each code is good once, {days}{reminder}."


def _who(pool: CouponPool) -> str:
    owner = "Only the customer it was given to can use it" if pool.personal else "Whoever has the code can use it"
    together = "together with other codes" if pool.combinable else "not together with other codes"
    limit = {None: "", 1: " One per customer."}.get(pool.per_customer, f" Up to {pool.per_customer} per customer.")
    return f"{owner}, {together}.{limit}"


def state(coupon: Coupon, is_open: bool) -> tuple[str, str]:
    """(label, tone) of a code on the pool's page."""
    if coupon.redeemed_at:
        return "Used", "good"
    if coupon.withdrawn_at:
        return "Withdrawn", "neutral"
    if coupon.issued_at is None:
        return "Not given yet", "neutral"
    if not is_open:
        return "Expired", "neutral"
    return PUSHED.get(Coupon.Push(coupon.push_state), ("Given", "brand"))


def until(coupon: Coupon) -> str:
    """The last day on which it is good."""
    return short_day(coupon.expires_at - timedelta(seconds=1)) if coupon.expires_at else "no end"
