"""Taking part: joining, leaving, and what happens to an account as a whole."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import sha256
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import F

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.rules.coupons import ALPHABET
from thereafter.events.loyalty import MemberJoined, MemberLeft
from thereafter.loyalty.actions import due, ledger, sheets, tiers
from thereafter.loyalty.actions.ledger import Sheet
from thereafter.loyalty.models import (
    Account,
    Entry,
    Lot,
    Member,
    Milestone,
    OrderEarning,
    Posting,
    Redemption,
)
from thereafter.loyalty.queries import ledger as asked
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.members import members_of
from thereafter.timeline.log import record

CODE_LETTERS = 8
CARD_LETTERS = 16
PERCENT = 100


class NoSuchDay(ValueError):
    """A birthday that is in no calendar."""


class NoSuchZone(ValueError):
    """A time zone that nobody knows."""


def taking_part(sheet: Sheet, orders: Iterable[Order]) -> dict[int, Member]:
    """The members among these orders' buyers who earn; where buying is joining, new ones join by it."""
    first: dict[int, datetime] = {}
    for order in sorted(orders, key=lambda one: one.placed_at):
        first.setdefault(order.customer_id, order.placed_at)
    if sheet.newest.programme.joining == "automatic":
        found = ensure(sheet.store_id, first, source=Member.Source.AUTOMATIC, now=sheet.now)
    else:
        found = members_of(sheet.store_id, first)
    return {pk: one for pk, one in found.items() if one.left_at is None and not one.is_held_out}


@transaction.atomic
def ensure(store_id: int, customer_ids: Collection[int], *, source: str, now: datetime) -> dict[int, Member]:
    """The members of these customers, made where there is none. Who left stays away."""
    known = members_of(store_id, customer_ids)
    missing = [pk for pk in customer_ids if pk not in known]
    if not missing:
        return known
    # Who asks to join is not turned away for an experiment.
    drawn = source == Member.Source.AUTOMATIC
    percent = programmes.programme_now(store_id).programme.holdout_percent if drawn else 0
    made = [_new(store_id, pk, source, now, percent) for pk in missing]
    Member.objects.bulk_create(made, ignore_conflicts=True, batch_size=ledger.BATCH)
    found = members_of(store_id, customer_ids)
    ours = {one.referral_code for one in made}
    fresh = [found[pk] for pk in missing if found[pk].referral_code in ours]
    set_traits(store_id, {one.customer_id: traits(one) for one in fresh if not one.is_held_out})
    record(*(joined(one, now) for one in fresh if not one.is_held_out))
    return found


def _new(store_id: int, customer_id: int, source: str, now: datetime, holdout_percent: int) -> Member:
    return Member(
        store_id=store_id,
        customer_id=customer_id,
        joined_at=now,
        source=source,
        referral_code=_code(CODE_LETTERS),
        card_code=_code(CARD_LETTERS),
        is_held_out=_lot_falls(store_id, customer_id) < holdout_percent,
    )


def _code(letters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(letters))


def _lot_falls(store_id: int, customer_id: int) -> int:
    """0 to 99, the same for a customer for ever, and not to be guessed from their number."""
    return int.from_bytes(sha256(f"holdout:{store_id}:{customer_id}".encode()).digest()[:4]) % PERCENT


def traits(member: Member) -> dict[str, object]:
    return {"loyalty.member": True, "loyalty.referral_code": member.referral_code}


def joined(member: Member, now: datetime) -> MemberJoined:
    return MemberJoined(
        store_id=member.store_id,
        occurred_at=now,
        customer_id=member.customer_id,
        member_id=member.pk,
        source=member.source,
    )


@transaction.atomic
def join(customer: Customer, *, source: str, now: datetime) -> Member:
    """Takes part from now on; who left before is welcome again. `orders.reach_back` counts what they bought lately."""
    member = ensure(customer.store_id, [customer.pk], source=source, now=now)[customer.pk]
    back = Member.objects.of(customer.store_id).filter(pk=member.pk, left_at__isnull=False)
    if back.update(left_at=None, joined_at=now, source=source):
        member.refresh_from_db()
        set_traits(customer.store_id, {customer.pk: traits(member)})
        record(joined(member, now))
    return member


@transaction.atomic
def leave(member: Member, *, now: datetime) -> bool:
    """Takes part no more: what is left of the points is gone, the history stays. False when they had left before."""
    rows = Account.objects.of(member.store_id).filter(customer=member.customer_id)
    sheet = sheets.sheet_of(member.store_id, list(rows.values_list("pk", flat=True)), now=now)
    if not Member.objects.of(member.store_id).filter(pk=member.pk, left_at=None).update(left_at=now, tier=""):
        sheets.close(sheet)
        return False
    for account in sheet.accounts.values():
        source = f"left:{account.pk}:{now:%Y-%m-%dT%H:%M:%S}"
        due.expire(sheet, account, ledger.lots_of(sheet, account), at=now, source=source)
    sheets.close(sheet)
    gone = {"loyalty.member": False, "loyalty.tier": "", "loyalty.tier_name": "", "loyalty.perks": {}}
    set_traits(member.store_id, {member.customer_id: gone})
    record(MemberLeft(store_id=member.store_id, occurred_at=now, customer_id=member.customer_id, member_id=member.pk))
    return True


def set_birthday(member: Member, *, month: int, day: int, now: datetime) -> None:
    """Keeps the day; raises `NoSuchDay`. When it pays is decided when it comes."""
    try:
        datetime(2024, month, day, tzinfo=now.tzinfo)
    except ValueError:
        raise NoSuchDay("There is no such day. Give a day and a month of the calendar.") from None
    member.birth_month, member.birth_day, member.birthday_set_at = month, day, now
    member.save(update_fields=["birth_month", "birth_day", "birthday_set_at"])


def set_time_zone(member: Member, name: str) -> None:
    """Where the member lives decides which day it is for them; raises `NoSuchZone`."""
    if name not in available_timezones():
        raise NoSuchZone("Give a zone by its name, such as Europe/Berlin.")
    member.time_zone = name
    member.save(update_fields=["time_zone"])


@transaction.atomic
def merge(store_id: int, *, keep_id: int, merged_id: int, now: datetime) -> None:
    """Two customers were one person: the history of both goes on in the accounts of the one that stays."""
    for kind in Account.objects.of(store_id).filter(customer_id=merged_id).values_list("kind", flat=True):
        _merge_accounts(store_id, kind, keep_id=keep_id, merged_id=merged_id, now=now)
    _merge_members(store_id, keep_id=keep_id, merged_id=merged_id, now=now)
    tiers.rise(store_id, [keep_id], at=now, now=now)


def _merge_accounts(store_id: int, kind: str, *, keep_id: int, merged_id: int, now: datetime) -> None:
    both = Account.objects.of(store_id).filter(customer__in=(keep_id, merged_id), kind=kind)
    # In the order in which everybody locks accounts.
    gone = next((one for one in both.select_for_update().order_by("pk") if one.customer_id == merged_id), None)
    kept = sheets.open_sheet(store_id, [keep_id], now=now, kind=kind)
    sheets.close(kept)
    into = kept.accounts[keep_id]
    if gone is None or gone.pk == into.pk:
        return
    for table in (Entry, Lot, Posting, OrderEarning, Redemption):
        table.objects.of(store_id).filter(account=gone).update(account=into)
    sums = {name: getattr(gone, name) + F(name) for name in ("available", "pending", "reserved", "debt")}
    moments = [one for one in (gone.expires_at, into.expires_at) if one is not None]
    Account.objects.of(store_id).filter(pk=into.pk).update(**sums, expires_at=max(moments, default=None), due_at=now)
    gone.delete()
    sheet = sheets.open_sheet(store_id, [keep_id], now=now, kind=kind)
    ledger.pay_debt(sheet, sheet.accounts[keep_id], now, f"merge:{merged_id}:{kind}")
    ledger.touch(sheet, sheet.accounts[keep_id])
    sheets.close(sheet)


def _merge_members(store_id: int, *, keep_id: int, merged_id: int, now: datetime) -> None:
    """The one that stays keeps its card; what only the other had is taken over. The other has left: nobody has two
    birthdays, or loses a tier twice."""
    rows = Member.objects.of(store_id)
    gone, into = rows.filter(customer_id=merged_id).first(), rows.filter(customer_id=keep_id).first()
    if gone is None:
        return
    if into is None:
        rows.filter(pk=gone.pk).update(customer_id=keep_id)
        return
    if into.birth_month is None and gone.birth_month is not None:
        into.birth_month, into.birth_day = gone.birth_month, gone.birth_day
        into.birthday_set_at = gone.birthday_set_at
    into.joined_at = min(into.joined_at, gone.joined_at)
    if gone.left_at is None:
        # Whoever of the two takes part does.
        into.left_at = None
    rank = programmes.programme_now(store_id).programme.rank
    if rank(gone.tier) > rank(into.tier):
        into.tier, into.tier_since, into.tier_until = gone.tier, gone.tier_since, gone.tier_until
        into.qualified_at = gone.qualified_at
    into.save()
    rows.filter(pk=gone.pk, left_at=None).update(left_at=now, tier="", tier_until=None)
    # What one of them was given this person has had.
    had = Milestone.objects.of(store_id).filter(member=into).values("key")
    Milestone.objects.of(store_id).filter(member=gone).exclude(key__in=had).update(member=into)


@transaction.atomic
def prove() -> int:
    """Compares each account's figures with its lots, its reservations and its postings, marks those that differ, and
    returns how many."""
    Account.objects.exclude(doubt="").update(doubt="")
    found = asked.doubted()
    for account_id, doubt in found.items():
        Account.objects.filter(pk=account_id).update(doubt=doubt)
    return len(found)
