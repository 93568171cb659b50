"""The one place where a case, a unit, a parcel or new goods change their state."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.returns.models import Case, CaseStep, CaseUnit, NewGoods, ParcelCase, ReturnParcel
from thereafter.returns.rules import machines
from thereafter.stores.models import Staff

Subject = Case | CaseUnit | ReturnParcel | NewGoods
_MACHINES: dict[type[Any], str] = {
    Case: machines.CASE,
    CaseUnit: machines.UNIT,
    ReturnParcel: machines.PARCEL,
    NewGoods: machines.GOODS,
}

# What others may change of a case while somebody looks at it.
_MOVES = ("state", "handed_in_at", "received_at", "inspected_at", "released_at", "charged_at")


@transaction.atomic
def go(
    subject: Subject,
    to: str,
    *,
    now: datetime,
    by: Staff | None = None,
    actor: str = "",
    why: str = "",
    **changed: Any,
) -> None:
    """Moves `subject` to state `to` and writes the step; `changed` are other fields to set with it.

    Raises `CannotGo` when its machine does not allow it, or somebody moved it a moment ago.
    """
    machine, was = _MACHINES[type(subject)], subject.state
    machines.follow(machine, was, to)
    values = {"state": to, **changed}
    if isinstance(subject, Case):
        values["changed_at"] = now
    rows: Any = type(subject)
    if not rows.objects.of(subject.store_id).filter(pk=subject.pk, state=was).update(**values):
        raise machines.CannotGo(f"Somebody changed this {machine} a moment ago. Look at it again.")
    for name, value in values.items():
        setattr(subject, name, value)
    CaseStep.objects.bulk_create(
        CaseStep(
            store_id=subject.store_id,
            case_id=case_id,
            machine=machine,
            subject=0 if isinstance(subject, Case) else subject.pk,
            was=was,
            became=to,
            at=now,
            by=by,
            actor=actor,
            why=why[:500],
        )
        for case_id in _cases(subject)
    )


def hold(case: Case) -> None:
    """Keeps a case for this transaction, and reads what others did to it meanwhile: of two at once the second waits.

    Who holds a case and its order, or its units, holds the case first.
    """
    rows = Case.objects.of(case.store_id).select_for_update(of=("self",))
    case.refresh_from_db(fields=_MOVES, from_queryset=rows)


def begin(subject: Subject, *, now: datetime, by: Staff | None = None, actor: str = "", why: str = "") -> None:
    """Writes down the state that something came into the world with."""
    CaseStep.objects.bulk_create(
        CaseStep(
            store_id=subject.store_id,
            case_id=case_id,
            machine=_MACHINES[type(subject)],
            subject=0 if isinstance(subject, Case) else subject.pk,
            became=subject.state,
            at=now,
            by=by,
            actor=actor,
            why=why[:500],
        )
        for case_id in _cases(subject)
    )


def _cases(subject: Subject) -> Iterable[int]:
    if isinstance(subject, Case):
        return [subject.pk]
    if isinstance(subject, ReturnParcel):
        return ParcelCase.objects.of(subject.store_id).filter(parcel=subject).values_list("case_id", flat=True)
    return [subject.case_id]


@transaction.atomic
def move(store_id: int, *, old: int, new: int) -> int:
    """Two records were one person, and so are their returns."""
    return int(Case.objects.of(store_id).filter(customer_id=old).update(customer_id=new))


def about(case: Case, now: datetime) -> dict[str, Any]:
    """What every event of a case begins with."""
    return {
        "store_id": case.store_id,
        "customer_id": case.customer_id,
        "order_id": case.order_id,
        "occurred_at": now,
        "case_id": case.pk,
        "number": case.number,
        "is_gift": case.is_gift,
    }
