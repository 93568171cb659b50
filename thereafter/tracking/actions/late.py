"""Noticing parcels that are not there although the promised day is over."""

from datetime import datetime

from django.db import transaction

from thereafter.events.parcels import ParcelLate
from thereafter.kit.clock import day_in
from thereafter.storefront.actions import drop_documents
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.tracking.models import Parcel


@transaction.atomic
def find_late(store: Store, now: datetime) -> int:
    """Tells of each overdue parcel once; returns how many were found."""
    today = day_in(now, store.time_zone)
    overdue = Parcel.objects.of(store).overdue(today).filter(told_late_at__isnull=True)
    parcels = list(overdue.select_for_update(of=("self",)).select_related("order").order_by("pk"))
    if not parcels:
        return 0
    Parcel.objects.of(store).filter(pk__in=[parcel.pk for parcel in parcels]).update(told_late_at=now)
    drop_documents(store.pk, {parcel.order_id for parcel in parcels})
    record(*(_late(parcel, now) for parcel in parcels))
    return len(parcels)


def _late(parcel: Parcel, now: datetime) -> ParcelLate:
    assert parcel.promised_on  # noqa: S101  only what was promised is overdue
    return ParcelLate(
        store_id=parcel.store_id,
        occurred_at=now,
        customer_id=parcel.order.customer_id,
        order_id=parcel.order_id,
        parcel_id=parcel.pk,
        promised_on=parcel.promised_on,
    )
