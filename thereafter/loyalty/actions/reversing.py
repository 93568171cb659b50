"""Taking back what was earned: from its own lot first, what ran out is forgiven, the rest is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from thereafter.loyalty.actions import ledger
from thereafter.loyalty.actions.ledger import Kind, Sheet
from thereafter.loyalty.models import Account, Allocation, Entry, Lot
from thereafter.loyalty.rules import postings, reversals

OF_ORDER = ("order", "exchange", "backfill")


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is taken back and why; `name` is the unique source of the line."""

    name: str
    reason: str
    at: datetime
    points: int
    policy: str
    order_id: int | None = None


def take_back(sheet: Sheet, origin: Entry, undoing: Undoing) -> Entry:
    """Books a clawback of what `origin` (an order's entry, or an award) brought. What is not there is owed."""
    account = ledger.account_of(sheet, origin.account_id)
    own, others = _own_and_others(sheet, account, origin)
    ended = _ended(sheet, origin) if undoing.points > sum(lot.remaining for lot in own) else 0
    shares = reversals.shares(
        undoing.points,
        own_pending=sum(lot.remaining for lot in own if not lot.is_active),
        own_active=sum(lot.remaining for lot in own if lot.is_active),
        ended=ended,
        others=sum(lot.remaining for lot in others),
        policy=undoing.policy,
    )
    entry = ledger.entry_for(
        sheet,
        account,
        Kind.CLAWBACK,
        points=-(undoing.points - shares.forgiven),
        at=undoing.at,
        source=undoing.name,
        reason=undoing.reason,
    )
    entry.forgiven, entry.order_id, entry.qualifies = shares.forgiven, undoing.order_id, origin.qualifies
    entry.snapshot = {"ended": shares.ended} if shares.ended else {}
    amounts = postings.reversed_(pending=shares.pending, available=shares.active + shares.others, owed=shares.owed)
    ledger.book(sheet, entry, amounts, undoes=origin)
    ledger.take_in_turn(sheet, entry, [lot for lot in own if not lot.is_active], shares.pending)
    ledger.take_in_turn(sheet, entry, [lot for lot in own if lot.is_active], shares.active)
    ledger.take_in_turn(sheet, entry, others, shares.others)
    return entry


def _own_and_others(sheet: Sheet, account: Account, origin: Entry) -> tuple[list[Lot], list[Lot]]:
    left = ledger.lots_of(sheet, account)
    own = [lot for lot in left if _is_own(lot, origin)]
    others = [lot for lot in left if lot.is_active and not _is_own(lot, origin)]
    return own, others


def _is_own(lot: Lot, origin: Entry) -> bool:
    entry = lot.entry
    # Two that are not written yet have no number to tell them apart.
    if entry is origin or (entry.pk or 0) == (origin.pk or -1):
        return True
    # An order may have earned more than once: by an exchange for something dearer, by a back-fill.
    return _is_of_order(origin) and entry.order_id == origin.order_id and entry.reason in OF_ORDER[1:]


def _is_of_order(origin: Entry) -> bool:
    return origin.order_id is not None and origin.reason in OF_ORDER and not origin.source.startswith("action:")


def _ended(sheet: Sheet, origin: Entry) -> int:
    """Points of the same origin that ran out and were not forgiven for an earlier clawback."""
    if origin.pk is None:
        return 0
    own = Q(lot__entry=origin.pk)
    if _is_of_order(origin):
        own |= Q(lot__entry__order=origin.order_id, lot__entry__reason__in=OF_ORDER[1:])
    gone = Allocation.objects.of(sheet.store_id).filter(own, entry__kind=Kind.EXPIRE).aggregate(sum=Sum("points"))
    before = Entry.objects.of(sheet.store_id).filter(reverses=origin.pk, kind=Kind.CLAWBACK)
    forgiven: Sequence[int] = [snapshot.get("ended", 0) for snapshot in before.values_list("snapshot", flat=True)]
    return max(0, (gone["sum"] or 0) - sum(forgiven))
