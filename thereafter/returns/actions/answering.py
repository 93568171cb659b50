"""Words about a case, to the shopper and among colleagues; and whose case it is."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from thereafter.events.returns import ReturnAnswered
from thereafter.returns.actions.steps import about
from thereafter.returns.models import Case, CaseFilter, Remark
from thereafter.stores.actions import audit
from thereafter.stores.models import Membership, Staff, Store
from thereafter.timeline.log import record

LONGEST = 4_000
MOST_FILTERS = 20


@transaction.atomic
def answer(case: Case, text: str, *, by: Staff, now: datetime) -> Remark:
    """Writes to the shopper about a case; raises ValueError without words."""
    said = _remark(case, text, by=by, now=now, is_internal=False)
    record(ReturnAnswered(**about(case, now), text=said.text))
    audit(case.order.store, by=by, verb="returns.answer", now=now, subject=case.number)
    return said


@transaction.atomic
def note(case: Case, text: str, *, by: Staff, now: datetime) -> Remark:
    """Writes something down that only colleagues read; raises ValueError without words."""
    return _remark(case, text, by=by, now=now, is_internal=True)


def _remark(case: Case, text: str, *, by: Staff, now: datetime, is_internal: bool) -> Remark:
    words = text.strip()[:LONGEST]
    if not words:
        raise ValueError("Write something first.")
    return Remark.objects.create(store_id=case.store_id, case=case, text=words, by=by, is_internal=is_internal, at=now)


@transaction.atomic
def assign(case: Case, to: Staff | None, *, by: Staff, now: datetime) -> None:
    """Hands a case to a colleague, or to nobody; raises ValueError for somebody who does not work here."""
    if to is not None and not Membership.objects.of(case.store_id).filter(staff=to).exists():
        raise ValueError("Choose a colleague who works in this shop.")
    Case.objects.of(case.store_id).filter(pk=case.pk).update(assigned_to=to, changed_at=now)
    case.assigned_to = to
    detail = {"to": to.name if to else ""}
    audit(case.order.store, by=by, verb="returns.assign", now=now, subject=case.number, detail=detail)


@transaction.atomic
def look_again(case: Case, why: str, *, by: Staff, now: datetime) -> None:
    """Says what a person still has to see to in a case that goes on; "" when it has been seen to."""
    if case.is_over or case.state == "resolved":
        raise ValueError("This case is over. Reopen it first.")
    if case.state in ("submitted", "needs_review") and not why.strip():
        raise ValueError("This case waits for a yes or a no: approve or decline it.")
    Case.objects.of(case.store_id).filter(pk=case.pk).update(review=why.strip()[:300], changed_at=now)
    case.review = why.strip()[:300]
    audit(case.order.store, by=by, verb="returns.review", now=now, subject=case.number, detail={"why": case.review})


@transaction.atomic
def keep_filter(store: Store, name: str, query: str, *, by: Staff, now: datetime) -> CaseFilter:
    """Keeps a view of the list under a name, in place of one that had it; raises ValueError."""
    name = " ".join(name.split())[:40]
    if not name or not query:
        raise ValueError("Choose some filters, and give the view a name.")
    kept = CaseFilter.objects.of(store)
    if not kept.filter(name=name).exists() and kept.count() >= MOST_FILTERS:
        raise ValueError(f"There are {MOST_FILTERS} views already. Remove one first.")
    values = {"query": query[:500], "made_by": by, "made_at": now}
    made: CaseFilter = CaseFilter.objects.update_or_create(store=store, name=name, defaults=values)[0]
    return made


def forget_filters(store: Store, ids: Collection[int]) -> int:
    return int(CaseFilter.objects.of(store).filter(pk__in=ids).delete()[0])
