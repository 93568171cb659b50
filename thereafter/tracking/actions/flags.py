"""Raising and clearing flags, and telling of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from thereafter.commerce.models import Fulfilment, Order
from thereafter.events.base import ShopperEvent
from thereafter.events.parcels import ParcelFlagCleared, ParcelFlagged, ParcelLate
from thereafter.kit.clock import zone
from thereafter.storefront.actions import drop_documents
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record
from thereafter.tracking.models import Flag, Parcel
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules import flags, silence, states
from thereafter.tracking.rules.flags import Facts, Raised
from thereafter.tracking.rules.settings import Settings

# An order that has waited for longer is not going to be sent because we say so once more.
LONGEST_WAIT = timedelta(days=60)
FLAG_FIELDS = ["flags", "check_at", "told_late_at"]
MOST_AT_ONCE = 2_000


def settle(store: Store, parcels: Sequence[Parcel], settings: Settings, now: datetime) -> list[ShopperEvent]:
    """Brings the flags of these parcels up to date, in place; returns the events to record. The caller saves
    `FLAG_FIELDS` of the parcels; what is raised by hand is left alone."""
    found = [(parcel, _raised(parcel, store, settings, now)) for parcel in parcels]
    changes = [_Change(parcel, raised, _over(parcel, raised)) for parcel, raised in found if _differs(parcel, raised)]
    _close(store, changes, now)
    new: list[Flag] = []
    events: list[ShopperEvent] = []
    for change in changes:
        parcel = change.parcel
        events += [_cleared(parcel, kind, now) for kind in sorted(change.over)]
        for kind in sorted(change.raised.keys() - parcel.flags.keys()):
            new.append(_row(parcel, kind, change.raised[kind], now))
            events += _told(parcel, kind, change.raised[kind], settings, now)
        by_hand = {kind: cause for kind, cause in parcel.flags.items() if kind in _by_hand(parcel)}
        parcel.flags = by_hand | {kind: raised.cause for kind, raised in change.raised.items()}
    Flag.objects.bulk_create(new, ignore_conflicts=True)
    return events


@dataclass(frozen=True, slots=True)
class _Change:
    """What is up now, and which flags are over."""

    parcel: Parcel
    raised: Mapping[str, Raised]
    over: frozenset[str]


def plan_check(parcel: Parcel, store: Store, settings: Settings) -> None:
    """Sets when the flags of a new parcel have to be looked at for the first time, in place."""
    turns = (_silent_after(parcel, store, settings), _overdue_at(parcel, store))
    parcel.check_at = min((at for at in turns if at), default=None)


def _raised(parcel: Parcel, store: Store, settings: Settings, now: datetime) -> Mapping[str, Raised]:
    """The flags that are up now; sets when time alone may change them."""
    silent_after, overdue_at = _silent_after(parcel, store, settings), _overdue_at(parcel, store)
    known_by = parcel.status_at + flags.GRACE if parcel.unknown_number and parcel.status_at else None
    waits = [at for at in (silent_after, overdue_at, known_by) if at and at > now and not parcel.is_finished]
    parcel.check_at = min(waits, default=None)
    facts = Facts(
        status=parcel.status,
        status_at=parcel.status_at,
        reason=parcel.reason,
        overdue_since=overdue_at,
        carrier_delayed=parcel.carrier_delayed,
        last_scan_at=parcel.last_scan_at,
        late_chance=parcel.late_chance,
        unknown_number=parcel.unknown_number,
        silent_after=silent_after,
    )
    return flags.raised(facts, now=now, tell=settings.alerts.tell)


def _silent_after(parcel: Parcel, store: Store, settings: Settings) -> datetime | None:
    since = parcel.last_scan_at or parcel.status_at
    quiet = silence.Quiet(parcel.status, since, parcel.destination, parcel.carrier_key)
    return silence.deadline(quiet, settings, home=store.country, zone=zone(store.time_zone))


def _overdue_at(parcel: Parcel, store: Store) -> datetime | None:
    """Midnight after the promised day, where the shop is."""
    if parcel.promised_on is None:
        return None
    return datetime.combine(parcel.promised_on + timedelta(days=1), time(), zone(store.time_zone)).astimezone(UTC)


def _over(parcel: Parcel, raised: Mapping[str, Raised]) -> frozenset[str]:
    return frozenset(set(parcel.flags) - set(raised) - _by_hand(parcel))


def _differs(parcel: Parcel, raised: Mapping[str, Raised]) -> bool:
    up = {kind: cause for kind, cause in parcel.flags.items() if kind not in _by_hand(parcel)}
    return up != {kind: one.cause for kind, one in raised.items()}


def _by_hand(parcel: Parcel) -> set[str]:
    """A report stays up until somebody has dealt with it; asking that has ended is over with the parcel."""
    kept = {flags.REPORTED} if parcel.is_finished else flags.BY_HAND
    return set(parcel.flags) & kept


def _why_over(parcel: Parcel) -> str:
    return "delivered" if parcel.status == states.DELIVERED else "news"


def _close(store: Store, changes: Sequence[_Change], now: datetime) -> None:
    """Takes down what is over, and writes the new cause of what goes on for another reason."""
    by_parcel = {change.parcel.pk: change for change in changes if change.parcel.flags}
    rows = list(Flag.objects.of(store).up().filter(parcel_id__in=by_parcel)) if by_parcel else []
    for flag in rows:
        change = by_parcel[flag.parcel_id or 0]
        if flag.kind in change.over:
            flag.cleared_at, flag.cleared_by = now, _why_over(change.parcel)
        elif flag.kind in change.raised and flag.cause != change.raised[flag.kind].cause:
            # Whoever has seen to the old cause has not seen to this one.
            flag.cause, flag.handled_at = change.raised[flag.kind].cause, None
    Flag.objects.bulk_update(rows, ["cleared_at", "cleared_by", "cause", "handled_at"])


def _row(parcel: Parcel, kind: str, raised: Raised, now: datetime) -> Flag:
    return Flag(
        store_id=parcel.store_id,
        order_id=parcel.order_id,
        parcel=parcel,
        kind=kind,
        cause=raised.cause,
        since=raised.since,
        set_at=now,
    )


def _told(parcel: Parcel, kind: str, raised: Raised, settings: Settings, now: datetime) -> list[ShopperEvent]:
    about = parcel.shopper_ids() | {"occurred_at": raised.since, "old": _is_old(raised.since, settings, now)}
    told: list[ShopperEvent] = [ParcelFlagged(**about, kind=kind, cause=raised.cause)]
    if kind == flags.OVERDUE and parcel.told_late_at is None and parcel.promised_on:
        parcel.told_late_at = now
        told.append(ParcelLate(**about, promised_on=parcel.promised_on))
    return told


def _is_old(since: datetime, settings: Settings, now: datetime) -> bool:
    return now - since > timedelta(hours=settings.notify_within_hours)


def _cleared(parcel: Parcel, kind: str, now: datetime) -> ParcelFlagCleared:
    cause, by = parcel.flags[kind], _why_over(parcel)
    return ParcelFlagCleared(**parcel.shopper_ids(), occurred_at=now, kind=kind, cause=cause, by=by)


def look_again(store: Store, now: datetime) -> int:
    """Looks at the parcels that time alone may have changed: promised days that are over, carriers that fell silent.
    Returns how many were looked at."""
    seen = 0
    while looked := _look_again(store, now):
        seen += looked
    return seen


@transaction.atomic
def _look_again(store: Store, now: datetime) -> int:
    due = Parcel.objects.of(store).filter(check_at__lte=now, finished_at__isnull=True).order_by("check_at")
    parcels = list(due.select_for_update(of=("self",)).select_related("order")[:MOST_AT_ONCE])
    if not parcels:
        return 0
    events = settle(store, parcels, settings_of(store), now)
    Parcel.objects.bulk_update(parcels, FLAG_FIELDS)
    drop_documents(store.pk, {parcel.order_id for parcel in parcels})
    record(*events)
    return len(parcels)


@transaction.atomic
def watch_fulfilment(store: Store, now: datetime) -> int:
    """Flags orders of which nothing has left for too long, and clears those that left or were cancelled; returns how
    many flags changed."""
    settings = settings_of(store)
    cleared = _leave_fulfilment(store, now)
    waiting = Order.objects.of(store).filter(
        status=Order.Status.OPEN,
        placed_at__gt=now - LONGEST_WAIT,
        placed_at__lt=now - timedelta(hours=settings.alerts.fulfilment_hours),
    )
    left = Fulfilment.objects.of(store).filter(order__in=waiting).values("order_id")
    known = Flag.objects.of(store).filter(kind=flags.STALLED, parcel__isnull=True, order__in=waiting).values("order_id")
    gone = Parcel.objects.of(store).filter(order__in=waiting).values("order_id")
    candidates = waiting.exclude(pk__in=left).exclude(pk__in=known).exclude(pk__in=gone).order_by("pk")
    local = zone(store.time_zone)
    stalled = [
        (order, since)
        for order in candidates[:MOST_AT_ONCE]
        if (since := silence.fulfilment_deadline(order.placed_at, settings, home=store.country, zone=local)) <= now
    ]
    for order, since in stalled:
        flag = Flag(store=store, order=order, kind=flags.STALLED, cause=flags.FULFILMENT, since=since, set_at=now)
        _put_up(flag, old=_is_old(since, settings, now))
    return cleared + len(stalled)


def _leave_fulfilment(store: Store, now: datetime) -> int:
    left = Parcel.objects.of(store).filter(order=OuterRef("order"))
    waiting = Flag.objects.of(store).up().filter(kind=flags.STALLED, parcel__isnull=True)
    over = list(waiting.filter(~Q(order__status=Order.Status.OPEN) | Exists(left)).select_related("order"))
    for flag in over:
        _clear(flag, "shop", now)
    return len(over)


@transaction.atomic
def raise_flag(order: Order, parcel: Parcel | None, kind: str, cause: str = "", *, now: datetime) -> bool:
    """Puts up a flag that does not follow from scans; whether it was not up already."""
    _lock(parcel)
    flag = Flag(store_id=order.store_id, order=order, parcel=parcel, kind=kind, cause=cause, since=now, set_at=now)
    return _put_up(flag, old=False)


def _lock(parcel: Parcel | None) -> None:
    """Whoever changes the flags of a parcel takes turns; reads, in place, which are up now."""
    if parcel is not None:
        rows = Parcel.objects.of(parcel.store_id).filter(pk=parcel.pk).select_for_update()
        parcel.flags = rows.values_list("flags", flat=True).get()


def _put_up(flag: Flag, *, old: bool) -> bool:
    order, parcel = flag.order, flag.parcel
    if Flag.objects.of(order.store_id).up().filter(order=order, parcel=parcel, kind=flag.kind).exists():
        return False
    flag.save()
    if parcel is not None:
        parcel.flags = parcel.flags | {flag.kind: flag.cause}
        Parcel.objects.of(order.store_id).filter(pk=parcel.pk).update(flags=parcel.flags)
    drop_documents(order.store_id, {order.pk})
    record(
        ParcelFlagged(
            store_id=order.store_id,
            occurred_at=flag.since,
            customer_id=order.customer_id,
            order_id=order.pk,
            parcel_id=parcel.pk if parcel else 0,
            kind=flag.kind,
            cause=flag.cause,
            old=old,
        )
    )
    return True


@transaction.atomic
def clear_flag(flag: Flag, *, by: Staff, now: datetime) -> bool:
    """A person has seen to it; whether that was still to do. What was raised by hand comes down; what follows from
    scans stays up until they say otherwise, and is not watched any more."""
    _lock(flag.parcel)
    to_do = Flag.objects.of(flag.store_id).to_do().filter(id=flag.pk)
    if not to_do.update(handled_at=now):
        return False
    if flag.kind in flags.BY_HAND:
        _clear(flag, "staff", now, actor=f"staff:{by.pk}")
    return True


@transaction.atomic
def lower_flag(flag: Flag, *, why: str, now: datetime, actor: str = "") -> None:
    """Takes down a flag that was raised by hand, because what it said is over."""
    _clear(flag, why, now, actor)


def _clear(flag: Flag, by: str, now: datetime, actor: str = "") -> None:
    _lock(flag.parcel)
    if not Flag.objects.of(flag.store_id).up().filter(pk=flag.pk).update(cleared_at=now, cleared_by=by):
        return
    if flag.parcel is not None and flag.kind in flag.parcel.flags:
        del flag.parcel.flags[flag.kind]
        Parcel.objects.of(flag.store_id).filter(pk=flag.parcel.pk).update(flags=flag.parcel.flags)
    drop_documents(flag.store_id, {flag.order_id})
    record(
        ParcelFlagCleared(
            store_id=flag.store_id,
            occurred_at=now,
            actor=actor,
            customer_id=flag.order.customer_id,
            order_id=flag.order_id,
            parcel_id=flag.parcel_id or 0,
            kind=flag.kind,
            cause=flag.cause,
            by=by,
        )
    )
