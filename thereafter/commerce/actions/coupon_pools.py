"""Pools of coupons: made, changed as long as nobody has a code of them, filled from a list, put away."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from thereafter.commerce.models import Coupon, CouponPool
from thereafter.commerce.rules import coupons as rules
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.rows import insert

MOST_CODES = 100_000
# What a code gives was promised to whoever has one.
PROMISED = ("kind", "value", "currency", "minimum_minor", "products", "combinable", "personal", "delivery")
_LABELS = {
    "kind": "what it gives",
    "value": "its value",
    "currency": "the currency",
    "minimum_minor": "the minimum",
    "products": "the products",
    "combinable": "whether it can be combined",
    "personal": "whose it is",
    "delivery": "where it is checked",
}


class BadPool(ValueError):
    """A pool that cannot be; the text says what to do. `field` names it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class PoolSettings:
    """What a merchant says of a pool. `value` as in `CouponPool`."""

    name: str
    kind: str
    value: int
    currency: str
    minimum_minor: int = 0
    products: list[str] = field(default_factory=list)
    valid_days: int | None = 30
    per_customer: int | None = None
    combinable: bool = False
    personal: bool = False
    prefix: str = ""
    delivery: str = CouponPool.Delivery.API
    remind_days: int | None = None


@transaction.atomic
def make_pool(store: Store, settings: PoolSettings, *, now: datetime, by: Staff | None = None) -> CouponPool:
    """A new pool; raises `BadPool`."""
    _check(settings)
    pool = CouponPool.objects.create(
        store=store, key=_free_key(store, settings.name), created_at=now, **asdict(settings)
    )
    audit(store, by=by, verb="coupons.make_pool", now=now, subject=pool.name)
    return pool


@transaction.atomic
def change_pool(pool: CouponPool, settings: PoolSettings, *, now: datetime, by: Staff | None = None) -> None:
    """Changes a pool; raises `BadPool`. What its codes give stays as it is once somebody has one."""
    _check(settings)
    wanted = asdict(settings)
    changed = {name: value for name, value in wanted.items() if getattr(pool, name) != value}
    held = next((name for name in PROMISED if name in changed), "")
    if held and is_given(pool):
        raise BadPool(held, f"Codes of this pool were given out, so {_LABELS[held]} stays. Make a new pool instead.")
    CouponPool.objects.of(pool.store_id).filter(pk=pool.pk).update(**changed)
    for name, value in changed.items():
        setattr(pool, name, value)
    if changed:
        audit(pool.store, by=by, verb="coupons.change_pool", now=now, subject=pool.name, detail=_plain(changed))


def is_given(pool: CouponPool) -> bool:
    return Coupon.objects.of(pool.store_id).filter(pool=pool, issued_at__isnull=False).exists()


def _plain(changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | bool | list) else str(value) for name, value in changed.items()}


def _check(settings: PoolSettings) -> None:
    if not settings.name.strip():
        raise BadPool("name", "Give it a name by which you know it again.")
    if settings.kind == CouponPool.Kind.PERCENT and not 0 < settings.value <= rules.WHOLE:
        raise BadPool("value", "Give a share between 0 and 100 percent.")
    if settings.kind == CouponPool.Kind.AMOUNT and settings.value <= 0:
        raise BadPool("value", "Give an amount above zero.")
    if not rules.is_prefix(settings.prefix):
        raise BadPool("prefix", f"Up to {rules.LONGEST_PREFIX} letters, digits and dashes.")
    if settings.remind_days is not None and settings.valid_days is None:
        raise BadPool("remind_days", "Codes that never end need no reminder: say how many days they are good for.")
    if settings.remind_days is not None and settings.remind_days >= (settings.valid_days or 0):
        raise BadPool("remind_days", "Remind later than the day on which the code is given out.")


def _free_key(store: Store, name: str) -> str:
    wanted = slugify(name)[:36] or "coupons"
    taken = set(CouponPool.objects.of(store).filter(key__startswith=wanted).values_list("key", flat=True))
    return next(key for at in range(len(taken) + 1) if (key := wanted if not at else f"{wanted}-{at + 1}") not in taken)


@transaction.atomic
def archive_pool(pool: CouponPool, *, archived: bool, now: datetime, by: Staff | None = None) -> None:
    """From an archived pool nothing is given any more; codes that are out stay good."""
    pool.archived_at = now if archived else None
    CouponPool.objects.of(pool.store_id).filter(pk=pool.pk).update(archived_at=pool.archived_at)
    audit(pool.store, by=by, verb="coupons.archive" if archived else "coupons.bring_back", now=now, subject=pool.name)


@dataclass(frozen=True)
class Imported:
    """What became of a list: codes that are new, those we had, and lines that are no codes, with why."""

    added: int
    repeated: int
    refused: list[tuple[int, str]]


@transaction.atomic
def import_codes(pool: CouponPool, cells: Iterable[str], *, now: datetime, by: Staff | None = None) -> Imported:
    """Puts the codes of a list into its pool; bringing a list again changes nothing. Raises `BadPool`."""
    if pool.delivery != CouponPool.Delivery.LIST:
        raise BadPool("file", "Only a pool whose codes the shop knows already is filled from a list.")
    found = rules.read_list(cells)
    if len(found.codes) > MOST_CODES:
        raise BadPool("file", f"The list has {len(found.codes):,} codes; {MOST_CODES:,} are the most at once.")
    CouponPool.objects.of(pool.store_id).select_for_update(no_key=True).get(pk=pool.pk)
    new = _unknown(pool, found.codes)
    insert(Coupon(store_id=pool.store_id, pool=pool, code=code, created_at=now) for code in new)
    audit(pool.store, by=by, verb="coupons.import", now=now, subject=pool.name, detail={"codes": len(new)})
    return Imported(len(new), found.repeated + len(found.codes) - len(new), found.refused)


def _unknown(pool: CouponPool, codes: list[str], at_once: int = 500) -> list[str]:
    known: set[str] = set()
    for start in range(0, len(codes), at_once):
        rows = Coupon.objects.of(pool.store_id).filter(code__in=codes[start : start + at_once])
        known.update(rows.values_list("code", flat=True))
    return [code for code in codes if code not in known]
