"""Which parcels are asked of which carrier, from when on, and when that ends."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from thereafter.kit.clock import zone
from thereafter.stores.models import Staff, Store, StoreQuerySet
from thereafter.tracking.actions.flags import lower_flag, raise_flag
from thereafter.tracking.carriers.covering import covering
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.models import CarrierAccount, Flag, Parcel, PollPlan, Scan
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules import flags, polling

AT_ONCE = 2_000
# Asked so lately that its answer may have been read since.
LATELY = timedelta(minutes=10)
# Webhooks came so lately that they may be counted upon.
PUSHES = timedelta(hours=24)


def stores_that_ask() -> list[Store]:
    """Stores with an account, or with plans that an account has left."""
    accounts = CarrierAccount.objects.filter(store=OuterRef("pk"))
    return list(Store.objects.filter(Exists(accounts) | Exists(PollPlan.objects.filter(store=OuterRef("pk")))))


def plan_parcels(store: Store, now: datetime) -> int:
    """Brings a store's plans up to date with its parcels, carriers and accounts; returns how many changed. It looks at
    sets only, so it may be run every minute."""
    connected = connected_codes(store)
    if not connected and not PollPlan.objects.of(store).exists():
        return 0
    changed = _end(store) + _move(store, connected, now) + _revive(store, now)
    return changed + _begin(store, connected, now) + _expire(store, now) + sharpen(store, now)


def connected_codes(store: Store) -> set[str]:
    """Adapters the store has an account with."""
    codes = CarrierAccount.objects.of(store).values_list("adapter", flat=True)
    return {code for code in codes if code in ADAPTERS and ADAPTERS[code].poll}


@transaction.atomic
def _end(store: Store) -> int:
    """Nobody waits for these parcels any more, or they lost their number."""
    over = Q(parcel__finished_at__isnull=False) | Q(parcel__number_key="")
    ids = PollPlan.objects.of(store).filter(over).values_list("pk", flat=True)[:AT_ONCE]
    return PollPlan.objects.of(store).filter(pk__in=list(ids)).delete()[0]


@transaction.atomic
def _move(store: Store, connected: Collection[str], now: datetime) -> int:
    """A parcel whose carrier was corrected, or whose carrier's own account was connected since, is asked elsewhere."""
    moved = 0
    for adapter, carrier in PollPlan.objects.of(store).values_list("adapter", "parcel__carrier").distinct():
        best = covering(carrier, connected)
        if best != adapter:
            plans = PollPlan.objects.of(store).filter(adapter=adapter, parcel__carrier=carrier)
            fresh = {"adapter": best, "due_at": now, "error": "", "quiet": 0}
            moved += plans.update(**fresh) if best else stop_asking(plans, why="staff", now=now)
    return moved


@transaction.atomic
def _begin(store: Store, connected: Collection[str], now: datetime) -> int:
    """Parcels that can be asked for and are not yet. Of an import, those that may still be on their way."""
    if not connected:
        return 0
    since = now - 2 * timedelta(days=settings_of(store).expire_after_days)
    waiting = (
        Parcel.all_ways.of(store)
        .filter(finished_at__isnull=True, ordered_at__gt=since)
        .exclude(Q(number_key="") | Q(carrier=""))
        .exclude(pk__in=PollPlan.objects.of(store).values("parcel_id"))
    )
    carriers = waiting.values_list("carrier", flat=True).distinct()
    covered = {carrier: adapter for carrier in carriers if (adapter := covering(carrier, connected))}
    rows = waiting.filter(carrier__in=covered).order_by("-ordered_at").values_list("pk", "carrier", "carrier_key")
    plans = [
        PollPlan(store=store, parcel_id=pk, adapter=covered[carrier], due_at=now, started_at=now)
        for pk, carrier, _ in rows[:AT_ONCE]
    ]
    PollPlan.objects.bulk_create(plans, ignore_conflicts=True)
    return len(plans)


def _expire(store: Store, now: datetime) -> int:
    """Asking ends when there was no news for long; the flag says so, and a person may begin again."""
    after_days = settings_of(store).expire_after_days
    old = now - timedelta(days=after_days)
    silent = Q(parcel__last_scan_at__isnull=True) | Q(parcel__last_scan_at__lt=old)
    plans = PollPlan.objects.of(store).filter(silent, expired_at__isnull=True, started_at__lt=old)
    expired = list(plans.select_related("parcel__order")[:AT_ONCE])
    for plan in expired:
        with transaction.atomic():
            ended = PollPlan.objects.of(store).filter(pk=plan.pk, expired_at__isnull=True).update(expired_at=now)
            # Of what comes back nobody has to hear here: its case runs out by itself.
            if ended and not plan.parcel.comes_back:
                raise_flag(plan.parcel.order, plan.parcel, flags.POLLING_EXPIRED, now=now)
    return len(expired)


def _revive(store: Store, now: datetime) -> int:
    """Somebody else had news of a parcel that is not asked for any more."""
    later = Scan.objects.filter(parcel_id=OuterRef("parcel_id"), received_at__gt=OuterRef("expired_at"))
    plans = PollPlan.objects.of(store).filter(Exists(later), expired_at__isnull=False)
    return sum(_begin_again(plan, why="news", now=now) for plan in plans.select_related("parcel")[:AT_ONCE])


def ask_again(plan: PollPlan, *, by: Staff, now: datetime) -> bool:
    """A person wants to know: asked at once, whatever the plan was; also one that had expired."""
    return _begin_again(plan, why="staff", now=now, actor=f"staff:{by.pk}")


@transaction.atomic
def _begin_again(plan: PollPlan, *, why: str, now: datetime, actor: str = "") -> bool:
    fresh = {"expired_at": None, "started_at": now, "due_at": now, "quiet": 0, "error": ""}
    PollPlan.objects.of(plan.store_id).filter(pk=plan.pk).update(**fresh)
    for flag in _expired_flags(plan):
        lower_flag(flag, why=why, now=now, actor=actor)
    return True


@transaction.atomic
def stop_asking(plans: StoreQuerySet[PollPlan], *, why: str, now: datetime) -> int:
    """Forgets these plans; that asking had ended is not worth a flag where nobody is to be asked."""
    for plan in plans.filter(expired_at__isnull=False).order_by("parcel_id"):
        for flag in _expired_flags(plan):
            lower_flag(flag, why=why, now=now)
    return plans.delete()[0]


def _expired_flags(plan: PollPlan) -> Iterable[Flag]:
    up = Flag.objects.of(plan.store_id).up().filter(parcel_id=plan.parcel_id, kind=flags.POLLING_EXPIRED)
    return up.select_related("parcel", "order")


@dataclass(frozen=True, slots=True)
class Heard:
    """When scans of each parcel last reached us: from the adapter that is asked for it, and from anyone else."""

    asked: Mapping[int, datetime]
    others: Mapping[int, datetime]

    def is_pushed(self, plan: PollPlan, now: datetime) -> bool:
        """Whether news came of themselves of late: from elsewhere, or while we had not asked for a while."""
        since = now - PUSHES
        unasked = self.asked.get(plan.parcel_id, since)
        return self.others.get(plan.parcel_id, since) > since or unasked > max(since, asked_at(plan) + LATELY)


def heard(store: Store, plans: Collection[PollPlan]) -> Heard:
    adapters = {plan.parcel_id: plan.adapter for plan in plans}
    rows = Scan.objects.of(store).filter(parcel_id__in=adapters).exclude(source="shop")
    asked: dict[int, datetime] = {}
    others: dict[int, datetime] = {}
    for parcel_id, source, at in rows.values_list("parcel_id", "source").annotate(at=Max("received_at")):
        into = asked if source == adapters[parcel_id] else others
        into[parcel_id] = max(at, into.get(parcel_id, at))
    return Heard(asked, others)


def sharpen(store: Store, now: datetime) -> int:
    """Plans that were asked lately are made again by what the answers said, which is read a moment after they came;
    returns how many changed."""
    lately = PollPlan.objects.of(store).filter(asked_at__gt=now - LATELY, expired_at__isnull=True, error="")
    plans = list(lately.select_related("parcel")[:AT_ONCE])
    if not plans:
        return 0
    known = heard(store, plans)
    newer = [
        plan for plan in plans if plan.quiet and known.asked.get(plan.parcel_id, plan.started_at) >= asked_at(plan)
    ]
    for plan in newer:
        plan.quiet = 0
        plan.due_at = due(store, plan, asked_at(plan), pushed=known.is_pushed(plan, now))
    PollPlan.objects.bulk_update(newer, ["quiet", "due_at"])
    return len(newer)


def asked_at(plan: PollPlan) -> datetime:
    return plan.asked_at or plan.started_at


def due(store: Store, plan: PollPlan, at: datetime, *, pushed: bool) -> datetime:
    """When a parcel that was asked for at this moment is asked for next."""
    asked = polling.Asked(plan.parcel.status, plan.quiet, pushed, polling.spread(plan.parcel_id))
    return polling.next_due(asked, at, zone(store.time_zone))
