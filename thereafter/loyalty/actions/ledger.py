"""Booking: how points come and go, whole sheets at a time. Every function here runs in its caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Customer
from thereafter.events.points import PointsAwarded, PointsTakenBack
from thereafter.loyalty import rules
from thereafter.loyalty.models import Account, Allocation, Entry, Lot, Posting
from thereafter.timeline.log import record

BATCH = 500


@dataclass
class Sheet:
    """Lines that will be written together, for accounts that are locked."""

    store_id: int
    now: datetime
    accounts: dict[int, Account]
    entries: list[Entry] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    drained: dict[int, Lot] = field(default_factory=dict)
    allocations: list[Allocation] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)


def open_sheet(store_id: int, customer_ids: Iterable[int], *, now: datetime) -> Sheet:
    """Locks these customers' accounts, in one order for everybody, and opens those that are new.

    The account of a customer who was merged into another is that other's.
    """
    asked = set(customer_ids)
    merged = dict(
        Customer.objects.of(store_id)
        .filter(pk__in=asked, merged_into__isnull=False)
        .values_list("pk", "merged_into_id")
    )
    owners = {customer_id: merged.get(customer_id, customer_id) for customer_id in asked}
    wanted = Account.objects.of(store_id).filter(customer_id__in=set(owners.values()), kind="points")
    missing = sorted(set(owners.values()) - set(wanted.values_list("customer_id", flat=True)))
    Account.objects.bulk_create(
        [Account(store_id=store_id, customer_id=customer_id, opened_at=now) for customer_id in missing],
        ignore_conflicts=True,
    )
    locked = {account.customer_id: account for account in wanted.select_for_update().order_by("pk")}
    return Sheet(store_id, now, {asked_for: locked[owner] for asked_for, owner in owners.items()})


def lots_left(sheet: Sheet, account_ids: Iterable[int]) -> dict[int, list[Lot]]:
    """What is left of each account, first in first out."""
    left = Lot.objects.of(sheet.store_id).filter(account_id__in=set(account_ids), remaining__gt=0)
    by_account: dict[int, list[Lot]] = defaultdict(list)
    for lot in left.order_by(F("expires_at").asc(nulls_last=True), "active_from", "id"):
        by_account[lot.account_id].append(lot)
    return by_account


def credit(sheet: Sheet, entry: Entry) -> Lot:
    """Adds points as a lot of their own; what the member owes is paid from it first."""
    lot = Lot(
        store_id=sheet.store_id,
        account=entry.account,
        entry=entry,
        active_from=entry.at,
        original=entry.points,
        remaining=entry.points,
    )
    sheet.entries.append(entry)
    sheet.lots.append(lot)
    _post(sheet, entry, rules.credit_postings(entry.points))
    entry.account.available += entry.points
    if entry.account.debt:
        _repay(sheet, entry, lot)
    return lot


def debit(sheet: Sheet, entry: Entry, lots: Sequence[Lot]) -> None:
    """Takes an entry's points out of these lots, the first one first; what is not there the member owes."""
    parts, owed = rules.allocate(-entry.points, [lot.remaining for lot in lots])
    sheet.entries.append(entry)
    for lot, points in zip(lots, parts, strict=True):
        _take(sheet, entry, lot, points)
    covered = -entry.points - owed
    _post(sheet, entry, rules.debit_postings(covered, owed))
    entry.account.available -= covered
    entry.account.debt += owed


def _repay(sheet: Sheet, earned: Entry, lot: Lot) -> None:
    account = earned.account
    points = min(account.debt, lot.remaining)
    entry = Entry(
        store_id=sheet.store_id,
        account=account,
        kind=Entry.Kind.DEBT_REPAY,
        points=-points,
        at=earned.at,
        booked_at=sheet.now,
        source=f"{earned.source}:debt",
        reason="debt",
    )
    sheet.entries.append(entry)
    _take(sheet, entry, lot, points)
    _post(sheet, entry, rules.repay_postings(points))
    account.available -= points
    account.debt -= points


def _take(sheet: Sheet, entry: Entry, lot: Lot, points: int) -> None:
    if not points:
        return
    lot.remaining -= points
    sheet.allocations.append(Allocation(store_id=sheet.store_id, entry=entry, lot=lot, points=points))
    if lot.pk:
        sheet.drained[lot.pk] = lot


def _post(sheet: Sheet, entry: Entry, amounts: dict[str, int]) -> None:
    sheet.postings += [
        Posting(store_id=sheet.store_id, account=entry.account, entry=entry, ledger=ledger, amount=amount)
        for ledger, amount in amounts.items()
        if amount
    ]


def write(sheet: Sheet) -> None:
    """Writes the sheet, keeps what customers are known to have, and tells the log."""
    if not sheet.entries:
        return
    # What is taken back may point to what was earned on the same sheet.
    Entry.objects.bulk_create([entry for entry in sheet.entries if entry.points > 0], batch_size=BATCH)
    Entry.objects.bulk_create([entry for entry in sheet.entries if entry.points < 0], batch_size=BATCH)
    Lot.objects.bulk_create(sheet.lots, batch_size=BATCH)
    Lot.objects.bulk_update(sheet.drained.values(), ["remaining"], batch_size=BATCH)
    Allocation.objects.bulk_create(sheet.allocations, batch_size=BATCH)
    Posting.objects.bulk_create(sheet.postings, batch_size=BATCH)
    touched = {entry.account.pk: entry.account for entry in sheet.entries}
    Account.objects.bulk_create(
        touched.values(),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["available", "debt"],
    )
    set_traits(
        sheet.store_id,
        {account.customer_id: {"loyalty.points": account.available} for account in touched.values()},
    )
    record(*(_event(entry) for entry in sheet.entries if entry.kind != Entry.Kind.DEBT_REPAY))


def _event(entry: Entry) -> PointsAwarded | PointsTakenBack:
    kind = PointsAwarded if entry.points > 0 else PointsTakenBack
    return kind(
        store_id=entry.store_id,
        occurred_at=entry.at,
        actor=entry.actor,
        customer_id=entry.account.customer_id,
        order_id=entry.order_id,
        points=abs(entry.points),
        reason=entry.reason,
        source=entry.source,
    )
