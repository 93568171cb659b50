"""New goods of an exchange or replacement: paid for, sent, arrived, or not to be had after all."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from thereafter.events.returns import ExchangeCancelled, ExchangeShipped
from thereafter.returns.actions import releasing
from thereafter.returns.actions.steps import about, go, hold
from thereafter.returns.models import Case, CasePayment, NewGoods
from thereafter.stores.models import Staff
from thereafter.timeline.log import record


@transaction.atomic
def paid(case: Case, *, reference: str, now: datetime, by: Staff | None = None) -> bool:
    """The shopper paid what the new goods cost more; told twice, the second time changes nothing."""
    if not case.quote.get("charge"):
        raise ValueError("Nothing is to be paid in this case.")
    rows = Case.objects.of(case.store_id).filter(pk=case.pk, charged_at=None)
    if not rows.update(charged_at=now, charge_ref=reference[:120], changed_at=now):
        return False
    case.charged_at = now
    # A page that is still open is closed: nobody shall pay again there.
    CasePayment.objects.of(case.store_id).filter(case=case, state=CasePayment.State.OPEN).update(due_at=now)
    releasing.reached(case, releasing.how_far(case), now=now, by=by)
    return True


@transaction.atomic
def ship(goods: Sequence[NewGoods], *, carrier: str, number: str, by: Staff | None, now: datetime) -> None:
    """They left together, under one number; raises ValueError without goods, `CannotGo` for what was not released."""
    if not goods:
        raise ValueError("Choose what was sent.")
    case = Case.objects.of(goods[0].store_id).select_related("order__store").get(pk=goods[0].case_id)
    hold(case)
    number = "".join(number.split())[:80]
    for one in goods:
        go(
            one,
            "shipped",
            now=now,
            by=by,
            carrier=carrier[:60],
            tracking_number=number,
            shipped_at=now,
            changed_at=now,
        )
    record(ExchangeShipped(**about(case, now), carrier=carrier[:60], tracking_number=number))
    releasing.settle(case, now=now)


@transaction.atomic
def delivered(goods: NewGoods, *, now: datetime) -> None:
    go(goods, "delivered", now=now, actor="carrier", delivered_at=now, changed_at=now)


@transaction.atomic
def cancel(goods: NewGoods, *, why: str, by: Staff | None, now: datetime) -> None:
    """It cannot be had after all: the shopper is paid back instead, as far as the goods are due by now.

    Raises `CannotGo` once it has left.
    """
    case = Case.objects.of(goods.store_id).select_related("order__store").get(pk=goods.case_id)
    hold(case)
    go(goods, "cancelled", now=now, by=by, why=why, changed_at=now)
    record(ExchangeCancelled(**about(case, now), why=why))
    if releasing.has_goods(case):
        releasing.ask_a_person(case, f"{goods.title} cannot be had. Pay back its part.", now=now)
    elif case.charged_at or not releasing.take_back(case, by=by, now=now):
        releasing.ask_a_person(case, f"{goods.title} cannot be had, and money has moved. Pay the rest back.", now=now)
    else:
        releasing.reached(case, releasing.how_far(case), now=now, by=by)
