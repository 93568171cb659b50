"""Declarations of withdrawal: kept first and always; what the law makes of them comes afterwards, in a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from thereafter.commerce.models import Order
from thereafter.events.returns import WithdrawalReceived
from thereafter.kit.clock import day_in
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.returns.models import Case, Withdrawal
from thereafter.returns.models.withdrawals import ANSWER_DAYS
from thereafter.returns.statements import Declared, written
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record
from thereafter.timeline.models import MOST_TRIES, next_try

State, Receipt = Withdrawal.State, Withdrawal.Receipt
LEASE = timedelta(minutes=5)
# So many declarations of one address a day: nobody floods a stranger's mailbox with our receipts.
MOST_A_DAY = 6
_DONE = ("resolved", "closed", "declined", "cancelled", "expired")


class TooMany(Exception):
    """This address has declared so often today that no more is taken from a form."""


class NotPossible(ValueError):
    """Says in a sentence what stands against it."""


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """How a declaration came. The same `source` again is the same declaration. `order`: named by a signed link."""

    source: str
    language: str
    channel: str = "page"
    order: Order | None = None
    by: Staff | None = None


@transaction.atomic
def declare(
    store: Store, declared: Declared, how: Circumstances, *, declared_at: datetime, now: datetime
) -> Withdrawal:
    """Keeps the statement word for word and queues its receipt. Nothing is looked up: whether there is such an order
    does not show in what this answers or how long it takes. Raises `TooMany`."""
    known = Withdrawal.objects.of(store).filter(source=how.source).first()
    if known is not None:
        return known
    if how.by is None:
        _limit(store, declared.email, now)
    row = _row(store, declared, how, declared_at, now)
    made, is_new = Withdrawal.objects.get_or_create(store=store, source=how.source, defaults=row)
    if is_new and how.by is not None:
        audit(store, by=how.by, verb="returns.type_in_withdrawal", now=now, subject=declared.name)
    return made


def _limit(store: Store, email: str, now: datetime) -> None:
    lately = Withdrawal.objects.of(store).filter(email=email, declared_at__gt=now - timedelta(days=1))
    if lately.count() >= MOST_A_DAY:
        raise TooMany(email)


def _row(store: Store, declared: Declared, how: Circumstances, at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "channel": how.channel,
        "name": declared.name[:200],
        "contract": declared.contract[:200],
        "email": declared.email[:254],
        "postcode": declared.postcode[:20],
        "items": declared.items,
        "picks": [{"line": line, "quantity": quantity} for line, quantity in declared.picks],
        "language": how.language[:10],
        "text": written(declared, store),
        "declared_at": at,
        "typed_by": how.by,
        "order": how.order,
        "matched_by": "link" if how.order else "",
        "pay_by": day_in(at, store.time_zone) + timedelta(days=ANSWER_DAYS),
        "due_at": now,
        "receipt": Receipt.QUEUED if declared.email else Receipt.NONE,
        "receipt_due_at": now if declared.email else None,
    }


# ------------------------------------------------------------ what the job does


@transaction.atomic
def claim(now: datetime, limit: int) -> list[Withdrawal]:
    return _claim(Withdrawal.objects.filter(state__in=(State.NEW, State.MATCHED)), "due_at", now, limit)


def _claim(rows: Any, due: str, now: datetime, limit: int) -> list[Withdrawal]:
    rows = rows.filter(**{f"{due}__lte": now})
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    claimed = list(rows.select_related("store").order_by(due, "pk")[:limit])
    Withdrawal.objects.filter(pk__in=[one.pk for one in claimed]).update(**{due: now + LEASE})
    return claimed


@transaction.atomic
def leave_unmatched(withdrawal: Withdrawal) -> None:
    """No order fits: a person finds it, or answers."""
    _set(withdrawal, (State.NEW,), state=State.UNMATCHED, due_at=None)


@transaction.atomic
def know(withdrawal: Withdrawal, order: Order, *, matched_by: str, pay_by: date) -> None:
    """Its order is known now; its cases are opened next."""
    _set(withdrawal, (State.NEW, State.MATCHED), state=State.MATCHED, order=order, matched_by=matched_by, pay_by=pay_by)


@transaction.atomic
def conclude(withdrawal: Withdrawal, cases: Sequence[Case], problem: str, now: datetime) -> None:
    """Cases were opened, or a person has to look, or both. The log is told once."""
    ids = list(dict.fromkeys([*withdrawal.case_ids, *(case.pk for case in cases)]))
    state = State.LOOK if problem else State.OPENED
    values: dict[str, Any] = {"state": state, "case_ids": ids, "problem": problem[:300], "due_at": None}
    is_first = withdrawal.told_at is None
    _set(withdrawal, (State.MATCHED, State.LOOK), told_at=withdrawal.told_at or now, **values)
    _make_up(withdrawal, [case for case in cases if case.pk in ids], now)
    order = withdrawal.order
    if is_first and order is not None:
        record(
            WithdrawalReceived(
                store_id=withdrawal.store_id,
                # When it was declared: that is the moment it counts from.
                occurred_at=withdrawal.declared_at,
                customer_id=order.customer_id,
                order_id=order.pk,
                withdrawal_id=withdrawal.pk,
                case_ids=tuple(ids),
            )
        )


def _make_up(withdrawal: Withdrawal, cases: Sequence[Case], now: datetime) -> None:
    """Days that the shop took to find the order are not taken from the shopper's for sending the goods."""
    late = now.date() - withdrawal.declared_at.date()
    for case in cases:
        if late and case.send_by and case.submitted_at == withdrawal.declared_at:
            Case.objects.of(case.store_id).filter(pk=case.pk).update(send_by=case.send_by + late)


@transaction.atomic
def postpone(withdrawal: Withdrawal, why: str, now: datetime) -> None:
    """It could not be worked on: later, or by a person after many tries."""
    tries = withdrawal.tries + 1
    if tries < MOST_TRIES:
        due_at = now + timedelta(seconds=next_try(tries) or 0)
        _set(withdrawal, (State.NEW, State.MATCHED), tries=tries, due_at=due_at, problem=why[:300])
        return
    state = State.LOOK if withdrawal.order_id else State.UNMATCHED
    _set(withdrawal, (State.NEW, State.MATCHED), tries=tries, due_at=None, problem=why[:300], state=state)


def _set(withdrawal: Withdrawal, was: Sequence[str], **values: Any) -> None:
    """Moves it on, unless somebody else did a moment ago."""
    rows = Withdrawal.objects.of(withdrawal.store_id).filter(pk=withdrawal.pk, state__in=was)
    if not rows.update(**values):
        raise NotPossible("Somebody has seen to this declaration a moment ago. Look at it again.")
    for name, value in values.items():
        setattr(withdrawal, name, value)


@transaction.atomic
def answer(store_id: int, order_id: int, case_id: int, at: datetime) -> None:
    """A case is over: declarations all of whose cases are over have been answered."""
    rows = Withdrawal.objects.of(store_id).filter(order_id=order_id, answered_at=None, state=State.OPENED)
    for one in rows:
        if case_id not in one.case_ids:
            continue
        going_on = Case.objects.of(store_id).filter(pk__in=one.case_ids).exclude(state__in=_DONE)
        if not going_on.exists():
            Withdrawal.objects.of(store_id).filter(pk=one.pk, answered_at=None).update(answered_at=at)


# -------------------------------------------------------------- what people do


@transaction.atomic
def match(withdrawal: Withdrawal, order: Order, *, by: Staff, pay_by: date, now: datetime) -> None:
    """Somebody found its order; the job opens the cases."""
    was = (State.UNMATCHED, State.LOOK)
    if withdrawal.case_ids:
        raise NotPossible("Returns were opened from this declaration already, so its order stays.")
    values = {"order": order, "matched_by": "staff", "pay_by": pay_by, "problem": "", "tries": 0}
    _set(withdrawal, was, state=State.MATCHED, due_at=now, **values)
    audit(withdrawal.store, by=by, verb="returns.match_withdrawal", now=now, subject=order.number)


@transaction.atomic
def set_aside(withdrawal: Withdrawal, why: str, *, by: Staff, now: datetime) -> None:
    """Nothing more follows from it; the statement and the reason are kept."""
    if not why.strip():
        raise NotPossible("Say why, so that it can be understood later.")
    values: dict[str, Any] = {"set_aside_why": why.strip()[:500], "set_aside_by": by, "problem": "", "due_at": None}
    if withdrawal.case_ids:
        # The returns go on; what was not in them is seen to.
        values |= {"state": State.OPENED}
    else:
        values |= {"state": State.SET_ASIDE, "set_aside_at": now}
    _set(withdrawal, (State.UNMATCHED, State.LOOK), **values)
    audit(withdrawal.store, by=by, verb="returns.set_withdrawal_aside", now=now, subject=withdrawal.name)


@transaction.atomic
def take_up_again(withdrawal: Withdrawal, *, by: Staff, now: datetime) -> None:
    state = State.LOOK if withdrawal.order_id else State.UNMATCHED
    _set(withdrawal, (State.SET_ASIDE,), state=state, set_aside_at=None)
    audit(withdrawal.store, by=by, verb="returns.take_withdrawal_up_again", now=now, subject=withdrawal.name)


@transaction.atomic
def send_receipt_again(withdrawal: Withdrawal, email: str, *, by: Staff, now: datetime) -> None:
    """To the same address or another one, where it did not arrive."""
    if not email:
        raise NotPossible("This is no e-mail address. It needs an @ and what stands after it.")
    values = {"receipt": Receipt.QUEUED, "receipt_due_at": now, "receipt_tries": 0, "receipt_error": ""}
    rows = Withdrawal.objects.of(withdrawal.store_id).filter(pk=withdrawal.pk)
    rows.update(email=email, receipt_seen_at=None, **values)
    audit(withdrawal.store, by=by, verb="returns.send_receipt_again", now=now, subject=withdrawal.name)


@transaction.atomic
def told_otherwise(withdrawal: Withdrawal, *, by: Staff, now: datetime) -> None:
    """The receipt did not arrive, and somebody confirmed it another way."""
    Withdrawal.objects.of(withdrawal.store_id).filter(pk=withdrawal.pk).update(receipt_seen_at=now)
    audit(withdrawal.store, by=by, verb="returns.confirm_withdrawal_otherwise", now=now, subject=withdrawal.name)


# ----------------------------------------------------------------- the receipt


@transaction.atomic
def claim_receipts(now: datetime, limit: int) -> list[Withdrawal]:
    return _claim(Withdrawal.objects.filter(receipt=Receipt.QUEUED), "receipt_due_at", now, limit)


@transaction.atomic
def settle_receipt(withdrawal: Withdrawal, verdict: Verdict, now: datetime) -> None:
    """Sent; or tried again, for about a day and then as often as people ask; or not to be delivered."""
    rows = Withdrawal.objects.of(withdrawal.store_id).filter(pk=withdrawal.pk, receipt=Receipt.QUEUED)
    if verdict.answer == Answer.ACCEPTED:
        rows.update(receipt=Receipt.SENT, receipt_sent_at=now, receipt_error="", receipt_due_at=None)
        return
    tries = withdrawal.receipt_tries + 1
    values: Mapping[str, Any] = {"receipt_tries": tries, "receipt_error": verdict.detail[:300]}
    if verdict.answer == Answer.LATER:
        # It is owed, so it is tried until it is sent; people see it after many tries.
        wait = next_try(min(tries, MOST_TRIES - 1)) or 0
        rows.update(receipt_due_at=now + timedelta(seconds=wait), **values)
        return
    gone = verdict.answer == Answer.GONE or verdict.bounced
    rows.update(receipt=Receipt.BOUNCED if gone else Receipt.FAILED, receipt_due_at=None, **values)


@transaction.atomic
def bounced(withdrawal_ids: Sequence[int], why: str) -> None:
    """News that came after it was handed over."""
    rows = Withdrawal.objects.filter(pk__in=withdrawal_ids, receipt=Receipt.SENT)
    rows.update(receipt=Receipt.BOUNCED, receipt_error=why[:300])
