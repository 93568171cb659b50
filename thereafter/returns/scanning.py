"""What a scanned or typed code leads to in the warehouse, and what is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.returns.models import Case, CaseStep, CaseUnit, ReturnParcel, UnannouncedParcel
from thereafter.returns.rules import scanned
from thereafter.storefront.rules import order_numbers
from thereafter.stores.models import Store

MOST = 20
# So long after the carrier's word a parcel should have been opened.
UNPACKED_WITHIN = timedelta(hours=24)
_ARRIVED = ("received", "missing", "wrong_item")


@dataclass(frozen=True)
class Found:
    """What a code leads to: parcels, a unit of a stock label, cases, or none of these."""

    parcels: Sequence[ReturnParcel] = ()
    unit: CaseUnit | None = None
    cases: Sequence[Case] = ()
    orders: Sequence[Order] = ()
    unannounced: Sequence[UnannouncedParcel] = field(default=())


def find(store: Store, text: str) -> Found:
    """In this order: a parcel by its code, its carrier's number or its bag, a stock label, a case, an order."""
    codes = scanned.readings(text)
    if not codes:
        return Found()
    if parcels := _parcels(store, codes):
        return Found(parcels=parcels)
    if unit := _unit(store, text):
        return Found(unit=unit)
    if cases := _cases(store, Q(number__in=[code.lstrip("#") for code in codes])):
        return Found(cases=cases)
    orders = list(Order.objects.of(store).filter(number__in=order_numbers(text))[:MOST])
    waiting = list(UnannouncedParcel.objects.of(store).filter(code__in=codes, settled_at=None)[:MOST])
    return Found(cases=_cases(store, Q(order__in=orders)) if orders else (), orders=orders, unannounced=waiting)


def _parcels(store: Store, codes: Sequence[str]) -> list[ReturnParcel]:
    rows = ReturnParcel.objects.of(store).defer("label")
    for which in (Q(code__in=codes), Q(tracking_number__in=codes), Q(bag__in=codes)):
        if found := list(rows.filter(which).order_by("-pk")[:MOST]):
            return found
    return []


def _unit(store: Store, text: str) -> CaseUnit | None:
    named = scanned.unit_of(text)
    if named is None:
        return None
    number, place = named
    rows = CaseUnit.objects.of(store).filter(case__store=store, case__number=number).order_by("pk")
    return rows[place - 1 : place].first() if place else None


def _cases(store: Store, which: Q) -> list[Case]:
    rows = Case.objects.of(store).filter(which).select_related("order", "customer")
    return list(rows.order_by("-submitted_at", "-pk")[:MOST])


def named_like(store: Store, text: str) -> list[Case]:
    """Cases that are going on, by the name, e-mail address or order of the shopper, the newest first."""
    text = text.strip()[:60]
    if len(text) < 2:  # noqa: PLR2004 a single letter finds everybody
        return []
    of_person = Q(customer__name__icontains=text) | Q(customer__email__iexact=text) | Q(order__number__iexact=text)
    rows = Case.objects.of(store).filter(of_person).select_related("order", "customer")
    return list(rows.exclude(state__in=("draft", "closed")).order_by("-submitted_at", "-pk")[:MOST])


def taken_in_by(parcel: ReturnParcel | None, cases: Sequence[Case]) -> CaseStep | None:
    """Who said last what was in it."""
    if not cases or (parcel is not None and parcel.opened_at is None):
        return None
    steps = CaseStep.objects.of(cases[0].store_id).filter(case__in=cases, machine="unit", became__in=_ARRIVED)
    found: CaseStep | None = steps.select_related("by").order_by("-at", "-pk").first()
    return found


def not_found(store: Store, now: datetime) -> "list[ReturnParcel]":
    """Delivered, says the carrier, and nobody opened it; the oldest first."""
    rows = ReturnParcel.objects.of(store).filter(state="delivered", opened_at=None, not_here_at=None)
    return list(rows.filter(delivered_at__lt=now - UNPACKED_WITHIN).defer("label").order_by("delivered_at", "pk")[:200])


def place_of(unit: CaseUnit) -> int:
    """The how-many-eth of its case, as its stock label says."""
    return CaseUnit.objects.of(unit.store_id).filter(case_id=unit.case_id, pk__lte=unit.pk).count()


def last_choice(unit: CaseUnit, grade: str) -> str:
    """What became of the product when it last came in this state; "" for the first one."""
    if not unit.line.product_id:
        return ""
    rows = CaseUnit.objects.of(unit.store_id).filter(
        line__store_id=unit.store_id, line__product_id=unit.line.product_id, grade=grade, disposed_at__isnull=False
    )
    # What is not accepted goes back to its shopper, which says nothing of the next one.
    rows = rows.exclude(verdict="rejected").exclude(pk=unit.pk)
    return rows.order_by("-disposed_at", "-pk").values_list("state", flat=True).first() or ""
