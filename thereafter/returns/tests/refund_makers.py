"""A refund that was paid, with its paper and some credit, for tests that need one of each."""

from datetime import datetime

from thereafter.commerce.models import Order
from thereafter.returns.actions import credit, credit_notes, granting
from thereafter.returns.models import Case, CasePayment, Hold
from thereafter.returns.rules.money.quotes import Request, Wanted


def paid_refund(order: Order, *, now: datetime) -> dict[str, int]:
    """Refunds one cent of the first line, gives five units of credit, owes a payment of the order's case. The rows by
    their names in addresses."""
    line = order.lines.order_by("pk")[0].external_id
    wanted = Request(items=(Wanted(line=line, amount=1),))
    granted = granting.grant(order, wanted, source=f"made:{order.pk}", by=None, now=now)
    share = granted.shares.get()
    granting.settle(granting.send(share, now=now), provider_ref=f"made-{share.pk}", now=now)
    note = credit_notes.issue(order.store_id, granted.pk, now=now)
    account = credit.issue(order.customer, 500, order.currency, source=f"made:{order.pk}", now=now)
    case = Case.objects.of(order.store_id).filter(order=order).order_by("pk")[0]
    owed = CasePayment.objects.create(
        store_id=order.store_id,
        case=case,
        provider="manual",
        amount_minor=500,
        currency=order.currency,
        state=CasePayment.State.OWED,
        payment_ref="Till 7",
        created_at=now,
        paid_at=now,
        changed_at=now,
    )
    held = Hold.objects.create(
        store_id=order.store_id,
        case=case,
        provider="stripe",
        amount_minor=500,
        due_minor=500,
        currency=order.currency,
        state=Hold.State.CAPTURING,
        error="Your card was declined.",
        last_day=now.date(),
        held_on=now.date(),
        expires_on=now.date(),
        created_at=now,
        changed_at=now,
    )
    return {
        "hold_id": held.pk,
        "payment_id": owed.pk,
        "grant_id": granted.pk,
        "share_id": share.pk,
        "note_id": note.pk if note else 0,
        "credit_id": account.pk,
    }
