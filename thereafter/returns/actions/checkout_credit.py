"""Which credits are handed to the shop's checkout, and what was spent of them there. The network is not in here.

A credit that is there is spent there only: ours neither spends nor corrects it until it was taken back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.returns.actions import accounts, credit
from thereafter.returns.actions.paying import LEASE, LOOK, OLD_KEY
from thereafter.returns.checkouts.cards import Card, Standing
from thereafter.returns.checkouts.registry import CHECKOUTS
from thereafter.returns.models import Case, CheckoutCredit, CreditAccount, ReturnSettings
from thereafter.returns.queries import settings_of
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.models import MOST_TRIES, next_try

State = CheckoutCredit.State
MOST_AT_ONCE = 5_000


class CannotMove(ValueError):
    """What a colleague wants does not fit; the text says what to do instead."""


@dataclass(frozen=True)
class Errand:
    """`what`: "make", "look" or "recall"."""

    held: CheckoutCredit
    what: str
    card: Card
    credentials: dict[str, str]


@dataclass(frozen=True)
class Report:
    """What became of an errand: `ref` of what was made, `standing`, or why not. `verdict`: "later" or "refused"."""

    errand: Errand
    ref: str = ""
    standing: Standing | None = None
    verdict: str = ""
    why: str = ""
    seconds: int = 0


@transaction.atomic
def choose(store: Store, source: str, *, by: Staff | None, now: datetime) -> int:
    """Says at which checkout credit is spent, "" at none; credits of today go there too. Returns how many."""
    if source and (source not in CHECKOUTS or source not in accounts.connected(store)):
        raise CannotMove("Set the shop system's key for writing first, under Connections.")
    ReturnSettings.objects.get_or_create(store=store, defaults={"changed_at": now})
    ReturnSettings.objects.of(store).update(credit_checkout=source, changed_at=now)
    audit(store, by=by, verb="returns.set_checkout", now=now, subject=source or "none")
    if not source:
        there = CheckoutCredit.objects.of(store).filter(Q(state=State.GOOD) | Q(state=State.WAITING, attempts=0))
        return int(there.update(state=State.RECALLING, due_at=now, attempts=0, changed_at=now))
    open_ones = CreditAccount.objects.of(store).filter(Q(paid_minor__gt=0) | Q(bonus_minor__gt=0), at_checkout=None)
    rows = [_new(account, source, now) for account in open_ones.order_by("pk")[:MOST_AT_ONCE]]
    return len(CheckoutCredit.objects.bulk_create(rows, ignore_conflicts=True))


def _new(account: CreditAccount, source: str, now: datetime) -> CheckoutCredit:
    return CheckoutCredit(store_id=account.store_id, account=account, source=source, due_at=now, changed_at=now)


def hand_over(store_id: int, credit_id: int, *, now: datetime) -> None:
    """A credit that was just given goes to the checkout that was chosen."""
    source = settings_of(store_id).credit_checkout
    account = CreditAccount.objects.of(store_id).filter(pk=credit_id).first() if source else None
    if account:
        CheckoutCredit.objects.bulk_create([_new(account, source, now)], ignore_conflicts=True)


@transaction.atomic
def claim(now: datetime) -> Errand | None:
    """The credit that waits longest, taken for the length of a lease."""
    rows = CheckoutCredit.objects.filter(due_at__lte=now, state__in=CheckoutCredit.THERE)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    found = rows.select_related("account__customer", "account__store").order_by("due_at", "id").first()
    if found is None:
        return None
    # Whoever is just spending it by our API comes first: what it is worth is read under the credit's own lock.
    account = credit.locked(found.account)
    if _ends_here(found, account, now):
        return Errand(found, "", _card(found, account), {})
    _put(found, now, due_at=now + LEASE, attempts=found.attempts + 1)
    what = {State.WAITING: "make", State.GOOD: "look"}.get(State(found.state), "recall")
    return Errand(found, what, _card(found, account), accounts.credentials(found.store_id, found.source))


def _ends_here(found: CheckoutCredit, account: CreditAccount, now: datetime) -> bool:
    """A bonus whose day is over is booked before it is handed over, and taken back where a card holds nothing else;
    true for what needs no network, because nothing is (left) there."""
    if found.state == State.WAITING and not found.attempts and not found.turn:
        credit.expire(account, now=now)
        account.refresh_from_db()
    if found.state == State.GOOD and not account.paid_minor and credit.has_ended(account, now):
        _put(found, now, state=State.RECALLING)
    untouched = not found.ref and not found.attempts
    if untouched and (not account.balance_minor or found.state == State.RECALLING):
        _put(found, now, state=State.ENDED, due_at=None)
        return True
    return False


def _was_gift(account: CreditAccount) -> bool:
    """Credit of a gift may have been given to whoever got it: it is not bound to the buyer's address."""
    if account.order_id is None:
        return False
    return bool(Case.objects.of(account.store_id).filter(order_id=account.order_id, is_gift=True).exists())


def _card(found: CheckoutCredit, account: CreditAccount) -> Card:
    return Card(
        key=f"thereafter-credit-{found.store_id}-{found.pk}-{found.turn}",
        code=account.code,
        amount_minor=account.balance_minor,
        currency=account.currency,
        email="" if _was_gift(account) else found.account.customer.email,
        # Own value never ends, and a card has one end for all that is on it.
        ends_on=None if account.paid_minor else account.expires_on,
        ref=found.ref,
        order=found.order_ref,
    )


@transaction.atomic
def settle(report: Report, *, now: datetime) -> None:
    """Writes down what became of an errand; what was done meanwhile by others stands."""
    found = _locked(report.errand.held)
    account = credit.locked(report.errand.held.account)
    if (found.state, found.turn) != (report.errand.held.state, report.errand.held.turn):
        return
    if found.order_ref != report.errand.card.order:
        # An order that used it reached us meanwhile: what was asked before says nothing of it.
        _put(found, now, due_at=now)
    elif report.ref:
        # It was switched off meanwhile.
        stays = settings_of(found.store_id).credit_checkout == found.source
        state, due_at = (State.GOOD, now + LOOK) if stays else (State.RECALLING, now)
        _put(found, now, state=state, ref=report.ref[:120], error="", attempts=0, due_at=due_at)
    elif report.standing:
        _stands(found, account, report, now)
    elif report.verdict == "refused":
        _refused(found, report.why, now)
    else:
        _later(found, report, now)


def _stands(found: CheckoutCredit, account: CreditAccount, report: Report, now: datetime) -> None:
    standing, recalls = report.standing, report.errand.what == "recall"
    if standing is None:
        return
    if standing.wait:
        _put(found, now, error=standing.wait, attempts=0, due_at=now + LOOK, looked_at=now)
        return
    credit.book_checkout(
        account,
        standing.left_minor,
        before_minor=report.errand.card.amount_minor,
        key=f"checkout:{found.pk}:{found.turn}",
        used_for=standing.used_for,
        now=now,
    )
    moved = standing.left_minor != report.errand.card.amount_minor
    known = {"turn": found.turn + moved, "error": "", "attempts": 0, "order_ref": "", "looked_at": now}
    if standing.remake and (recalls or not standing.left_minor):
        # The used coupon still lies there, and would be good again if the order were cancelled.
        _put(found, now, state=State.RECALLING, due_at=now, **known)
    elif standing.remake:
        _put(found, now, state=State.WAITING, due_at=now, **known)
    elif recalls or not standing.left_minor:
        _put(found, now, state=State.ENDED, due_at=None, **known)
    else:
        _put(found, now, due_at=now + LOOK, **known)


def _refused(found: CheckoutCredit, why: str, now: datetime) -> None:
    """What was never made is ours again; of what was made a person has to say how it goes on."""
    state = State.REFUSED if found.state == State.WAITING and not found.turn else found.state
    _put(found, now, state=state, error=why[:300], due_at=None)


def _later(found: CheckoutCredit, report: Report, now: datetime) -> None:
    pause = next_try(found.attempts)
    if report.why == OLD_KEY or found.attempts >= MOST_TRIES or pause is None:
        _put(found, now, error=f"Given up after {found.attempts} tries. {report.why}"[:300], due_at=None)
    else:
        _put(found, now, error=report.why[:300], due_at=now + timedelta(seconds=max(report.seconds, pause)))


@transaction.atomic
def used_in(store_id: int, order_ids: Collection[int], *, now: datetime) -> int:
    """Orders that name a code of ours are looked at; so are the cards of those who ordered."""
    told = 0
    there = CheckoutCredit.objects.of(store_id).filter(state__in=(State.GOOD, State.RECALLING))
    if not there.exists():
        return 0
    for order in Order.objects.of(store_id).filter(pk__in=order_ids, source__in=CHECKOUTS):
        rows = there.filter(source=order.source)
        told += rows.filter(account__customer_id=order.customer_id, order_ref="").update(due_at=now)
        codes = [credit.normal_code(str(code)) for code in order.discount_codes]
        if codes:
            named = rows.filter(account__code__in=codes, order_ref="")
            told += named.update(order_ref=order.external_id[:80], due_at=now, attempts=0)
    return told


def _locked(found: CheckoutCredit) -> CheckoutCredit:
    rows = CheckoutCredit.objects.of(found.store_id)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=found.pk)


def _put(found: CheckoutCredit, now: datetime, **changed: Any) -> None:
    for name, value in {**changed, "changed_at": now}.items():
        setattr(found, name, value)
    found.save(update_fields=[*changed, "changed_at"])


@transaction.atomic
def try_again(account: CreditAccount, *, by: Staff, now: datetime) -> None:
    """What was given up or refused; a credit that was taken back can be handed over again where codes can be reused."""
    found = _of(account)
    if found.due_at is not None:
        raise CannotMove("It is tried already.")
    state = State.WAITING if found.state == State.REFUSED else found.state
    if state == State.ENDED:
        raise CannotMove("It was taken back from the checkout and is spent by our API now.")
    # Not from nothing: a try before may have come through, and what was tried is not ours to spend.
    _put(found, now, state=state, due_at=now, attempts=1, error="")
    audit(account.store, by=by, verb="returns.checkout_again", now=now, subject=str(account))


@transaction.atomic
def take_back(account: CreditAccount, *, by: Staff, now: datetime) -> None:
    """It is stopped at the checkout, and what is left becomes ours again, to be corrected or spent by the API."""
    found = _of(account)
    if found.state == State.WAITING and found.attempts:
        raise CannotMove("It is just being handed over. Try again when that is done.")
    if found.state not in (State.WAITING, State.GOOD):
        raise CannotMove("It is not at the checkout.")
    _put(found, now, state=State.RECALLING, due_at=now, attempts=0, error="")
    audit(account.store, by=by, verb="returns.checkout_back", now=now, subject=str(account))


def recall(account: CreditAccount, *, now: datetime) -> bool:
    """The same by itself, for credit whose reason was undone; False while it is just being handed over."""
    there = CheckoutCredit.objects.of(account.store_id).filter(account=account)
    still = there.filter(Q(state=State.GOOD) | Q(state=State.WAITING, attempts=0))
    return bool(still.update(state=State.RECALLING, due_at=now, attempts=0, error="", changed_at=now))


def _of(account: CreditAccount) -> CheckoutCredit:
    found = CheckoutCredit.objects.of(account.store_id).filter(account=account).first()
    if found is None:
        raise CannotMove("This credit is not at a checkout.")
    held = _locked(found)
    credit.locked(account)
    return held
