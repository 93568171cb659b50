"""What happens by itself: points become usable, reservations lapse, points end. In the order of its moments."""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from thereafter.loyalty.actions import ledger
from thereafter.loyalty.actions.ledger import Kind, Sheet
from thereafter.loyalty.models import Account, Allocation, Entry, Lot, Member, Redemption, Reward
from thereafter.loyalty.rules import lots, postings

ACTIVATION, LAPSE, EXPIRY, REST = range(4)


@dataclass(frozen=True)
class Coming:
    """The next thing for an account, and what it is about."""

    moment: datetime
    what: int
    about: Lot | Redemption | None = None


def catch_up(sheet: Sheet, accounts: Iterable[Account]) -> None:
    """Brings accounts to the sheet's moment; those with nothing due cost nothing."""
    waiting = [account for account in accounts if account.due_at is not None and account.due_at <= sheet.now]
    if not waiting:
        return
    ledger.load_lots(sheet, [account.pk for account in waiting])
    held = _held(sheet, waiting)
    for account in waiting:
        _carry_out(sheet, account, held[account.pk])


def _held(sheet: Sheet, accounts: list[Account]) -> dict[int, list[Redemption]]:
    found: dict[int, list[Redemption]] = defaultdict(list)
    rows = Redemption.objects.of(sheet.store_id).filter(account__in=accounts, state=Redemption.State.HELD)
    for redemption in rows:
        found[redemption.account_id].append(redemption)
    return found


def _carry_out(sheet: Sheet, account: Account, held: list[Redemption]) -> None:
    coming = _next(sheet, account, held)
    while coming is not None and coming.moment <= sheet.now:
        _do(sheet, account, coming, held)
        coming = _next(sheet, account, held)
    account.due_at = coming.moment if coming else None
    sheet.touched[account.pk] = account


def _next(sheet: Sheet, account: Account, held: list[Redemption]) -> Coming | None:
    left = ledger.lots_of(sheet, account)
    coming = [Coming(lot.active_from, ACTIVATION, lot) for lot in left if not lot.is_active]
    coming += [Coming(lot.expires_at, EXPIRY, lot) for lot in left if lot.expires_at is not None]
    coming += [Coming(one.held_until, LAPSE, one) for one in held if one.held_until is not None]
    # One that is over stays known: what comes back later has ended with it.
    if account.expires_at is not None and (account.available or account.expires_at > sheet.now):
        coming.append(Coming(account.expires_at, REST))
    return min(coming, key=lambda one: (one.moment, one.what), default=None)


def _do(sheet: Sheet, account: Account, coming: Coming, held: list[Redemption]) -> None:
    if coming.what == ACTIVATION and isinstance(coming.about, Lot):
        _activate(sheet, account, coming.about)
    elif coming.what == EXPIRY and isinstance(coming.about, Lot):
        expire(sheet, account, [coming.about], at=coming.moment, source=_anew("expire"))
    elif isinstance(coming.about, Redemption):
        held.remove(coming.about)
        release(sheet, coming.about, at=coming.moment, to=Redemption.State.LAPSED)
    else:
        _end_rest(sheet, account, coming.moment)


def _activate(sheet: Sheet, account: Account, lot: Lot) -> None:
    entry = ledger.entry_for(
        sheet,
        account,
        Kind.ACTIVATE,
        points=lot.remaining,
        at=lot.active_from,
        source=f"active:{lot.entry.source}",
        reason="activation",
    )
    ledger.book(sheet, entry, postings.activated(lot.remaining))
    lot.is_active = True
    if lot.pk:
        sheet.changed_lots[lot.pk] = lot
    ledger.came_to_life(sheet, account, entry.at, entry.source)


def expire(sheet: Sheet, account: Account, ending: list[Lot], *, at: datetime, source: str) -> None:
    """What is left of these lots is gone."""
    active = sum(lot.remaining for lot in ending if lot.is_active)
    pending = sum(lot.remaining for lot in ending if not lot.is_active)
    if not active + pending:
        return
    entry = ledger.entry_for(
        sheet, account, Kind.EXPIRE, points=-active - pending, at=at, source=source, reason="expiry"
    )
    ledger.book(sheet, entry, postings.expired(pending=pending, available=active))
    for lot in ending:
        ledger.take(sheet, entry, lot, lot.remaining)


def _end_rest(sheet: Sheet, account: Account, at: datetime) -> None:
    """Who was away for long loses what can be used; what waits goes on waiting. Not where the programme has given that
    up by then."""
    if sheet.versions.at(at).programme.expiry.mode != "inactivity":
        account.expires_at = None
        return
    expire(sheet, account, ledger.usable(sheet, account), at=at, source=_anew("rest"))


def _anew(why: str) -> str:
    """Points that came back may end a second time: nothing but what is left of the lot says whether they did."""
    return f"{why}:{secrets.token_hex(12)}"


def release(sheet: Sheet, redemption: Redemption, *, at: datetime, to: str) -> Entry:
    """What was held for a checkout goes back to its lots; what would have ended meanwhile ends at once."""
    account = ledger.account_of(sheet, redemption.account_id)
    source = f"release:{redemption.pk}"
    entry = ledger.entry_for(
        sheet, account, Kind.RELEASE, points=redemption.points, at=at, source=source, reason="reservation"
    )
    ledger.book(sheet, entry, postings.released(redemption.points))
    put_back(sheet, entry, redemption, redemption.points)
    redemption.state, redemption.closed_at = to, at
    redemption.save(update_fields=["state", "closed_at"])
    return_stock(redemption)
    return entry


def return_stock(redemption: Redemption) -> None:
    """What somebody did not take in the end is there for the next one."""
    if redemption.reward_id is not None:
        rows = Reward.objects.of(redemption.store_id).filter(pk=redemption.reward_id, stock__isnull=False)
        rows.update(stock=F("stock") + 1)


def put_back(
    sheet: Sheet, entry: Entry, redemption: Redemption, points: int, *, grace_until: datetime | None = None
) -> None:
    """Points go back to the lots they were taken from, first to those that end last.

    Points of a lot that has ended meanwhile end at once; with `grace_until` they make a lot of their own until then.
    So do those of who was away for too long. Who has left the programme has none again.
    """
    late, account = 0, entry.account
    has_left = _has_left(account)
    all_ended = has_left or (account.expires_at is not None and account.expires_at <= entry.at)
    for lot, part in _parts(sheet, redemption, points):
        has_ended = all_ended or (lot.expires_at is not None and lot.expires_at <= entry.at)
        if has_ended and grace_until is not None and not has_left:
            late += part
            continue
        ledger.take(sheet, entry, lot, -part)
        ledger.wake(account, lot.expires_at)
        if has_ended:
            expire(sheet, account, [lot], at=entry.at, source=_anew("expire"))
    if late:
        ledger.open_lot(sheet, entry, starts=entry.at, ends=grace_until, is_active=True, points=late)
        account.expires_at = None if all_ended else account.expires_at
    ledger.pay_debt(sheet, entry.account, entry.at, entry.source)


def _has_left(account: Account) -> bool:
    rows = Member.objects.of(account.store_id).filter(customer=account.customer_id)
    return rows.filter(left_at__isnull=False).exists()


def _parts(sheet: Sheet, redemption: Redemption, points: int) -> list[tuple[Lot, int]]:
    """Which lots get how much: what was given back before is passed over."""
    taken = Allocation.objects.of(sheet.store_id).filter(entry_id=redemption.entry_id).select_related("lot__entry")
    in_turn = sorted(taken, key=lambda one: lots.turn(one.lot.expires_at, one.lot.entry.at, one.lot_id), reverse=True)
    before, _ = lots.allocate(redemption.restored, [one.points for one in in_turn])
    now, _ = lots.allocate(points, [one.points - gone for one, gone in zip(in_turn, before, strict=True)])
    return [(ledger.known(sheet, one.lot), part) for one, part in zip(in_turn, now, strict=True) if part]
