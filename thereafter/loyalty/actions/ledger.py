"""Booking: how points come, wait, move and go, whole sheets at a time. Every function runs in its caller's transaction.

A sheet holds accounts that are locked. What is booked on it changes accounts and lots in memory; `writing` keeps it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.db.models import F

from thereafter.loyalty.models import Account, Allocation, Entry, Lot, Posting, Redemption
from thereafter.loyalty.queries.programmes import Version, Versions
from thereafter.loyalty.rules import calendar, lots, postings

Kind = Entry.Kind
BATCH = 500
# What follows from a line is named after it: "active:...", "...:debt".
_LONGEST, _ROOM = 100, 20


def named(source: str, longest: int = _LONGEST) -> str:
    """A source that fits; of a longer one the end becomes a digest, so that two never meet."""
    return source if len(source) <= longest else f"{source[: longest - 33]}:{sha256(source.encode()).hexdigest()[:32]}"


def asked_for(source: str) -> str:
    """The same for what somebody else named, with room for what will be named after it."""
    return named(source, _LONGEST - _ROOM)


@dataclass
class Sheet:
    """Lines that will be written together, for accounts that are locked; `accounts` by customer."""

    store_id: int
    now: datetime
    versions: Versions
    accounts: dict[int, Account]
    entries: list[Entry] = field(default_factory=list)
    new_lots: list[Lot] = field(default_factory=list)
    changed_lots: dict[int, Lot] = field(default_factory=dict)
    allocations: list[Allocation] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    touched: dict[int, Account] = field(default_factory=dict)
    # What is left of accounts, where it was asked for.
    left: dict[int, list[Lot]] = field(default_factory=dict)
    # Entries that undo another one, which may stand on this sheet too.
    undoing: list[tuple[Entry, Entry]] = field(default_factory=list)
    # Redemptions by the source of the entry that they belong to, for the log.
    spent: dict[str, Redemption] = field(default_factory=dict)

    @property
    def newest(self) -> Version:
        return self.versions.newest

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.undoing)


def load_lots(sheet: Sheet, account_ids: Iterable[int]) -> None:
    """What is left of these accounts, in one query; of those asked for before, what the sheet knows."""
    missing = set(account_ids) - set(sheet.left)
    if not missing:
        return
    by_account: dict[int, list[Lot]] = defaultdict(list)
    left = Lot.objects.of(sheet.store_id).filter(account_id__in=missing, remaining__gt=0)
    in_order = left.order_by(F("expires_at").asc(nulls_last=True), "entry__at", "id")
    for lot in in_order.select_related("entry"):
        by_account[lot.account_id].append(lot)
    for lot in sheet.new_lots:
        by_account[lot.account_id].append(lot)
    for account_id in missing:
        sheet.left[account_id] = by_account[account_id]


def lots_of(sheet: Sheet, account: Account) -> list[Lot]:
    """What is left of an account, in the order in which it is spent."""
    load_lots(sheet, [account.pk])
    known = [lot for lot in sheet.left[account.pk] if lot.remaining]
    return sorted(known, key=lambda lot: lots.turn(lot.expires_at, lot.entry.at, lot.pk))


def usable(sheet: Sheet, account: Account) -> list[Lot]:
    return [lot for lot in lots_of(sheet, account) if lot.is_active]


def known(sheet: Sheet, lot: Lot) -> Lot:
    """The lot as the sheet knows it, whoever loaded it; one that was empty is in the account's turn again."""
    load_lots(sheet, [lot.account_id])
    found = next((one for one in sheet.left[lot.account_id] if one.pk == lot.pk), None)
    if found is None:
        sheet.left[lot.account_id].append(lot)
    return found or lot


def account_of(sheet: Sheet, account_id: int) -> Account:
    return next(one for one in sheet.accounts.values() if one.pk == account_id)


def entry_for(  # noqa: PLR0913 a line of a ledger is what it is made of
    sheet: Sheet, account: Account, kind: Entry.Kind, *, points: int, at: datetime, source: str, reason: str
) -> Entry:
    """A line that nobody asked for by name: its source says what it follows from."""
    return Entry(
        store_id=sheet.store_id,
        account=account,
        kind=kind,
        points=points,
        at=at,
        booked_at=sheet.now,
        source=named(source),
        reason=reason,
    )


def book(sheet: Sheet, entry: Entry, amounts: Mapping[str, int], *, undoes: Entry | None = None) -> Entry:
    """Puts a line and its two sides on the sheet, and moves the account's figures with them."""
    account = entry.account
    if undoes is None:
        sheet.entries.append(entry)
    else:
        sheet.undoing.append((entry, undoes))
    sheet.touched[account.pk] = account
    sheet.postings += [
        Posting(store_id=sheet.store_id, account=account, entry=entry, ledger=ledger, amount=amount)
        for ledger, amount in amounts.items()
        if amount
    ]
    account.available += amounts.get("available", 0)
    account.pending += amounts.get("pending", 0)
    account.reserved += amounts.get("reserved", 0)
    account.debt -= amounts.get("debt", 0)
    return entry


def take(sheet: Sheet, entry: Entry, lot: Lot, points: int) -> None:
    """Takes points out of a lot for an entry; below zero it puts them back."""
    if not points:
        return
    lot.remaining -= points
    sheet.allocations.append(Allocation(store_id=sheet.store_id, entry=entry, lot=lot, points=points))
    if lot.pk:
        sheet.changed_lots[lot.pk] = lot


def take_in_turn(sheet: Sheet, entry: Entry, from_lots: Sequence[Lot], points: int) -> int:
    """Takes points out of these lots, the first one first; returns how many were not there."""
    parts, missing = lots.allocate(points, [lot.remaining for lot in from_lots])
    for lot, part in zip(from_lots, parts, strict=True):
        take(sheet, entry, lot, part)
    return missing


def credit(
    sheet: Sheet, entry: Entry, *, active_from: datetime | None = None, expires_at: datetime | None = None
) -> Lot:
    """Adds points as a lot of their own; without `expires_at` it ends as the programme of its day says.

    What the member owes is paid from points that can be used at once; those that wait pay when they can be used.
    """
    version = sheet.versions.at(entry.at)
    starts = active_from or entry.at
    is_active = starts <= sheet.now
    book(sheet, entry, postings.earned(entry.points, is_active=is_active))
    lot = open_lot(
        sheet,
        entry,
        points=entry.points,
        starts=starts,
        ends=expires_at or calendar.end_of_lot(version.programme.expiry, entry.at, version.zone),
        is_active=is_active,
    )
    if is_active:
        came_to_life(sheet, entry.account, starts, entry.source)
    return lot


def open_lot(
    sheet: Sheet, entry: Entry, *, starts: datetime, ends: datetime | None, is_active: bool, points: int
) -> Lot:
    lot = Lot(
        store_id=sheet.store_id,
        account=entry.account,
        entry=entry,
        active_from=starts,
        expires_at=ends,
        is_active=is_active,
        original=points,
        remaining=points,
    )
    sheet.new_lots.append(lot)
    if entry.account.pk in sheet.left:
        sheet.left[entry.account.pk].append(lot)
    wake(entry.account, ends if is_active else min(filter(None, (starts, ends))))
    return lot


def note(sheet: Sheet, source: str, redemption: Redemption) -> None:
    """The line of this source belongs to a redemption; one that is new is written with it."""
    sheet.spent[source] = redemption


def touch(sheet: Sheet, account: Account) -> None:
    """The account is written with the sheet even if nothing is booked on it."""
    sheet.touched[account.pk] = account


def wake(account: Account, moment: datetime | None) -> None:
    """Something will happen to the account by itself then."""
    if moment is not None and (account.due_at is None or moment < account.due_at):
        account.due_at = moment


def came_to_life(sheet: Sheet, account: Account, at: datetime, source: str) -> None:
    """Points became usable: debts are paid, and the end of who is away for long moves."""
    was_active(sheet, account, at)
    pay_debt(sheet, account, at, source)


def was_active(sheet: Sheet, account: Account, at: datetime) -> None:
    """An earning, an activation or a redemption: the whole balance ends so long after it, where it does."""
    version = sheet.newest
    ends = calendar.end_of_rest(version.programme.expiry, at, version.zone)
    if ends is None or account.expires_at is None or ends > account.expires_at:
        account.expires_at = ends
        sheet.touched[account.pk] = account
    wake(account, account.expires_at)


def pay_debt(sheet: Sheet, account: Account, at: datetime, source: str) -> None:
    """What the member owes is taken from what they have; `source` is that of the line that brought it."""
    points = min(account.debt, account.available)
    if not points:
        return
    repayment = entry_for(
        sheet, account, Kind.DEBT_REPAY, points=-points, at=at, source=f"{source}:debt", reason="debt"
    )
    book(sheet, repayment, postings.repaid(points))
    take_in_turn(sheet, repayment, usable(sheet, account), points)
