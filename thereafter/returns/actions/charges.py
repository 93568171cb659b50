"""What shoppers pay towards cases: begun, heard of, and given back when the case comes to nothing. No network here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext

from thereafter.returns import links
from thereafter.returns.actions import accounts, goods, releasing
from thereafter.returns.actions.paying import LEASE, LOOK, OLD_KEY
from thereafter.returns.models import Case, CasePayment
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Page, Told
from thereafter.storefront.links import page as page_of
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff
from thereafter.timeline.models import MOST_TRIES, next_try

State = CasePayment.State
# Stripe's pages live for a day at most. What nobody has seen by the last half hour is asked for anew.
PAGE_LIFE, TOO_LATE = timedelta(hours=23), timedelta(minutes=40)
# When a page is looked at, should no webhook come.
FIRST_LOOK, EVERY_LOOK = timedelta(minutes=10), timedelta(hours=2)
BY_HAND = "manual"
_GOING_ON = ("submitted", "needs_review", "approved", "open", "reopened")


class NothingToPay(ValueError):
    """The shopper has nothing to pay in this case now."""


class CannotGiveBack(ValueError):
    """What a colleague wants does not fit; the text says what to do instead."""


def due(case: Case) -> int:
    """What the shopper has to pay now, in minor units; 0 when nothing."""
    charge = int(case.quote.get("charge") or 0)
    wanted = case.state == "open" and case.charged_at is None and releasing.has_goods(case)
    return charge if wanted else 0


def can_pay_online(case: Case) -> bool:
    return bool(due(case)) and registry.STRIPE in accounts.connected(case.store_id)


def hold(case_id: int, store_id: int) -> Case:
    """The case's row, held until the transaction ends."""
    rows = Case.objects.of(store_id).select_related("order__store", "customer")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    found: Case = rows.get(pk=case_id)
    return found


def again(payment: CasePayment) -> CasePayment:
    return CasePayment.objects.of(payment.store_id).select_related("case__order__store").get(pk=payment.pk)


@transaction.atomic
def begin(case: Case, *, now: datetime) -> CasePayment:
    """The open page of a case, or a new one; raises `NothingToPay`."""
    held = hold(case.pk, case.store_id)
    amount = due(held)
    if not amount:
        raise NothingToPay
    live = CasePayment.objects.of(held.store_id).filter(case=held, state__in=CasePayment.LIVE).first()
    if live and (live.state != State.ASKED or (live.ends_at and now < live.ends_at - TOO_LATE)):
        return live
    if live:
        _put(live, now, state=State.ENDED, due_at=None)
    return CasePayment.objects.create(
        store_id=held.store_id,
        case=held,
        provider=registry.STRIPE,
        amount_minor=amount,
        currency=held.currency,
        asked=_asked(held),
        ends_at=now + PAGE_LIFE,
        created_at=now,
        changed_at=now,
    )


def _asked(case: Case) -> dict[str, str]:
    token = links.case_token(case)
    return {
        "title": gettext("What your exchange %(number)s costs more") % {"number": case.number},
        "email": case.email if case.is_gift else case.email or case.customer.email or "",
        "back": page_of(case.order.store, "returns_storefront:case", token),
        "done": page_of(case.order.store, "returns_storefront:paid", token),
    }


@transaction.atomic
def heard(payment: CasePayment, page: Page, *, now: datetime) -> CasePayment:
    """What the provider says of a page; told twice, it counts once. Returns the payment as it stands then."""
    case = hold(payment.case_id, payment.store_id)
    held = again(payment)
    if held.state not in CasePayment.LIVE and not (held.state == State.ENDED and page.state == "paid"):
        return held
    if page.state == "paid":
        _paid(held, case, page, now)
    elif page.state == "ended":
        _put(held, now, state=State.ENDED, due_at=None, error="")
    elif page.state == "underway":
        _put(held, now, state=State.UNDERWAY, page_ref=page.ref, due_at=now + LOOK, error="")
    else:
        first = held.state == State.ASKED
        known = {"page_ref": page.ref, "page_url": page.url or held.page_url}
        _put(held, now, state=State.OPEN, due_at=now + (FIRST_LOOK if first else EVERY_LOOK), error="", **known)
    return held


def _paid(held: CasePayment, case: Case, page: Page, now: datetime) -> None:
    """It counts for the case if the case still wants it; else it goes back."""
    known = {"page_ref": page.ref, "payment_ref": page.payment, "paid_at": now, "attempts": 0, "error": ""}
    if (page.amount_minor, page.currency) != (held.amount_minor, held.currency):
        known["error"] = "Another amount was paid than was asked for. Look at it at the provider."
        _put(held, now, state=State.OWED, due_at=None, **known)
        return
    wanted = case.state in _GOING_ON and releasing.has_goods(case)
    if wanted and goods.paid(case, reference=page.payment, now=now):
        _put(held, now, state=State.PAID, due_at=None, **known)
    else:
        _put(held, now, state=State.OWED, due_at=now, **known)


@transaction.atomic
def not_opened(payment: CasePayment, why: str, *, now: datetime) -> None:
    """The provider made no page, and will not: nobody can have paid there."""
    held = again(payment)
    if held.state == State.ASKED:
        _put(held, now, state=State.ENDED, due_at=None, error=why[:300])


def _put(payment: CasePayment, now: datetime, **changed: Any) -> None:
    for name, value in {**changed, "changed_at": now}.items():
        setattr(payment, name, value)
    payment.save(update_fields=[*changed, "changed_at"])


def named(store_id: int, *, ref: str, key: str) -> CasePayment | None:
    """The payment that a provider speaks of: by its name of the page, or by our key if we never heard that name."""
    rows = CasePayment.objects.of(store_id)
    found = rows.filter(page_ref=ref).first() if ref else None
    number = key.removeprefix(f"thereafter-pay-{store_id}-")
    if found or number == key or not number.isdecimal() or len(number) > len("999999999999999999"):
        return found
    return rows.filter(pk=int(number)).first()


@transaction.atomic
def give_back(case: Case, *, now: datetime) -> None:
    """The case came to nothing: what was paid for it goes back, open pages are closed, what was paid by hand becomes
    a task. Asked twice, it happens once."""
    held = hold(case.pk, case.store_id)
    rows = CasePayment.objects.of(held.store_id).filter(case=held)
    rows.filter(state__in=(State.OPEN, State.UNDERWAY)).update(due_at=now)
    by_page = rows.filter(state=State.PAID).update(state=State.OWED, due_at=now, attempts=0, changed_at=now)
    if held.charged_at is None:
        return
    if not by_page:
        CasePayment.objects.create(
            store_id=held.store_id,
            case=held,
            provider=BY_HAND,
            amount_minor=held.quote["charge"],
            currency=held.currency,
            state=State.OWED,
            payment_ref=held.charge_ref,
            created_at=now,
            paid_at=held.charged_at,
            changed_at=now,
        )
    Case.objects.of(held.store_id).filter(pk=held.pk).update(charged_at=None, charge_ref="")


def give_back_all(store_id: int, case_ids: Collection[int], *, now: datetime) -> None:
    """Of cases that ended, or whose goods cannot be had: those in which something was to be paid."""
    rows = Case.objects.of(store_id).filter(pk__in=case_ids, quote__charge__gt=0)
    for case in rows.order_by("pk"):
        if case.state not in _GOING_ON or not releasing.has_goods(case):
            give_back(case, now=now)


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
    _put(payment, now, due_at=now + LEASE, attempts=payment.attempts + 1)
    return Errand(payment, _what(payment), accounts.credentials(payment.store_id, payment.provider))


def _what(payment: CasePayment) -> str:
    if payment.state == State.OWED:
        return "look_refund" if payment.refund_ref else "refund"
    return "look" if due(payment.case) else "close"


@transaction.atomic
def settle(report: Report, *, now: datetime) -> None:
    """Writes down what became of an errand."""
    errand = report.errand
    if report.verdict == "account" and report.why != OLD_KEY:
        accounts.note_work(errand.payment.store_id, errand.payment.provider, error=report.why, now=now)
    if isinstance(report.told, Page):
        heard(errand.payment, report.told, now=now)
        return
    hold(errand.payment.case_id, errand.payment.store_id)
    held = again(errand.payment)
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
    _put(held, now, state=state, refund_ref=told.ref[:120], error="", due_at=None if told.is_settled else now + LOOK)


def _not_refunded(held: CasePayment, report: Report, now: datetime) -> None:
    pause = next_try(held.attempts)
    if report.verdict == "refused":
        _put(held, now, due_at=None, error=report.why[:300], turn=held.turn + 1, refund_ref="")
    elif report.why == OLD_KEY or held.attempts >= MOST_TRIES or pause is None:
        _put(held, now, due_at=None, error=f"Given up after {held.attempts} tries. {report.why}"[:300])
    else:
        rest = int(LOOK.total_seconds()) if report.verdict == "account" else max(report.seconds, pause)
        _put(held, now, due_at=now + timedelta(seconds=rest), error=report.why[:300])


def _not_seen(held: CasePayment, report: Report, now: datetime) -> None:
    """A page that its provider does not know (any more) has ended when its time is over."""
    if report.verdict == "refused" and held.ends_at and now > held.ends_at + timedelta(days=1):
        _put(held, now, state=State.ENDED, due_at=None, error=report.why[:300])
    else:
        _put(held, now, due_at=now + EVERY_LOOK, error=report.why[:300])


@transaction.atomic
def refund_heard(store_id: int, *, ref: str, is_settled: bool, why: str, now: datetime) -> bool:
    """A provider's news of what was given back; False when it is none of ours."""
    found = CasePayment.objects.of(store_id).filter(refund_ref=ref).first() if ref else None
    if found is None:
        return False
    hold(found.case_id, store_id)
    held = again(found)
    if why and held.state in (State.OWED, State.RETURNED):
        _put(held, now, state=State.OWED, due_at=None, error=why[:300], turn=held.turn + 1, refund_ref="")
    elif is_settled and held.state == State.OWED:
        _refunded(held, Told(ref, True), now)
    return True


@transaction.atomic
def try_again(payment: CasePayment, *, by: Staff, now: datetime) -> None:
    held = _task(payment)
    if held.provider == BY_HAND:
        raise CannotGiveBack("This was paid by hand, so it goes back by hand. Then write down how.")
    _put(held, now, due_at=now, attempts=0, error="")
    _audit(held, "again", by, now)


@transaction.atomic
def given_back_by_hand(payment: CasePayment, *, reference: str, by: Staff, now: datetime) -> None:
    held, reference = _task(payment), " ".join(reference.split())[:120]
    if not reference:
        raise CannotGiveBack("Say how it went back: a reference, the cash desk, a name.")
    _put(held, now, state=State.RETURNED, refund_ref=reference, error="")
    _audit(held, "by hand", by, now)


def _task(payment: CasePayment) -> CasePayment:
    hold(payment.case_id, payment.store_id)
    held = again(payment)
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
