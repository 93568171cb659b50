"""The coupons behind rewards: a pool of each reward's own, and of one in steps a pool for every sum that was chosen."""

from dataclasses import asdict, dataclass
from datetime import datetime

from thereafter.commerce.actions.coupon_pools import (
    PROMISED,
    BadPool,
    PoolSettings,
    archive_pool,
    change_pool,
    is_given,
    make_pool,
)
from thereafter.commerce.models import CouponPool
from thereafter.commerce.rules.coupons import AMOUNT
from thereafter.kit.money import Money
from thereafter.loyalty.models import Reward
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.models import Staff, StoreQuerySet

__all__ = ["BadPool", "Checkout", "archive_pools", "keep_pool", "pool_for"]


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """How the codes of a reward get to the checkout, as in `CouponPool`."""

    delivery: str = CouponPool.Delivery.API
    combinable: bool = False
    prefix: str = ""
    remind_days: int | None = None


def checkout_of(pool: CouponPool | None) -> Checkout:
    if pool is None:
        return Checkout()
    return Checkout(
        delivery=pool.delivery, combinable=pool.combinable, prefix=pool.prefix, remind_days=pool.remind_days
    )


def keep_pool(reward: Reward, checkout: Checkout, *, now: datetime, by: Staff | None) -> CouponPool | None:
    """The pool that fits a reward as it is now: changed where it may be, else a new one, for what codes give was
    promised to whoever has one. None where the reward has no codes. Raises `BadPool`."""
    if reward.kind not in rules.COUPONS:
        return None
    wanted, pool = _settings(reward, checkout), reward.pool
    if pool is None:
        return make_pool(reward.store, wanted, now=now, by=by)
    promised = any(getattr(pool, name) != getattr(wanted, name) for name in PROMISED)
    steps = _of_steps(pool)
    if promised and (is_given(pool) or steps.exists()):
        archive_pools(reward, archived=True, now=now, by=by)
        return make_pool(reward.store, wanted, now=now, by=by)
    change_pool(pool, wanted, now=now, by=by)
    steps.update(valid_days=wanted.valid_days, prefix=wanted.prefix, remind_days=wanted.remind_days)
    return pool


def _settings(reward: Reward, checkout: Checkout) -> PoolSettings:
    """One free product is a sum off that product: a share of it would make every piece in the basket free."""
    return PoolSettings(
        name=f"{reward.name} (reward)"[:100],
        kind=AMOUNT if reward.kind == rules.PRODUCT else reward.kind,
        value=0 if reward.kind == rules.SHIPPING else reward.value,
        currency=reward.currency or reward.store.currency,
        minimum_minor=reward.minimum_minor,
        products=[str(one) for one in reward.products],
        valid_days=reward.valid_days,
        **asdict(checkout),
    )


def archive_pools(reward: Reward, *, archived: bool, now: datetime, by: Staff | None) -> None:
    """From an archived pool nothing is given; codes that are out stay good."""
    if reward.pool is None:
        return
    for pool in [reward.pool, *_of_steps(reward.pool).select_related("store")]:
        archive_pool(pool, archived=archived, now=now, by=by)


def pool_for(reward: Reward, value: int, *, now: datetime) -> CouponPool | None:
    """The pool whose codes give so much: the reward's own, or of a reward in steps that of the sum, made if new."""
    base = reward.pool
    if base is None or not reward.is_stepped or value == reward.value:
        return base
    terms = {name: getattr(base, name) for name in PROMISED if name != "value"}
    pool, _ = CouponPool.objects.get_or_create(
        store_id=base.store_id,
        key=f"{_steps_of(base)}{value}",
        defaults={
            **terms,
            "name": f"{Money(value, base.currency).format('en')}: {base.name}"[:100],
            "value": value,
            "valid_days": base.valid_days,
            "prefix": base.prefix,
            "remind_days": base.remind_days,
            "created_at": now,
        },
    )
    return pool


def _steps_of(base: CouponPool) -> str:
    return f"reward-{base.pk}-"


def _of_steps(base: CouponPool) -> StoreQuerySet[CouponPool]:
    return CouponPool.objects.of(base.store_id).filter(key__startswith=_steps_of(base))
