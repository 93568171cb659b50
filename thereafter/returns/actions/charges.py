"""What shoppers pay towards cases: begun, heard of, and given back when the case comes to nothing. No network here."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext

from thereafter.returns import links
from thereafter.returns.actions import accounts, goods, releasing
from thereafter.returns.actions.paying import LOOK
from thereafter.returns.models import Case, CasePayment, NewGoods
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Page
from thereafter.storefront.links import page as page_of

State = CasePayment.State
# Stripe's pages live for a day at most. What nobody has seen by the last half hour is asked for anew.
PAGE_LIFE, TOO_LATE = timedelta(hours=23), timedelta(minutes=40)
# When a page is looked at, should no webhook come.
FIRST_LOOK, EVERY_LOOK = timedelta(minutes=10), timedelta(hours=2)
BY_HAND = "manual"
_GOING_ON = ("submitted", "needs_review", "approved", "open", "reopened")


class NothingToPay(ValueError):
    """The shopper has nothing to pay in this case now."""


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
        put(live, now, state=State.ENDED, due_at=None)
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
        put(held, now, state=State.ENDED, due_at=None, error="")
    elif page.state == "underway":
        put(held, now, state=State.UNDERWAY, page_ref=page.ref, due_at=now + LOOK, error="")
    else:
        first = held.state == State.ASKED
        known = {"page_ref": page.ref, "page_url": page.url or held.page_url}
        put(held, now, state=State.OPEN, due_at=now + (FIRST_LOOK if first else EVERY_LOOK), error="", **known)
    return held


def _paid(held: CasePayment, case: Case, page: Page, now: datetime) -> None:
    """It counts for the case if the case still wants it; else it goes back."""
    known = {"page_ref": page.ref, "payment_ref": page.payment, "paid_at": now, "attempts": 0, "error": ""}
    if (page.amount_minor, page.currency) != (held.amount_minor, held.currency):
        known["error"] = "Another amount was paid than was asked for. Look at it at the provider."
        put(held, now, state=State.OWED, due_at=None, **known)
        return
    wanted = case.state in _GOING_ON and releasing.has_goods(case)
    if wanted and goods.paid(case, reference=page.payment, now=now):
        put(held, now, state=State.PAID, due_at=None, **known)
    else:
        put(held, now, state=State.OWED, due_at=now, **known)


@transaction.atomic
def not_opened(payment: CasePayment, why: str, *, now: datetime) -> None:
    """The provider made no page, and will not: nobody can have paid there."""
    held = again(payment)
    if held.state == State.ASKED:
        put(held, now, state=State.ENDED, due_at=None, error=why[:300])


def put(payment: CasePayment, now: datetime, **changed: Any) -> None:
    """Changes a payment that is held."""
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
        if _came_to_nothing(case):
            give_back(case, now=now)


def _came_to_nothing(case: Case) -> bool:
    """None of the goods that were paid for leaves, or has left."""
    if case.state in ("cancelled", "declined", "expired"):
        return True
    goods_of = NewGoods.objects.of(case.store_id).filter(case=case)
    waiting = () if case.state in ("resolved", "closed") else ("reserved",)
    return not goods_of.filter(state__in=(*waiting, "released", "shipped", "delivered")).exists()
