"""Open pages that are looked at or closed, and payments that go back: taken up by the job, or by a colleague."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from thereafter.returns.actions import accounts, charges
from thereafter.returns.actions.paying import LEASE, LOOK, OLD_KEY
from thereafter.returns.models import CasePayment
from thereafter.returns.payments.adapters import Page, Told
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff
from thereafter.timeline.models import MOST_TRIES, next_try

State = CasePayment.State


class CannotGiveBack(ValueError):
    """What a colleague wants does not fit; the text says what to do instead."""


@dataclass(frozen=True)
class Errand:
    """`what`: "look" at a page, "close" it, "refund", or "look_refund"."""

    payment: CasePayment
    what: str
    credentials: dict[str, str]


@dataclass(frozen=True)
class Report:
    """What became of an errand: `told`, or why not. `verdict`: "later", "refused" or "account"."""

    errand: Errand
    told: Page | Told | None = None
    verdict: str = ""
    why: str = ""
    seconds: int = 0


@transaction.atomic
def claim(now: datetime) -> Errand | None:
    """The payment that waits longest, taken for the length of a lease."""
    rows = CasePayment.objects.filter(due_at__lte=now, state__in=(State.OPEN, State.UNDERWAY, State.OWED))
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    payment = rows.select_related("case__order__store").order_by("due_at", "id").first()
    if payment is None:
        return None
    charges.put(payment, now, due_at=now + LEASE, attempts=payment.attempts + 1)
    return Errand(payment, _what(payment), accounts.credentials(payment.store_id, payment.provider))


def _what(payment: CasePayment) -> str:
    if payment.state == State.OWED:
        return "look_refund" if payment.refund_ref else "refund"
    return "look" if charges.due(payment.case) else "close"


@transaction.atomic
def settle(report: Report, *, now: datetime) -> None:
    """Writes down what became of an errand."""
    errand = report.errand
    if report.verdict == "account" and report.why != OLD_KEY:
        accounts.note_work(errand.payment.store_id, errand.payment.provider, error=report.why, now=now)
    if isinstance(report.told, Page):
        charges.heard(errand.payment, report.told, now=now)
        return
    charges.hold(errand.payment.case_id, errand.payment.store_id)
    held = charges.again(errand.payment)
    if held.state != errand.payment.state or held.turn != errand.payment.turn:
        return
    if isinstance(report.told, Told):
        _refunded(held, report.told, now)
    elif held.state == State.OWED:
        _not_refunded(held, report, now)
    else:
        _not_seen(held, report, now)


def _refunded(held: CasePayment, told: Told, now: datetime) -> None:
    state = State.RETURNED if told.is_settled else State.OWED
    charges.put(
        held, now, state=state, refund_ref=told.ref[:120], error="", due_at=None if told.is_settled else now + LOOK
    )


def _not_refunded(held: CasePayment, report: Report, now: datetime) -> None:
    pause = next_try(held.attempts)
    if report.verdict == "refused":
        charges.put(held, now, due_at=None, error=report.why[:300], turn=held.turn + 1, refund_ref="")
    elif report.why == OLD_KEY or held.attempts >= MOST_TRIES or pause is None:
        charges.put(held, now, due_at=None, error=f"Given up after {held.attempts} tries. {report.why}"[:300])
    else:
        rest = int(LOOK.total_seconds()) if report.verdict == "account" else max(report.seconds, pause)
        charges.put(held, now, due_at=now + timedelta(seconds=rest), error=report.why[:300])


def _not_seen(held: CasePayment, report: Report, now: datetime) -> None:
    """A page that its provider does not know (any more) has ended when its time is over."""
    if report.verdict == "refused" and held.ends_at and now > held.ends_at + timedelta(days=1):
        charges.put(held, now, state=State.ENDED, due_at=None, error=report.why[:300])
    else:
        charges.put(held, now, due_at=now + charges.EVERY_LOOK, error=report.why[:300])


@transaction.atomic
def refund_heard(store_id: int, *, ref: str, is_settled: bool, why: str, now: datetime) -> bool:
    """A provider's news of what was given back; False when it is none of ours."""
    found = CasePayment.objects.of(store_id).filter(refund_ref=ref).first() if ref else None
    if found is None:
        return False
    charges.hold(found.case_id, store_id)
    held = charges.again(found)
    if why and held.state in (State.OWED, State.RETURNED):
        charges.put(held, now, state=State.OWED, due_at=None, error=why[:300], turn=held.turn + 1, refund_ref="")
    elif is_settled and held.state == State.OWED:
        _refunded(held, Told(ref, True), now)
    return True


@transaction.atomic
def try_again(payment: CasePayment, *, by: Staff, now: datetime) -> None:
    held = _task(payment)
    if held.provider == charges.BY_HAND:
        raise CannotGiveBack("This was paid by hand, so it goes back by hand. Then write down how.")
    charges.put(held, now, due_at=now, attempts=0, error="")
    _audit(held, "again", by, now)


@transaction.atomic
def given_back_by_hand(payment: CasePayment, *, reference: str, by: Staff, now: datetime) -> None:
    held, reference = _task(payment), " ".join(reference.split())[:120]
    if not reference:
        raise CannotGiveBack("Say how it went back: a reference, the cash desk, a name.")
    charges.put(held, now, state=State.RETURNED, refund_ref=reference, error="")
    _audit(held, "by hand", by, now)


def _task(payment: CasePayment) -> CasePayment:
    charges.hold(payment.case_id, payment.store_id)
    held = charges.again(payment)
    if held.state != State.OWED or held.due_at is not None:
        raise CannotGiveBack("This does not wait for a person any more.")
    return held


def _audit(held: CasePayment, how: str, by: Staff, now: datetime) -> None:
    audit(
        held.case.order.store,
        by=by,
        verb="returns.give_payment_back",
        now=now,
        subject=held.case.number,
        detail={"how": how},
    )
