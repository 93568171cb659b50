"""Holds that are looked at, let go, taken from or given back: taken up by the job, or by a colleague."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from thereafter.returns.actions import accounts, charges, holds
from thereafter.returns.actions.paying import LEASE, LOOK, OLD_KEY
from thereafter.returns.models import Hold
from thereafter.returns.payments.adapters import Page, Told
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff
from thereafter.timeline.models import MOST_TRIES, next_try

State = Hold.State


class CannotDo(ValueError):
    """What a colleague wants does not fit; the text says what to do instead."""


@dataclass(frozen=True)
class Errand:
    """`what`: "look" at a page, "close" it, "release", "capture", "refund" or "look_refund"."""

    hold: Hold
    what: str
    credentials: dict[str, str]


@dataclass(frozen=True)
class Report:
    """`told` is a page, a refund, or the name of the payment that took money ("" when none did)."""

    errand: Errand
    told: Page | Told | str | None = None
    verdict: str = ""
    why: str = ""
    seconds: int = 0


@transaction.atomic
def claim(now: datetime) -> Errand | None:
    """The hold that waits longest, taken for the length of a lease."""
    rows = Hold.objects.filter(due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    held = rows.select_related("case__order__store").order_by("due_at", "id").first()
    if held is None:
        return None
    holds.put(held, now, due_at=now + LEASE, attempts=held.attempts + 1)
    return Errand(held, _what(held), accounts.credentials(held.store_id, held.provider))


def _what(held: Hold) -> str:
    if held.state == State.REFUNDING:
        return "look_refund" if held.refund_ref else "refund"
    if held.state in Hold.LIVE:
        return "look" if holds.is_wanted(held.case) else "close"
    return {State.RELEASING: "release", State.CAPTURING: "capture"}.get(State(held.state), "look")


@transaction.atomic
def settle(report: Report, *, now: datetime) -> None:
    """Writes down what became of an errand, and goes on from there should more have happened meanwhile."""
    errand = report.errand
    if report.verdict == "account" and report.why != OLD_KEY:
        accounts.note_work(errand.hold.store_id, errand.hold.provider, error=report.why, now=now)
    if isinstance(report.told, Page):
        holds.heard(errand.hold, report.told, now=now)
        return
    charges.hold(errand.hold.case_id, errand.hold.store_id)
    held = holds.again(errand.hold)
    if (held.state, held.turn) != (errand.hold.state, errand.hold.turn):
        return
    if isinstance(report.told, Told):
        _refunded(held, report.told, now)
    elif isinstance(report.told, str):
        _done(held, report.told, now)
    elif held.state in Hold.TO_DO:
        _not_done(held, report, now)
    else:
        _not_seen(held, report, now)
    holds.go_on(held, now)


def _done(held: Hold, taken: str, now: datetime) -> None:
    """Money that was taken when the hold was only to go is given back: `holds.go_on` sees to that."""
    state = State.CAPTURED if taken else State.RELEASED
    holds.put(held, now, state=state, charge_ref=taken[:120], due_at=None, attempts=0, error="")


def _refunded(held: Hold, told: Told, now: datetime) -> None:
    state, again = (State.REFUNDED, None) if told.is_settled else (State.REFUNDING, now + LOOK)
    holds.put(held, now, state=state, refund_ref=told.ref[:120], due_at=again, error="")


def _not_done(held: Hold, report: Report, now: datetime) -> None:
    pause = next_try(held.attempts)
    if report.verdict == "refused":
        holds.put(held, now, due_at=None, error=report.why[:300], turn=held.turn + 1, refund_ref="")
    elif report.why == OLD_KEY or held.attempts >= MOST_TRIES or pause is None:
        holds.put(held, now, due_at=None, error=f"Given up after {held.attempts} tries. {report.why}"[:300])
    else:
        rest = int(LOOK.total_seconds()) if report.verdict == "account" else max(report.seconds, pause)
        holds.put(held, now, due_at=now + timedelta(seconds=rest), error=report.why[:300])


def _not_seen(held: Hold, report: Report, now: datetime) -> None:
    """A page that its provider does not know (any more) has ended when its time is over."""
    if report.verdict == "refused" and held.ends_at and now > held.ends_at + timedelta(days=1):
        holds.put(held, now, state=State.ENDED, due_at=None, error=report.why[:300])
    else:
        holds.put(held, now, due_at=now + charges.EVERY_LOOK, error=report.why[:300])


@transaction.atomic
def refund_heard(store_id: int, *, ref: str, is_settled: bool, why: str, now: datetime) -> bool:
    """A provider's news of what was given back; False when it is none of ours."""
    found = Hold.objects.of(store_id).filter(refund_ref=ref).first() if ref else None
    if found is None:
        return False
    charges.hold(found.case_id, store_id)
    held = holds.again(found)
    if why and held.state in (State.REFUNDING, State.REFUNDED):
        holds.put(held, now, state=State.REFUNDING, due_at=None, error=why[:300], turn=held.turn + 1, refund_ref="")
    elif is_settled and held.state == State.REFUNDING:
        _refunded(held, Told(ref, True), now)
    return True


@transaction.atomic
def try_again(hold: Hold, *, by: Staff, now: datetime) -> None:
    held = _locked(hold)
    if not held.is_task:
        raise CannotDo("This does not wait for a person any more.")
    holds.put(held, now, due_at=now, attempts=0, error="")
    _audit(held, "again", by, now)


@transaction.atomic
def done_by_hand(hold: Hold, *, reference: str, by: Staff, now: datetime) -> None:
    """Settled outside: taken, given back or let go another way."""
    held, reference = _locked(hold), " ".join(reference.split())[:120]
    if not held.is_task:
        raise CannotDo("This does not wait for a person any more.")
    if not reference:
        raise CannotDo("Say how it was settled: a reference, a name, a reason.")
    over = State.REFUNDED if held.state == State.REFUNDING else State.RELEASED
    holds.put(held, now, state=over, refund_ref=reference, error="")
    _audit(held, "by hand", by, now)


@transaction.atomic
def let_go(hold: Hold, *, by: Staff, now: datetime) -> None:
    """The shop trusts the shopper: the hold goes, or what it took goes back."""
    held = _locked(hold)
    if held.state not in (State.HELD, State.CAPTURING, State.CAPTURED):
        raise CannotDo("There is nothing held on a card, or taken, in this case.")
    # Whenever it happens: what is given up is never taken.
    holds.note(held, "returned", at=now, now=now, why=f"Let go by {by.name}"[:200])
    _audit(held, "let go", by, now)


def _locked(hold: Hold) -> Hold:
    charges.hold(hold.case_id, hold.store_id)
    return holds.again(hold)


def _audit(held: Hold, how: str, by: Staff, now: datetime) -> None:
    store = held.case.order.store
    audit(store, by=by, verb="returns.hold", now=now, subject=held.case.number, detail={"how": how})
