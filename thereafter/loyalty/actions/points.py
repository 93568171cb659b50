"""Giving points, for whatever reason, and setting them right by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from thereafter.commerce.models import Customer
from thereafter.loyalty.actions import ledger, sheets
from thereafter.loyalty.actions.ledger import Kind, Sheet
from thereafter.loyalty.actions.reversing import Undoing, take_back
from thereafter.loyalty.models import Entry
from thereafter.loyalty.rules import postings
from thereafter.loyalty.rules.programme import MAIN
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff

ORDERS = ("order", "exchange", "backfill")


class NotEnoughPoints(ValueError):
    """The member has fewer points than should be taken."""


class ZeroPoints(ValueError):
    """Nothing would change."""


class KeyReused(ValueError):
    """The same key was used for something else."""


@dataclass(frozen=True, slots=True)
class Award:
    """Points for a customer. `source` is unique in the store: the same one told twice is booked once.

    They can be used from `active_from` (at once without it) until `expires_at` (without it as the programme says).
    """

    customer_id: int
    points: int
    source: str
    reason: str
    at: datetime
    order_id: int | None = None
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    kind: str = MAIN
    active_from: datetime | None = None
    expires_at: datetime | None = None
    qualifies: bool = False
    actor: str = ""


def award(customer: Customer, *, points: int, source: str, reason: str, now: datetime) -> bool:
    """Gives points once per source; False when this source was booked before."""
    given = Award(customer_id=customer.pk, points=points, source=source, reason=reason, at=now)
    return bool(award_many(customer.store_id, [given], now=now))


@transaction.atomic
def award_many(store_id: int, awards: Sequence[Award], *, now: datetime) -> int:
    """Books the awards whose source is new and returns how many those were. A fixed number of queries for 500."""
    return sum(
        _award_kind(store_id, [one for one in awards if one.kind == kind], kind=kind, now=now)
        for kind in sorted({one.kind for one in awards})
    )


def _award_kind(store_id: int, awards: Sequence[Award], *, kind: str, now: datetime) -> int:
    sheet = sheets.open_sheet(store_id, (award.customer_id for award in awards), now=now, kind=kind)
    fresh = book_awards(sheet, awards)
    sheets.close(sheet)
    return len(fresh)


def book_awards(sheet: Sheet, awards: Sequence[Award]) -> list[Entry]:
    """Puts those awards on the sheet that are new."""
    sources = [award.source for award in awards]
    booked = set(Entry.objects.of(sheet.store_id).filter(source__in=sources).values_list("source", flat=True))
    fresh = []
    for award in awards:
        if award.points > 0 and award.source not in booked:
            booked.add(award.source)
            fresh.append(_earning(sheet, award))
            ledger.credit(sheet, fresh[-1], active_from=award.active_from, expires_at=award.expires_at)
    return fresh


def _earning(sheet: Sheet, award: Award) -> Entry:
    return Entry(
        store_id=sheet.store_id,
        account=sheet.accounts[award.customer_id],
        kind=Kind.EARN,
        points=award.points,
        at=award.at,
        booked_at=sheet.now,
        source=award.source,
        reason=award.reason,
        order_id=award.order_id,
        snapshot=dict(award.snapshot),
        qualifies=award.qualifies,
        actor=award.actor,
    )


@transaction.atomic
def revoke(store_id: int, source: str, *, name: str, reason: str, at: datetime, now: datetime) -> int:
    """Takes an award back by the programme's policy; returns the points that really went. The same again takes none.

    `name` is the unique source of the taking back.
    """
    rows = Entry.objects.of(store_id).filter(source=source, kind=Kind.EARN).select_related("account")
    earned, name = rows.first(), ledger.named(name)
    if earned is None:
        return 0
    sheet = sheets.sheet_of(store_id, [earned.account_id], now=now)
    if not sheet.accounts:
        # Its customer became another's while we waited for the lock.
        earned = rows.get()
        sheet = sheets.sheet_of(store_id, [earned.account_id], now=now)
    taken = Entry.objects.of(store_id).filter(reverses=earned, kind=Kind.CLAWBACK)
    gone = taken.aggregate(points=Sum("points"), forgiven=Sum("forgiven"))
    left = earned.points + (gone["points"] or 0) - (gone["forgiven"] or 0)
    if left <= 0 or Entry.objects.of(store_id).filter(source=name).exists():
        return 0
    policy = sheet.versions.at(earned.at).programme.clawback
    entry = take_back(sheet, earned, Undoing(name, reason, at, left, policy, earned.order_id))
    sheets.close(sheet)
    return -entry.points


@transaction.atomic
def adjust(  # noqa: PLR0913 a correction by hand says who, why, by how much and until when
    customer: Customer,
    *,
    points: int,
    reason: str,
    source: str,
    by: Staff | None,
    now: datetime,
    expires_at: datetime | None = None,
) -> bool:
    """Adds or takes points by hand, once per source; raises `NotEnoughPoints` or `ZeroPoints` and changes nothing.

    `by` is None for a machine with a key. Points may be given an end of their own.
    """
    if not points:
        raise ZeroPoints("Give the points to add, or with a minus those to take.")
    store = customer.store
    sheet = sheets.open_sheet(store.pk, [customer.pk], now=now)
    known = Entry.objects.of(store).filter(source=source).first()
    if known is not None:
        return _same(known, points)
    account = sheet.accounts[customer.pk]
    if points < 0 and account.available < -points:
        raise NotEnoughPoints(f"This member has {account.available} points.")
    entry = ledger.entry_for(sheet, account, Kind.ADJUST, points=points, at=now, source=source, reason=reason)
    entry.actor = f"staff:{by.pk}" if by else "api"
    if points > 0:
        ledger.credit(sheet, entry, expires_at=expires_at)
    else:
        ledger.book(sheet, entry, postings.reversed_(pending=0, available=-points, owed=0))
        ledger.take_in_turn(sheet, entry, ledger.usable(sheet, account), -points)
    sheets.close(sheet)
    if by is not None:
        detail = {"points": points, "reason": reason}
        audit(store, by=by, verb="loyalty.adjust", now=now, subject=str(customer), detail=detail)
    return True


def _same(known: Entry, points: int) -> bool:
    if known.points != points:
        raise KeyReused("This key was used for another correction. Give each one a key of its own.")
    return False
