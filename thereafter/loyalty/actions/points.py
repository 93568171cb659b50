"""Giving points, for whatever reason, and setting them right by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.loyalty.actions import ledger
from thereafter.loyalty.models import Entry
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff


class NotEnoughPoints(ValueError):
    """The member has fewer points than should be taken."""


class ZeroPoints(ValueError):
    """Nothing would change."""


@dataclass(frozen=True, slots=True)
class Award:
    """Points for a customer. `source` is unique in the store: the same one told twice is booked once."""

    customer_id: int
    points: int
    source: str
    reason: str
    at: datetime
    order_id: int | None = None
    snapshot: Mapping[str, Any] = field(default_factory=dict)


def award(customer: Customer, *, points: int, source: str, reason: str, now: datetime) -> bool:
    """Gives points once per source; False when this source was booked before."""
    given = Award(customer_id=customer.pk, points=points, source=source, reason=reason, at=now)
    return bool(award_many(customer.store_id, [given], now=now))


@transaction.atomic
def award_many(store_id: int, awards: Sequence[Award], *, now: datetime) -> int:
    """Books the awards whose source is new and returns how many those were. A fixed number of queries for 500."""
    sheet = ledger.open_sheet(store_id, (award.customer_id for award in awards), now=now)
    sources = [award.source for award in awards]
    booked = set(Entry.objects.of(store_id).filter(source__in=sources).values_list("source", flat=True))
    for award in awards:
        if award.points > 0 and award.source not in booked:
            booked.add(award.source)
            ledger.credit(sheet, _earning(sheet, award))
    ledger.write(sheet)
    return sum(entry.kind == Entry.Kind.EARN for entry in sheet.entries)


def _earning(sheet: ledger.Sheet, award: Award) -> Entry:
    return Entry(
        store_id=sheet.store_id,
        account=sheet.accounts[award.customer_id],
        kind=Entry.Kind.EARN,
        points=award.points,
        at=award.at,
        booked_at=sheet.now,
        source=award.source,
        reason=award.reason,
        order_id=award.order_id,
        snapshot=dict(award.snapshot),
    )


@transaction.atomic
def adjust(customer: Customer, *, points: int, reason: str, source: str, by: Staff, now: datetime) -> bool:
    """Adds or takes points by hand, once per source; raises `NotEnoughPoints` or `ZeroPoints` and changes nothing."""
    if not points:
        raise ZeroPoints("Give the points to add, or with a minus those to take.")
    store = customer.store
    sheet = ledger.open_sheet(store.pk, [customer.pk], now=now)
    account = sheet.accounts[customer.pk]
    if Entry.objects.of(store).filter(source=source).exists():
        return False
    if points < 0 and account.available < -points:
        raise NotEnoughPoints(f"This member has {account.available} points.")
    entry = Entry(
        store_id=store.pk,
        account=account,
        kind=Entry.Kind.ADJUST,
        points=points,
        at=now,
        booked_at=now,
        source=source,
        reason=reason,
        actor=f"staff:{by.pk}",
    )
    if points > 0:
        ledger.credit(sheet, entry)
    else:
        ledger.debit(sheet, entry, ledger.lots_left(sheet, [account.pk])[account.pk])
    ledger.write(sheet)
    audit(
        store, by=by, verb="loyalty.adjust", now=now, subject=str(customer), detail={"points": points, "reason": reason}
    )
    return True
