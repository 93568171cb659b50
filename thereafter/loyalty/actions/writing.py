"""Writing a sheet: its lines, lots and figures, what customers are known to have, and the news for the log."""

from collections.abc import Iterable
from typing import Any

from thereafter.commerce.actions.customers import set_traits
from thereafter.events.points import (
    PointsActivated,
    PointsAwarded,
    PointsExpired,
    PointsReturned,
    PointsSpent,
    PointsTakenBack,
)
from thereafter.loyalty.actions.ledger import BATCH, Kind, Sheet
from thereafter.loyalty.models import Account, Allocation, Entry, Lot
from thereafter.loyalty.rules.programme import MAIN
from thereafter.timeline.log import record
from thereafter.timeline.rows import insert

Event = PointsActivated | PointsAwarded | PointsExpired | PointsReturned | PointsSpent | PointsTakenBack


def write(sheet: Sheet) -> None:
    """Writes the sheet, keeps what customers are known to have, and tells the log."""
    if not sheet.touched:
        return
    _write_entries(sheet)
    _write_redemptions(sheet)
    Account.objects.bulk_create(
        sheet.touched.values(),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["available", "pending", "reserved", "debt", "expires_at", "due_at"],
    )
    main = [account for account in sheet.touched.values() if account.kind == MAIN]
    if main:
        set_traits(sheet.store_id, {account.customer_id: {"loyalty.points": account.available} for account in main})
    lines = [*sheet.entries, *(entry for entry, _ in sheet.undoing)]
    record(*(event for entry in lines if (event := _event(sheet, entry))))


def _write_entries(sheet: Sheet) -> None:
    insert(sheet.entries)
    for entry, undone in sheet.undoing:
        entry.reverses_id = undone.pk
    insert(entry for entry, _ in sheet.undoing)
    for lot in sheet.new_lots:
        lot.entry = lot.entry
    insert(sheet.new_lots)
    Lot.objects.bulk_update(sheet.changed_lots.values(), ["remaining", "is_active"], batch_size=BATCH)
    for part in sheet.allocations:
        part.entry, part.lot = part.entry, part.lot
    insert(_summed(sheet.allocations))
    for posting in sheet.postings:
        posting.entry = posting.entry
    insert(sheet.postings)


def _write_redemptions(sheet: Sheet) -> None:
    by_source = {entry.source: entry for entry in sheet.entries}
    for source, redemption in sheet.spent.items():
        if redemption.pk is None:
            redemption.entry = by_source[source]
            redemption.save()


def _summed(allocations: Iterable[Allocation]) -> list[Allocation]:
    """One line for each entry and lot."""
    parts: dict[tuple[int, int], Allocation] = {}
    for part in allocations:
        known = parts.setdefault((part.entry_id, part.lot_id), part)
        if known is not part:
            known.points += part.points
    return [part for part in parts.values() if part.points]


def _event(sheet: Sheet, entry: Entry) -> Event | None:
    if entry.points and entry.kind in _PLAIN:
        return _plain(entry)
    redemption = sheet.spent.get(entry.source)
    if redemption is None:
        return None
    said = _said(entry) | {"redemption_id": redemption.pk}
    if entry.kind in (Kind.REDEEM, Kind.CAPTURE):
        return PointsSpent(**said, reward=str(redemption.said.get("name", "")))
    return PointsReturned(**said) if entry.kind == Kind.RESTORE else None


_PLAIN = (Kind.EARN, Kind.CLAWBACK, Kind.ADJUST, Kind.ACTIVATE, Kind.EXPIRE)


def _plain(entry: Entry) -> Event:
    said = _said(entry)
    if entry.kind == Kind.ACTIVATE:
        return PointsActivated(**said)
    if entry.kind == Kind.EXPIRE:
        return PointsExpired(**said)
    kind = PointsAwarded if entry.points > 0 else PointsTakenBack
    return kind(**said, reason=entry.reason, source=entry.source)


def _said(entry: Entry) -> dict[str, Any]:
    return {
        "store_id": entry.store_id,
        "occurred_at": entry.at,
        "actor": entry.actor,
        "customer_id": entry.account.customer_id,
        "order_id": entry.order_id,
        "points": abs(entry.points),
    }
