"""What the warehouse finds: received, missing, something else; in which state; and what becomes of it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from thereafter.events.returns import ReturnInspected, ReturnReceived
from thereafter.returns.actions import releasing
from thereafter.returns.actions.steps import about, go, hold
from thereafter.returns.models import Case, CaseUnit, Remark, ReturnParcel
from thereafter.returns.rules.machines import MACHINES, UNIT
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

FOUND = ("received", "missing", "wrong_item")
VERDICTS = ("accepted", "accepted_with_deduction", "rejected", "manual")
GRADES = ("new", "opened", "used", "damaged", "defective")
DISPOSITIONS = MACHINES[UNIT]["accepted"]
_LOOKED_AT = ("accepted", "accepted_with_deduction", "rejected", *DISPOSITIONS)


@transaction.atomic
def receive(
    case: Case, found: dict[int, str], *, by: Staff | None, now: datetime, parcel: ReturnParcel | None = None
) -> None:
    """What was in the parcel, by unit: received, missing or wrong_item. Units not named stay expected.

    When nothing of the case is expected any more, it has been received, and what waits for that is released. Told
    twice, the second time changes nothing.
    """
    hold(case)
    units = {unit.pk: unit for unit in _of(case)}
    for pk, state in found.items():
        unit = units.get(pk)
        if unit is None or unit.state == state or state not in FOUND:
            continue
        go(unit, state, now=now, by=by, received_at=now if state == "received" else unit.received_at)
    if parcel is not None and parcel.opened_at is None:
        ReturnParcel.objects.of(case.store_id).filter(pk=parcel.pk, opened_at=None).update(opened_at=now)
    _notice_what_is_wrong(case, list(units.values()), now)
    if not any(unit.state == "expected" for unit in units.values()):
        _all_in(case, list(units.values()), now, by)


def _of(case: Case) -> Sequence[CaseUnit]:
    rows = CaseUnit.objects.of(case.store_id).select_for_update(of=("self",))
    return list(rows.filter(case=case).select_related("line").order_by("pk"))


def _notice_what_is_wrong(case: Case, units: Sequence[CaseUnit], now: datetime) -> None:
    missing = sum(unit.state == "missing" for unit in units)
    wrong = sum(unit.state == "wrong_item" for unit in units)
    if missing and missing == len(units):
        releasing.ask_a_person(case, "The parcel was empty. Ask the shopper or the carrier, then decide.", now=now)
    elif missing:
        items = "An item was" if missing == 1 else f"{missing} items were"
        releasing.ask_a_person(case, f"{items} not in the parcel. Ask the shopper, then decide.", now=now)
    elif wrong:
        releasing.ask_a_person(case, "Something else was in the parcel. Decide what becomes of it.", now=now)


def _all_in(case: Case, units: Sequence[CaseUnit], now: datetime, by: Staff | None) -> None:
    if not Case.objects.of(case.store_id).filter(pk=case.pk, received_at=None).update(received_at=now):
        releasing.reached(case, "received", now=now, by=by)
        return
    case.received_at = now
    missing = sum(unit.state == "missing" for unit in units)
    record(ReturnReceived(**about(case, now), units=len(units) - missing, missing=missing))
    releasing.reached(case, "received", now=now, by=by)


@transaction.atomic
def note_extra(case: Case, what: str, *, by: Staff, now: datetime) -> None:
    """Goods that nobody announced were in the parcel: they are written down and somebody decides."""
    if not what.strip():
        raise ValueError("Say what was in the parcel that does not belong to this return.")
    text = f"Also in the parcel: {what.strip()}"
    Remark.objects.create(store_id=case.store_id, case=case, text=text[:2_000], by=by, is_internal=True, at=now)
    releasing.ask_a_person(case, f"{text}. Decide what becomes of it.", now=now)


@transaction.atomic
def inspect(  # noqa: PLR0913 a verdict is worth nothing without its circumstances
    unit: CaseUnit,
    verdict: str,
    *,
    by: Staff,
    now: datetime,
    grade: str = "",
    deduction_minor: int = 0,
    note: str = "",
    to: str = "",
) -> None:
    """Says how a unit came: one of `VERDICTS`, with its grade and, where the law allows it, what is kept back for wear.

    `to` is what becomes of it, one of `DISPOSITIONS`. When every unit that came was looked at, what waits for that is
    released. Raises ValueError for a deduction that may not be taken, `CannotGo` for a unit that is not here.
    """
    case = Case.objects.of(unit.store_id).select_related("order__store").get(pk=unit.case_id)
    hold(case)
    if verdict == "accepted_with_deduction":
        _check_deduction(case, unit, deduction_minor, note)
    elif deduction_minor:
        raise ValueError("Only what is accepted with a deduction can be worth less.")
    if verdict == "rejected" and not note.strip():
        raise ValueError("Say why it is not accepted: the shopper will ask.")
    go(
        unit,
        verdict,
        now=now,
        by=by,
        why=note,
        verdict=verdict if verdict != "manual" else "",
        grade=grade,
        deduction_minor=deduction_minor,
        inspection_note=note[:500],
        inspected_at=now,
    )
    if to:
        go(unit, to, now=now, by=by, disposed_at=now)
    _looked_at(case, now, by)


def _check_deduction(case: Case, unit: CaseUnit, deduction: int, note: str) -> None:
    if not may_deduct(case, unit):
        raise ValueError(
            "Nothing may be kept back here: the law or the reason of this return does not allow it. Accept it as it is."
        )
    if unit.released_at:
        raise ValueError(
            "It was paid out already, as the policy says. What is kept back now would have to be asked for."
        )
    if not 0 < deduction <= unit.value_minor:
        raise ValueError("Enter an amount that is more than nothing and not more than the item was worth.")
    if not note.strip():
        raise ValueError("Say what is worn: the shopper reads it beside the amount.")


def may_deduct(case: Case, unit: CaseUnit) -> bool:
    """As it was offered when the case was opened."""
    lines = case.offer.get("lines", ())
    of_unit = (one for one in lines if (one["line"], one["reason"]) == (unit.line.external_id, unit.reason))
    return any(one["may_deduct"] for one in of_unit)


def _looked_at(case: Case, now: datetime, by: Staff) -> None:
    units = _of(case)
    here = [unit for unit in units if unit.state not in ("missing", "kept", "cancelled")]
    if any(unit.state not in _LOOKED_AT for unit in here):
        return
    if Case.objects.of(case.store_id).filter(pk=case.pk, inspected_at=None).update(inspected_at=now):
        case.inspected_at = now
        rejected = sum(unit.verdict == "rejected" for unit in here)
        record(
            ReturnInspected(
                **about(case, now),
                accepted=len(here) - rejected,
                rejected=rejected,
                deduction_minor=sum(unit.deduction_minor for unit in here),
                currency=case.currency,
            )
        )
        if rejected:
            releasing.ask_a_person(case, "An item was not accepted. Tell the shopper what becomes of it.", now=now)
    releasing.reached(case, "inspected", now=now, by=by)


@transaction.atomic
def dispose(unit: CaseUnit, to: str, *, by: Staff | None, now: datetime) -> None:
    """Where a unit goes that was looked at: one of `DISPOSITIONS`; none is the end. Raises `CannotGo`."""
    go(unit, to, now=now, by=by, disposed_at=now)


@transaction.atomic
def forgive_missing(unit: CaseUnit, *, by: Staff, now: datetime, why: str) -> None:
    """The shop pays for a unit that was not in the parcel, because it believes the shopper; raises `CannotGo`."""
    case = Case.objects.of(unit.store_id).select_related("order__store").get(pk=unit.case_id)
    hold(case)
    go(unit, "received", now=now, by=by, why=why, received_at=now)
    go(unit, "accepted", now=now, by=by, why=why, verdict="accepted", inspected_at=now)
    releasing.ask_a_person(case, "", now=now)
    _looked_at(case, now, by)
    releasing.reached(case, "received", now=now, by=by)
