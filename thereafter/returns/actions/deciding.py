"""Saying yes or no to a case, and taking it back."""

from datetime import date, datetime, timedelta

from django.db import transaction

from thereafter.events.returns import (
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnDue,
    ReturnExpired,
    ReturnReopened,
)
from thereafter.kit.clock import day_in
from thereafter.returns.actions import parcels, releasing
from thereafter.returns.actions.granting import withdraw
from thereafter.returns.actions.steps import about, go, hold
from thereafter.returns.models import Case, CaseUnit, GrantShare, NewGoods, ReturnParcel
from thereafter.returns.queries import grants_of, settings_of
from thereafter.returns.rules import reasons
from thereafter.returns.rules.machines import CannotGo
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

# What the law gives does not end because a parcel is late.
_EXPIRE = ("voluntary", "goodwill")


class TooLate(ValueError):
    """Goods or money have moved already; the text says what can be done instead."""


def settle_at_once(case: Case, *, by: Staff | None, now: datetime) -> None:
    """A new case: approved where nobody has to look, else put before somebody."""
    if case.review:
        go(case, "needs_review", now=now, why=case.review)
    else:
        _approve(case, by=by, now=now)


@transaction.atomic
def approve(case: Case, *, by: Staff | None, now: datetime, note: str = "") -> None:
    """Says yes. Raises `CannotGo` when it was decided already."""
    _approve(case, by=by, now=now)
    audit(case.order.store, by=by, verb="returns.approve", now=now, subject=case.number, detail={"note": note[:200]})


def _approve(case: Case, *, by: Staff | None, now: datetime) -> None:
    go(case, "approved", now=now, by=by, decided_at=now, review="")
    record(ReturnApproved(**about(case, now), basis=case.basis, outcome=case.outcome, method=case.method))
    go(case, "open", now=now, send_by=_send_by(case, now) if case.method != "none" else None)
    units = list(CaseUnit.objects.of(case.store_id).filter(case=case).order_by("pk"))
    if case.method == "none":
        for unit in units:
            go(unit, "missing" if _never_came(unit) else "kept", now=now)
    else:
        parcels.make([case], now=now)
    # What was to be decided first may have arrived meanwhile.
    releasing.reached(case, releasing.how_far(case), now=now)


def _never_came(unit: CaseUnit) -> bool:
    return not reasons.reason(unit.reason).arrives


def _send_by(case: Case, now: datetime) -> date:
    return day_in(now, case.order.store.time_zone) + timedelta(days=settings_of(case.order.store).send_within_days)


@transaction.atomic
def decline(case: Case, *, answer: str, by: Staff | None, now: datetime) -> None:
    """Says no, with the words that the shopper reads; the units can be asked for again.

    Raises ValueError without an answer, or for a withdrawal, which needs nobody's consent.
    """
    if not answer.strip():
        raise ValueError("Tell the shopper why: write the answer that they will read.")
    if case.basis == "withdrawal":
        raise ValueError("A withdrawal takes effect when it is declared; it cannot be declined.")
    go(case, "declined", now=now, by=by, why=answer, answer=answer, decided_at=now)
    _let_go(case, now, by=by)
    record(ReturnDeclined(**about(case, now), basis=case.basis, answer=answer))
    audit(case.order.store, by=by, verb="returns.decline", now=now, subject=case.number)


@transaction.atomic
def cancel(case: Case, *, by: Staff | None, now: datetime, why: str = "") -> None:
    """Takes a case back while neither goods nor money have moved; raises `TooLate` or `CannotGo`, ValueError for a
    withdrawal that a colleague takes back without a reason."""
    hold(case)
    if what := has_moved(case):
        raise TooLate(what)
    if by is not None:
        releasing.check_reason(case, why)
    go(case, "cancelled", now=now, by=by, actor="" if by else "shopper", why=why)
    for granted in grants_of(case):
        withdraw(granted, by=by, now=now)
    # Should it go on after all, it is owed anew.
    releasing.forget(case)
    _let_go(case, now, by=by)
    record(ReturnCancelled(**about(case, now)))


def has_moved(case: Case) -> str:
    """Why a case can no longer be taken back; "" while it can."""
    rows = CaseUnit.objects.of(case.store_id).filter(case=case)
    if rows.exclude(state__in=("expected", "kept", "cancelled")).exists() or case.handed_in_at:
        return "The goods are on their way back already. Write to the shop if you want to keep them after all."
    if NewGoods.objects.of(case.store_id).filter(case=case, state__in=("shipped", "delivered")).exists():
        return "The new goods have left already."
    shares = GrantShare.objects.of(case.store_id).filter(grant__in=grants_of(case))
    if shares.exclude(state__in=(GrantShare.State.GRANTED, GrantShare.State.WITHDRAWN)).exists():
        return "Money is on its way already."
    return ""


@transaction.atomic
def expire(case: Case, *, now: datetime) -> None:
    """Nothing came until the last day."""
    hold(case)
    if case.handed_in_at:
        return
    go(case, "expired", now=now)
    _let_go(case, now)
    record(ReturnExpired(**about(case, now)))


def expire_due(now: datetime, limit: int = 500) -> int:
    """Ends the cases whose last day is over, and reminds those whose last day is near; returns how many it touched."""
    waiting = Case.objects.filter(state="open", handed_in_at=None, basis__in=_EXPIRE)
    waiting = waiting.filter(send_by__lt=(now + timedelta(days=31)).date()).exclude(method="none")
    touched = 0
    for case in waiting.select_related("order__store").order_by("send_by", "pk")[:limit]:
        today = day_in(now, case.order.store.time_zone)
        if case.send_by and case.send_by < today:
            expire(case, now=now)
        elif not _remind(case, today, now):
            continue
        touched += 1
    return touched


@transaction.atomic
def _remind(case: Case, today: date, now: datetime) -> bool:
    days = settings_of(case.order.store).remind_days
    if case.reminded_at or not case.send_by or case.send_by - timedelta(days=days) > today:
        return False
    if not Case.objects.of(case.store_id).filter(pk=case.pk, reminded_at=None).update(reminded_at=now):
        return False
    record(ReturnDue(**about(case, now), send_by=case.send_by))
    return True


@transaction.atomic
def reopen(case: Case, *, why: str, by: Staff | None, now: datetime) -> None:
    """Goes on with a case that was over; raises `CannotGo`, also when its units stand in another case by now."""
    go(case, "reopened", now=now, by=by, why=why)
    rows = CaseUnit.objects.of(case.store_id)
    units = list(rows.filter(case=case).order_by("pk"))
    for unit in units:
        if unit.is_live:
            continue
        if rows.filter(line_id=unit.line_id, place=unit.place, is_live=True).exists():
            raise CannotGo("An item of this case stands in another case by now. Open a new one.")
        if unit.state == "cancelled":
            go(unit, "expected", now=now, by=by, is_live=True)
        else:
            rows.filter(pk=unit.pk).update(is_live=True)
    go(case, "open", now=now, by=by, resolved_at=None, send_by=_send_by(case, now))
    if case.method != "none" and not case.parcel_links.exclude(parcel__state__in=("cancelled", "expired")).exists():
        parcels.make([case], now=now)
    record(ReturnReopened(**about(case, now), why=why))
    audit(case.order.store, by=by, verb="returns.reopen", now=now, subject=case.number, detail={"why": why[:200]})


def _let_go(case: Case, now: datetime, by: Staff | None = None) -> None:
    """The units are free again; what was made for the case is not needed any more."""
    for unit in CaseUnit.objects.of(case.store_id).filter(case=case, state__in=("expected", "missing")):
        go(unit, "cancelled", now=now, by=by, is_live=False)
    CaseUnit.objects.of(case.store_id).filter(case=case).update(is_live=False)
    for goods in NewGoods.objects.of(case.store_id).filter(case=case, state__in=("reserved", "released")):
        go(goods, "cancelled", now=now, by=by)
    links = case.parcel_links.values_list("parcel_id", flat=True)
    for parcel in ReturnParcel.objects.of(case.store_id).filter(pk__in=list(links)):
        parcels.let_go(parcel, now=now)
