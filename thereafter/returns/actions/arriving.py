"""Parcels that stand in the warehouse, or should and do not."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.returns.actions import parcels, releasing, units
from thereafter.returns.actions.steps import go
from thereafter.returns.models import Case, CaseUnit, Remark, ReturnParcel
from thereafter.returns.rules.machines import CannotGo
from thereafter.stores.models import Staff

# A parcel may come without the label that was still to be made for it.
_WITHOUT_LABEL = {"label_requested": ("created",), "failed": ("label_requested", "created")}
_GIVEN_UP = ("cancelled", "expired", "declined")


@transaction.atomic
def arrive(parcel: ReturnParcel, *, by: Staff, now: datetime) -> None:
    """It is here, whatever was known of it. Cases that were over come back to life, for somebody to decide.

    Raises `CannotGo` when somebody moved it a moment ago.
    """
    for state in _WITHOUT_LABEL.get(parcel.state, ()):
        go(parcel, state, now=now, by=by, why="It came without our label.", due_at=None)
    parcels.told(parcel, "delivered", now=now, by=by)
    for case in parcel.cases.select_related("order__store"):
        wake(case, now=now)


@transaction.atomic
def wake(case: Case, *, now: datetime) -> None:
    """Goods of a case came that was over."""
    if case.state in _GIVEN_UP:
        parcels.revive(case, now)


@transaction.atomic
def take_in(
    found: Mapping[int, str], *, cases: Sequence[Case], parcel: ReturnParcel | None, by: Staff, now: datetime
) -> None:
    """What was in the parcel, by unit, as in `units.receive`, for all its cases at once."""
    if parcel is not None:
        arrive(parcel, by=by, now=now)
    for case in _fresh(cases):
        if parcel is None:
            wake(case, now=now)
        of_case = set(CaseUnit.objects.of(case.store_id).filter(case=case).values_list("pk", flat=True))
        units.receive(case, {pk: state for pk, state in found.items() if pk in of_case}, by=by, now=now, parcel=parcel)


def _fresh(cases: Sequence[Case]) -> Sequence[Case]:
    """As they stand now: the parcel's arrival may have changed them."""
    if not cases:
        return []
    rows = Case.objects.of(cases[0].store_id).select_related("order__store", "customer")
    return list(rows.filter(pk__in=[case.pk for case in cases]).order_by("pk"))


@transaction.atomic
def empty(*, cases: Sequence[Case], parcel: ReturnParcel | None, by: Staff, now: datetime) -> None:
    """Nothing was in it. Where another parcel of the case is on its way the items may be in that one."""
    if parcel is not None:
        arrive(parcel, by=by, now=now)
    for case in _fresh(cases):
        if _comes_in_another(case, parcel):
            _note(case, f"The parcel {parcel} was empty; another one is on its way.", by, now)
            units.receive(case, {}, by=by, now=now, parcel=parcel)
            continue
        rows = CaseUnit.objects.of(case.store_id).filter(case=case, state="expected")
        units.receive(case, dict.fromkeys(rows.values_list("pk", flat=True), "missing"), by=by, now=now, parcel=parcel)


def _comes_in_another(case: Case, parcel: ReturnParcel | None) -> bool:
    if parcel is None:
        return False
    others = ReturnParcel.objects.of(case.store_id).filter(links__case=case, opened_at=None).exclude(pk=parcel.pk)
    return bool(others.exclude(state__in=("cancelled", "expired", "lost", "failed")).exists())


@transaction.atomic
def ask_carrier(parcel: ReturnParcel, *, by: Staff, now: datetime) -> bool:
    """Writes down that the carrier was asked where it is; whether nobody had yet."""
    rows = ReturnParcel.objects.of(parcel.store_id).filter(pk=parcel.pk, asked_carrier_at=None)
    if not rows.update(asked_carrier_at=now):
        return False
    for case in parcel.cases:
        _note(case, f"Asked {parcel.carrier or 'the carrier'} where the parcel is that is said to be here.", by, now)
    return True


@transaction.atomic
def not_here(parcel: ReturnParcel, *, by: Staff, now: datetime) -> None:
    """The carrier says it was delivered, we looked, and it is not here: somebody decides its cases.

    Raises `CannotGo` when it was opened or given up meanwhile.
    """
    rows = ReturnParcel.objects.of(parcel.store_id).filter(pk=parcel.pk, state="delivered", opened_at=None)
    if not rows.filter(not_here_at=None).update(not_here_at=now):
        raise CannotGo("Somebody opened this parcel or gave it up a moment ago. Look at it again.")
    carrier = parcel.carrier or "The carrier"
    for case in parcel.cases.select_related("order__store"):
        text = f"{carrier} says that the parcel was delivered, and the warehouse does not have it."
        _note(case, text, by, now)
        releasing.ask_a_person(case, f"{text} Ask the carrier for proof, then decide.", now=now)


def _note(case: Case, text: str, by: Staff, now: datetime) -> None:
    Remark.objects.create(store_id=case.store_id, case=case, text=text, by=by, is_internal=True, at=now)
