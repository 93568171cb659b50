"""Spending points: at once, or held for a checkout and then taken or given back. All under the account's lock.

Locks are taken in one order: the account, then the reward.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from django.db import transaction
from django.db.models import F

from thereafter.commerce.models import Customer, Order
from thereafter.events.loyalty import RewardCancelled
from thereafter.loyalty.actions import due, handing, ledger, sheets
from thereafter.loyalty.actions.ledger import Kind, Sheet
from thereafter.loyalty.models import Account, Entry, Member, Redemption, Reward
from thereafter.loyalty.queries.rewards import terms_of
from thereafter.loyalty.rules import postings
from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.rules.programme import MAIN
from thereafter.timeline.log import record

State = Redemption.State
OVER = (State.RELEASED, State.LAPSED, State.CANCELLED)
Reason = Literal[
    "insufficient_points",
    "reservation_not_held",
    "out_of_stock",
    "limit_reached",
    "not_offered",
    "wrong_tier",
    "key_reused",
    "unknown_redemption",
    "not_a_member",
    "cannot_undo",
]


class Refused(ValueError):
    """No points moved; `reason` for machines, the text for people."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Done:
    """A redemption, and whether the same was asked for before."""

    redemption: Redemption
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody wants for their points."""

    customer: Customer
    key: str
    points: int
    reward: Reward | None
    order_ref: str
    actor: str
    held_until: datetime | None = None
    currency: str = MAIN

    @property
    def request(self) -> str:
        """The same wish has the same hash; how long it is to be held does not matter."""
        reward_id = self.reward.pk if self.reward else None
        said = [self.customer.pk, self.points, self.currency, reward_id, self.held_until is not None]
        return sha256(json.dumps(said).encode()).hexdigest()


@transaction.atomic
def redeem(  # noqa: PLR0913 who spends what, for what, on which order
    customer: Customer,
    *,
    key: str,
    now: datetime,
    points: int | None = None,
    reward: Reward | None = None,
    order_ref: str = "",
    actor: str = "",
    currency: str = MAIN,
) -> Done:
    """Spends points at once, for a reward or for a part of an order; raises `Refused`. The same key moves them once.

    `currency` is the kind of points; rewards cost the programme's usual ones.
    """
    return _spend(_Wish(customer, key, _cost(points, reward), reward, order_ref, actor, None, currency), now)


@transaction.atomic
def reserve(  # noqa: PLR0913 who holds what, for how long, for which order
    customer: Customer,
    *,
    key: str,
    now: datetime,
    points: int | None = None,
    reward: Reward | None = None,
    minutes: int = 30,
    order_ref: str = "",
    actor: str = "",
) -> Done:
    """Holds points for a checkout; they lapse after so many minutes. Raises `Refused`."""
    until = now + timedelta(minutes=minutes)
    return _spend(_Wish(customer, key, _cost(points, reward), reward, order_ref, actor, until), now)


def _cost(points: int | None, reward: Reward | None) -> int:
    if reward is None:
        return points or 0
    return reward.cost if points is None or not reward.is_stepped else points


def _spend(wish: _Wish, now: datetime) -> Done:
    store_id = wish.customer.store_id
    sheet = sheets.open_sheet(store_id, [wish.customer.pk], now=now, kind=wish.currency)
    known = _find(store_id, wish.key)
    if known is not None:
        sheets.close(sheet)
        return _repeat(known, wish)
    account = sheet.accounts[wish.customer.pk]
    _check_points(account, wish.points)
    if wish.reward is not None:
        _check_reward(wish.reward, account, wish, now)
    redemption = _book(sheet, account, wish)
    if redemption.state == State.TAKEN and wish.reward is not None:
        _hand_over(redemption, wish.reward, now)
    return Done(redemption, False)


def _find(store_id: int, key: str) -> Redemption | None:
    return Redemption.objects.of(store_id).select_related("reward", "entry").filter(key=key).first()


def _repeat(known: Redemption, wish: _Wish) -> Done:
    if known.request != wish.request:
        raise Refused("key_reused", "This key was used for something else. Give every redemption a key of its own.")
    return Done(known, True)


def _check_points(account: Account, points: int) -> None:
    if points <= 0:
        raise Refused("insufficient_points", "Give the points to spend, one or more.")
    if account.available < points:
        raise Refused("insufficient_points", f"{points} points are asked for, and there are {account.available}.")


def _check_reward(reward: Reward, account: Account, wish: _Wish, now: datetime) -> None:
    """Whether this member may have it now; what is limited is counted under the reward's own lock."""
    begun = reward.kind == rules.SEAT and rules.is_over(reward.details, now)
    if begun or not reward.is_offered(now) or not rules.is_fit(terms_of(reward), wish.points):
        raise Refused("not_offered", f"{reward.name} is not to be had like this.")
    member = Member.objects.of(reward.store_id).filter(customer=account.customer_id).first()
    if member is not None and (member.left_at is not None or member.is_held_out):
        raise Refused("not_a_member", "Who does not take part in the programme cannot take rewards.")
    if reward.tiers and (member is None or member.tier not in reward.tiers):
        raise Refused("wrong_tier", f"{reward.name} is for members of another tier.")
    if reward.per_member is not None:
        had = Redemption.objects.of(reward.store_id).filter(reward=reward, account=account).exclude(state__in=OVER)
        if had.count() >= reward.per_member:
            raise Refused("limit_reached", f"{reward.name} can be taken {reward.per_member} times by each member.")
    if reward.stock is not None and not _take_stock(reward):
        raise Refused("out_of_stock", f"{reward.name} is gone.")


def _take_stock(reward: Reward) -> bool:
    """The database decides who gets the last one."""
    rows = Reward.objects.of(reward.store_id).filter(pk=reward.pk, stock__gt=0)
    return bool(rows.update(stock=F("stock") - 1))


def _book(sheet: Sheet, account: Account, wish: _Wish) -> Redemption:
    is_held = wish.held_until is not None
    kind, amounts = (
        (Kind.RESERVE, postings.reserved(wish.points)) if is_held else (Kind.REDEEM, postings.redeemed(wish.points))
    )
    source = ledger.asked_for(f"{kind}:{wish.key}")
    reason = "reward" if wish.reward else "checkout"
    entry = ledger.entry_for(sheet, account, kind, points=-wish.points, at=sheet.now, source=source, reason=reason)
    entry.actor = wish.actor
    entry.snapshot = {"reward": wish.reward.name} if wish.reward else {}
    ledger.book(sheet, entry, amounts)
    ledger.take_in_turn(sheet, entry, ledger.usable(sheet, account), wish.points)
    redemption = Redemption(
        store_id=sheet.store_id,
        account=account,
        key=wish.key,
        request=wish.request,
        points=wish.points,
        state=State.HELD if is_held else State.TAKEN,
        made_at=sheet.now,
        held_until=wish.held_until,
        closed_at=None if is_held else sheet.now,
        reward=wish.reward,
        said={"kind": wish.reward.kind, "name": wish.reward.name} if wish.reward else {},
        order_ref=wish.order_ref[:80],
        actor=wish.actor,
    )
    if is_held:
        ledger.wake(account, wish.held_until)
    else:
        ledger.was_active(sheet, account, sheet.now)
    ledger.note(sheet, source, redemption)
    sheets.close(sheet)
    return redemption


def _hand_over(redemption: Redemption, reward: Reward, now: datetime) -> None:
    try:
        handing.begin(redemption, reward, now)
    except handing.NothingLeft as gone:
        raise Refused("out_of_stock", str(gone)) from None


@transaction.atomic
def capture(store_id: int, key: str, *, now: datetime, order_ref: str = "", order: Order | None = None) -> Done:
    """What was held is spent. The second time nothing happens; raises `Refused` when it is held no more."""
    sheet, redemption = _open(store_id, key, now)
    if redemption.state == State.TAKEN:
        sheets.close(sheet)
        return Done(redemption, True)
    if redemption.state != State.HELD:
        raise Refused("reservation_not_held", "These points are not held any more; reserve them again.")
    account = ledger.account_of(sheet, redemption.account_id)
    source = f"capture:{redemption.pk}"
    entry = ledger.entry_for(
        sheet, account, Kind.CAPTURE, points=redemption.points, at=now, source=source, reason="checkout"
    )
    entry.order_id = order.pk if order else None
    ledger.book(sheet, entry, postings.captured(redemption.points))
    ledger.was_active(sheet, account, now)
    ledger.note(sheet, source, redemption)
    redemption.state, redemption.closed_at = State.TAKEN, now
    redemption.order = order or redemption.order
    redemption.order_ref = order_ref[:80] or redemption.order_ref
    redemption.save(update_fields=["state", "closed_at", "order", "order_ref"])
    sheets.close(sheet)
    if redemption.reward is not None:
        _hand_over(redemption, redemption.reward, now)
    return Done(redemption, False)


def _open(store_id: int, key: str, now: datetime) -> tuple[Sheet, Redemption]:
    """The account's sheet, and the redemption as it stands under its lock."""
    found = _find(store_id, key)
    if found is None:
        raise Refused("unknown_redemption", "Nothing was redeemed or reserved under this key.")
    sheet = sheets.sheet_of(store_id, [found.account_id], now=now)
    if not sheet.accounts:
        # Its customer became another's while we waited for the lock.
        return _open(store_id, key, now)
    return sheet, Redemption.objects.of(store_id).select_related("reward", "entry", "coupon", "account").get(
        pk=found.pk
    )


@transaction.atomic
def release(store_id: int, key: str, *, now: datetime) -> Done:
    """What was held goes back to its lots; what is not held any more stays as it is."""
    sheet, redemption = _open(store_id, key, now)
    if redemption.state != State.HELD:
        sheets.close(sheet)
        return Done(redemption, True)
    due.release(sheet, redemption, at=now, to=State.RELEASED)
    sheets.close(sheet)
    return Done(redemption, False)


@transaction.atomic
def cancel(store_id: int, key: str, *, now: datetime, actor: str = "") -> Done:
    """Undoes a redemption: its points are in their lots again, what it gave is taken back. Raises `Refused`."""
    sheet, redemption = _open(store_id, key, now)
    if redemption.state in OVER:
        sheets.close(sheet)
        return Done(redemption, True)
    if redemption.state == State.HELD:
        return release(store_id, key, now=now)
    why_not = handing.undo(redemption, now)
    if why_not:
        raise Refused("cannot_undo", why_not)
    points = redemption.points - redemption.restored
    if points:
        _restore(sheet, redemption, points, source=f"cancel:redemption:{redemption.pk}", at=now)
    redemption.state, redemption.closed_at, redemption.actor = State.CANCELLED, now, actor or redemption.actor
    redemption.restored = redemption.points
    redemption.save(update_fields=["state", "closed_at", "actor", "restored"])
    due.return_stock(redemption)
    sheets.close(sheet)
    said = redemption.said
    record(
        RewardCancelled(
            store_id=redemption.store_id,
            occurred_at=now,
            actor=redemption.actor,
            customer_id=redemption.account.customer_id,
            redemption_id=redemption.pk,
            kind=str(said.get("kind", "")),
            reward=str(said.get("name", "")),
            points=points,
        )
    )
    return Done(redemption, False)


@transaction.atomic
def restore_part(redemption: Redemption, points: int, *, source: str, at: datetime, now: datetime) -> int:
    """Points come back because a part of what they paid came back; never more than were spent, each source once."""
    sheet, redemption = _open(redemption.store_id, redemption.key, now)
    points = min(points, redemption.points - redemption.restored)
    known = Entry.objects.of(redemption.store_id).filter(source=source).exists()
    if known or points <= 0 or redemption.state != State.TAKEN:
        sheets.close(sheet)
        return 0
    _restore(sheet, redemption, points, source=source, at=at)
    redemption.restored += points
    redemption.save(update_fields=["restored"])
    sheets.close(sheet)
    return points


def _restore(sheet: Sheet, redemption: Redemption, points: int, *, source: str, at: datetime) -> None:
    account = ledger.account_of(sheet, redemption.account_id)
    entry = ledger.entry_for(sheet, account, Kind.RESTORE, points=points, at=at, source=source, reason="restored")
    entry.snapshot = {"reward": redemption.said["name"]} if redemption.said else {}
    entry.order_id = redemption.order_id
    ledger.book(sheet, entry, postings.restored(points), undoes=redemption.entry)
    ledger.note(sheet, source, redemption)
    grace = sheet.newest.programme.grace_days
    due.put_back(
        sheet, entry, redemption, points, grace_until=None if grace is None else sheet.now + timedelta(days=grace)
    )
