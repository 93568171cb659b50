"""Which codes are to be told to the shop system, and what became of them. The network is not in here.

A code is taken for the length of a lease and told again when we never hear what became of it; the shop systems know
a code that they have, so that a second try makes no second discount.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from thereafter.commerce.actions.shop_access import credentials_of
from thereafter.commerce.connectors.discounts import Batch, Pushed
from thereafter.commerce.connectors.shop_systems import SYSTEMS
from thereafter.commerce.models import Coupon, CouponPool, ShopAccess, ShopDiscount
from thereafter.stores.models import StoreQuerySet
from thereafter.timeline.models import MOST_TRIES, next_try

Push = Coupon.Push
LEASE = timedelta(minutes=5)
# After the shop refused our key it is not asked again by itself; after it was slow, soon.
REFUSED_REST = timedelta(hours=6)
SHORT_REST = timedelta(seconds=30)
MOST_LOOKS = 60
OLD_KEY = "This installation's secret key has changed: type the credentials in again."


@dataclass
class Errand:
    """Codes of one pool that end together, for one shop system; with `ref` a task of the shop to look at. `takes_off`:
    they were withdrawn, and are to be good nowhere."""

    store_id: int
    source: str
    pool_id: int
    credentials: dict[str, str]
    coupon_ids: list[int]
    ends: str
    batch: Batch | None = None
    ref: str = ""
    codes: list[str] = field(default_factory=list)
    takes_off: bool = False


@dataclass
class Report:
    """What became of an errand: `pushed`, or why it could not be run now; `refused` when our key is not good."""

    errand: Errand
    pushed: Pushed | None = None
    why: str = ""
    is_refused: bool = False
    seconds: int = 0


@transaction.atomic
def claim(now: datetime) -> Errand | None:
    """The codes that wait longest, of one pool and end; None when nothing is to be told to anybody."""
    first = _due(now).select_related("pool__store").first()
    if first is None:
        return None
    system = SYSTEMS[first.pool.delivery]
    takes_off = first.withdrawn_at is not None and first.push_state == Push.WAITING
    alike = Q(pool=first.pool, push_state=first.push_state, withdrawn_at__isnull=first.withdrawn_at is None)
    alike &= Q(push_ref=first.push_ref) if first.push_state == Push.ASKED else Q(expires_at=first.expires_at)
    coupons = list(_due(now).filter(alike)[: system.at_once])
    Coupon.objects.of(first.store_id).filter(pk__in=[one.pk for one in coupons]).update(push_due_at=now + LEASE)
    access = ShopAccess.objects.of(first.store_id).get(source=first.pool.delivery)
    errand = Errand(
        store_id=first.store_id,
        source=first.pool.delivery,
        pool_id=first.pool_id,
        credentials=credentials_of(access),
        coupon_ids=[one.pk for one in coupons],
        ends=first.expires_at.isoformat() if first.expires_at else "",
        ref=first.push_ref if first.push_state == Push.ASKED else "",
        codes=[one.code for one in coupons],
        takes_off=takes_off,
    )
    errand.batch = None if errand.ref or takes_off else _batch(first, errand, now)
    return errand


def _due(now: datetime) -> StoreQuerySet[Coupon]:
    ready = ShopAccess.objects.filter(
        Q(rests_until=None) | Q(rests_until__lte=now), store=OuterRef("store"), source=OuterRef("pool__delivery")
    )
    rows = Coupon.objects.filter(Exists(ready), push_state__in=[Push.WAITING, Push.ASKED], push_due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    return rows.order_by("push_due_at", "id")


def _batch(first: Coupon, errand: Errand, now: datetime) -> Batch:
    pool = first.pool
    known = ShopDiscount.objects.of(pool.store_id).filter(pool=pool, ends=errand.ends).first()
    until = f", until {first.expires_at:%Y-%m-%d}" if first.expires_at else ""
    return Batch(
        title=f"{pool.name}{until}",
        terms=pool.terms,
        starts_at=min(first.issued_at or now, now),
        ends_at=first.expires_at,
        codes=tuple(errand.codes),
        group=known.external_id if known else "",
    )


@transaction.atomic
def settle(report: Report, now: datetime) -> None:
    """Writes down what became of an errand."""
    errand = report.errand
    rows = Coupon.objects.of(errand.store_id).filter(pk__in=errand.coupon_ids)
    if report.pushed is None:
        _not_now(report, now)
        return
    pushed = report.pushed
    _access(errand).update(error="", rests_until=None, worked_at=now)
    if pushed.group and errand.batch:
        ShopDiscount.objects.get_or_create(
            store_id=errand.store_id,
            pool_id=errand.pool_id,
            ends=errand.ends,
            defaults={"external_id": pushed.group, "created_at": now},
        )
    done = rows.filter(code__in=pushed.done)
    after = Push.NONE if errand.takes_off else Push.DONE
    done.update(push_state=after, push_error="", push_due_at=None, push_ref="")
    if not errand.takes_off:
        # Withdrawn while it was on its way.
        done.filter(withdrawn_at__isnull=False).update(push_state=Push.WAITING, push_due_at=now, push_tries=0)
    rows.filter(code__in=pushed.asked).update(
        push_state=Push.ASKED, push_ref=pushed.ref, push_due_at=now + timedelta(seconds=2), push_tries=0
    )
    for code, why in pushed.refused.items():
        rows.filter(code=code).update(push_state=Push.FAILED, push_error=why[:300], push_due_at=None, push_ref="")
    _send_again(errand, pushed.done | pushed.asked | set(pushed.refused), now)


def _send_again(errand: Errand, told: Collection[str], now: datetime) -> None:
    """Codes the shop said nothing of: a bulk task that lost some is no reason to lose them too."""
    left = Coupon.objects.of(errand.store_id).filter(pk__in=errand.coupon_ids).exclude(code__in=told)
    left.update(push_state=Push.WAITING, push_ref="", push_due_at=now, push_tries=F("push_tries") + 1)


def _not_now(report: Report, now: datetime) -> None:
    """A refused key stops the shop, not the codes: they wait. What is slow is tried again, later each time."""
    errand = report.errand
    rows = Coupon.objects.of(errand.store_id).filter(pk__in=errand.coupon_ids)
    if report.is_refused:
        _access(errand).update(error=report.why[:300], rests_until=now + REFUSED_REST)
        rows.update(push_due_at=now, push_error=report.why[:300])
        return
    tries = max(rows.values_list("push_tries", flat=True), default=0) + 1
    if errand.ref:
        is_lost = tries > MOST_LOOKS
        state = {"push_state": Push.WAITING, "push_ref": "", "push_tries": 0} if is_lost else {"push_tries": tries}
        rows.update(push_due_at=now + timedelta(seconds=max(report.seconds, 2)), **state)
        return
    if tries >= MOST_TRIES:
        rows.update(push_state=Push.FAILED, push_error=report.why[:300], push_tries=tries, push_due_at=None)
        return
    pause = timedelta(seconds=max(report.seconds, next_try(tries) or 0))
    rows.update(push_due_at=now + pause, push_error=report.why[:300], push_tries=tries)
    _access(errand).update(error=report.why[:300], rests_until=now + min(pause, SHORT_REST))


def _access(errand: Errand) -> StoreQuerySet[ShopAccess]:
    return ShopAccess.objects.of(errand.store_id).filter(source=errand.source)


@transaction.atomic
def push_again(pool: CouponPool, *, now: datetime) -> int:
    """Codes that failed get their tries again; returns how many."""
    failed = Coupon.objects.of(pool.store_id).filter(pool=pool, push_state=Push.FAILED)
    ShopAccess.objects.of(pool.store_id).filter(source=pool.delivery).update(rests_until=None)
    return failed.update(push_state=Push.WAITING, push_due_at=now, push_tries=0, push_error="", push_ref="")
