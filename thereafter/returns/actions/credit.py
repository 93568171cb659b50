"""Store credit and gift cards: given, spent, given back, ended, corrected. Each movement is a line; lines only add.

The shopper's own value and the shop's bonus are kept apart. The own value is spent first and never ends by itself:
a gift card is the shopper's money, and in much of the world a shop may not let it run out. The bonus ends on its day.
"""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.rules.coupons import ALPHABET
from thereafter.events.returns import CreditIssued, CreditSpent
from thereafter.kit import clock
from thereafter.returns.models import Case, CheckoutCredit, CreditAccount, CreditLine
from thereafter.returns.queries import settings_of
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

Kind = CreditLine.Kind
LETTERS = 16


class NotEnough(ValueError):
    """The credit is worth less than was asked; the text says how much there is."""

    def __init__(self, account: CreditAccount) -> None:
        super().__init__(f"This credit is worth {account.balance.amount} {account.currency}.")
        self.account = account


class BadMovement(ValueError):
    """A movement that cannot be; the text says why."""


class SpentElsewhere(BadMovement):
    """The credit is at the shop's checkout, and is spent there only."""

    def __init__(self) -> None:
        super().__init__("This credit is spent at the shop's checkout. Take it back from there first.")


@transaction.atomic
def issue(  # noqa: PLR0913 what credit is given for is a part of it
    customer: Customer,
    amount_minor: int,
    currency: str,
    *,
    source: str,
    now: datetime,
    bonus_minor: int = 0,
    case: Case | None = None,
    order: Order | None = None,
    by: Staff | None = None,
) -> CreditAccount:
    """Gives credit with a code of its own; the same `source` again changes nothing and returns the first."""
    store_id = customer.store_id
    if min(amount_minor, bonus_minor) < 0 or not amount_minor + bonus_minor:
        raise BadMovement("Credit has to be worth something.")
    known = CreditAccount.objects.of(store_id).filter(source=source).first()
    if known:
        return known
    store = Store.objects.get(pk=store_id)
    account = CreditAccount.objects.create(
        store=store,
        customer=customer,
        code=make_code(),
        currency=currency,
        paid_minor=amount_minor,
        bonus_minor=bonus_minor,
        source=source,
        case=case,
        order=order,
        expires_on=_end_of_bonus(store, now) if bonus_minor else None,
        issued_at=now,
        changed_at=now,
    )
    _add(account, Kind.ISSUED, amount_minor, bonus_minor, key=f"issued:{source}"[:120], at=now, by=by)
    told = _told(account, now, order.pk if order else None)
    record(
        CreditIssued(
            **told,
            amount_minor=amount_minor + bonus_minor,
            currency=currency,
            bonus_minor=bonus_minor,
            expires_on=account.expires_on,
            of_refund=source.startswith("share:"),
        )
    )
    return account


def make_code() -> str:
    """Not to be guessed: 77 bits, without letters that look alike."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


def normal_code(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())[:20]


def _end_of_bonus(store: Store, now: datetime) -> date | None:
    days = settings_of(store).credit_days
    return clock.day_in(now, store.time_zone) + timedelta(days=days) if days else None


@transaction.atomic
def spend(account: CreditAccount, amount_minor: int, *, used_for: str, key: str, now: datetime) -> CreditLine:
    """Takes from a credit; the same `key` again changes nothing and returns the first line. Raises `NotEnough`.

    The row is held meanwhile, so that the last cent is spent once.
    """
    held, known = locked(account), _line(account, key)
    if known:
        if -known.amount_minor != amount_minor:
            raise BadMovement("This key was used for another amount. Give each payment a key of its own.")
        return known
    _is_here(held)
    if amount_minor <= 0:
        raise BadMovement("Only an amount above zero can be spent.")
    if usable(held, now) < amount_minor:
        raise NotEnough(held)
    own = min(amount_minor, held.paid_minor)
    line = _move(held, Kind.SPENT, -own, own - amount_minor, key=key, at=now, used_for=used_for)
    order = Order.objects.of(held.store_id).filter(number=used_for).order_by("-placed_at").first() if used_for else None
    told = _told(held, now, order.pk if order else None)
    record(CreditSpent(**told, amount_minor=amount_minor, left_minor=held.balance_minor, currency=held.currency))
    return line


def usable(account: CreditAccount, now: datetime) -> int:
    """What can be spent today: a bonus that has ended does not count, also before the job has booked it."""
    return account.paid_minor if has_ended(account, now) else account.balance_minor


def has_ended(account: CreditAccount, now: datetime) -> bool:
    """Whether the bonus has; own value never does."""
    return account.expires_on is not None and clock.day_in(now, account.store.time_zone) > account.expires_on


@transaction.atomic
def give_back(spent: CreditLine, *, key: str, now: datetime, amount_minor: int | None = None) -> CreditLine:
    """The order that it was used for came to nothing, or a part of it: the bonus comes back last, as it went last.

    Never more than was spent; raises `BadMovement`.
    """
    held, known = locked(spent.account), _line(spent.account, key)
    if known:
        return known
    _is_here(held)
    before = _given_back(spent)
    own_left, bonus_left = -spent.paid_minor - before[0], -spent.bonus_minor - before[1]
    wanted = own_left + bonus_left if amount_minor is None else amount_minor
    if spent.kind != Kind.SPENT or not 0 < wanted <= own_left + bonus_left:
        raise BadMovement("No more can come back than was spent.")
    own = min(wanted, own_left)
    return _move(held, Kind.GIVEN_BACK, own, wanted - own, key=key, at=now, used_for=spent.used_for, of=spent)


def _given_back(spent: CreditLine) -> tuple[int, int]:
    rows = CreditLine.objects.of(spent.store_id).filter(account_id=spent.account_id, of=spent)
    return sum(row.paid_minor for row in rows), sum(row.bonus_minor for row in rows)


@transaction.atomic
def expire(account: CreditAccount, *, now: datetime) -> CreditLine | None:
    """Ends a bonus whose day has passed; None when there is none. The shopper's own value stays."""
    held = locked(account)
    if not held.bonus_minor or not has_ended(held, now) or _at_checkout(held):
        return None
    return _move(held, Kind.EXPIRED, 0, -held.bonus_minor, key=f"expired:{held.expires_on}", at=now)


@transaction.atomic
def adjust(account: CreditAccount, amount_minor: int, *, why: str, by: Staff, now: datetime) -> CreditLine:
    """Corrects a credit by hand; taking takes the bonus first. Raises `BadMovement` for more than there is."""
    held, why = locked(account), " ".join(why.split())[:120]
    _is_here(held)
    if not why:
        raise BadMovement("Say why: the shopper may ask.")
    if not amount_minor or held.balance_minor + amount_minor < 0:
        raise BadMovement(f"Between {-held.balance.amount} and more: that is what the credit holds.")
    bonus = max(amount_minor, -held.bonus_minor) if amount_minor < 0 else 0
    count = CreditLine.objects.of(held.store_id).filter(account=held, kind=Kind.ADJUSTED).count()
    key = f"adjusted:{count + 1}"
    line = _move(held, Kind.ADJUSTED, amount_minor - bonus, bonus, key=key, at=now, used_for=why, by=by)
    subject = f"credit ending in {held.code[-4:]}"
    audit(held.store, by=by, verb="returns.adjust_credit", now=now, subject=subject, detail={"minor": amount_minor})
    return line


@transaction.atomic
def take_away(account: CreditAccount, *, why: str, key: str, now: datetime) -> CreditLine | None:
    """What it was given for was undone: takes all that is left; None when that is nothing. Raises `SpentElsewhere`."""
    held, known = locked(account), _line(account, key)
    if known or not held.balance_minor:
        return known
    _is_here(held)
    return _move(held, Kind.ADJUSTED, -held.paid_minor, -held.bonus_minor, key=key, at=now, used_for=why[:120])


@transaction.atomic
def book_checkout(
    account: CreditAccount, left_minor: int, *, before_minor: int, key: str, used_for: str, now: datetime
) -> CreditLine | None:
    """What the shop's checkout took of a credit, by what is left of it there; the same `key` is booked once."""
    held, known = locked(account), _line(account, key)
    if known or left_minor == before_minor:
        return known
    if left_minor > before_minor:
        why = "Raised in the shop system"
        return _move(held, Kind.ADJUSTED, left_minor - before_minor, 0, key=key, at=now, used_for=why)
    spent = min(before_minor - left_minor, held.balance_minor)
    own = min(spent, held.paid_minor)
    line = _move(held, Kind.SPENT, -own, own - spent, key=key, at=now, used_for=used_for)
    order = Order.objects.of(held.store_id).filter(number=used_for).order_by("-placed_at").first() if used_for else None
    told = _told(held, now, order.pk if order else None)
    record(CreditSpent(**told, amount_minor=spent, left_minor=held.balance_minor, currency=held.currency))
    return line


def _is_here(held: CreditAccount) -> None:
    if _at_checkout(held):
        raise SpentElsewhere


def _at_checkout(held: CreditAccount) -> bool:
    rows = CheckoutCredit.objects.of(held.store_id).filter(account=held, state__in=CheckoutCredit.THERE)
    # One that was not taken up yet is still ours.
    return rows.exclude(state=CheckoutCredit.State.WAITING, attempts=0, turn=0).exists()


def move(store_id: int, *, old: int, new: int) -> int:
    """Two records were one person, and so is their credit."""
    return CreditAccount.objects.of(store_id).filter(customer_id=old).update(customer_id=new)


def locked(account: CreditAccount) -> CreditAccount:
    """The credit as it stands now, held until the transaction ends."""
    rows = CreditAccount.objects.of(account.store_id).select_related("store")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=account.pk)


def _line(account: CreditAccount, key: str) -> CreditLine | None:
    return CreditLine.objects.of(account.store_id).filter(account=account, key=key).first()


def _move(held: CreditAccount, kind: str, own: int, bonus: int, *, key: str, at: datetime, **more: Any) -> CreditLine:
    """Changes what the credit is worth and says why, at once."""
    held.paid_minor += own
    held.bonus_minor += bonus
    held.changed_at = at
    held.save(update_fields=["paid_minor", "bonus_minor", "changed_at"])
    return _add(held, kind, own, bonus, key=key, at=at, **more)


def _add(account: CreditAccount, kind: str, own: int, bonus: int, *, key: str, at: datetime, **more: Any) -> CreditLine:
    return CreditLine.objects.create(
        store_id=account.store_id,
        account=account,
        kind=kind,
        paid_minor=own,
        bonus_minor=bonus,
        key=key[:120],
        at=at,
        **more,
    )


def _told(account: CreditAccount, now: datetime, order_id: int | None) -> dict[str, Any]:
    return {
        "store_id": account.store_id,
        "customer_id": account.customer_id,
        "order_id": order_id,
        "occurred_at": now,
        "credit_id": account.pk,
        "source": account.source,
    }
