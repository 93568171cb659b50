"""A counter takes parcels in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.returns.actions import parcels
from thereafter.returns.models import DropOffPoint, ReturnParcel

# A counter that had no line tells us later; its clock is believed for so long.
LONGEST_OFFLINE = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The bag that it was put into, and when it was taken, if that was not just now."""

    bag: str = ""
    at: datetime | None = None


@transaction.atomic
def take(parcel: ReturnParcel, point: DropOffPoint, taken: Taken, *, now: datetime) -> bool:
    """The counter has it; whether that is news. Raises `CannotGo` for one that cannot be handed in any more.

    Whoever was told later than it happened loses nothing: the earlier time counts.
    """
    if not parcels.handed_in(parcel, at=point.name, now=now):
        return False
    when = taken.at if taken.at and now - LONGEST_OFFLINE <= taken.at <= now else now
    ReturnParcel.objects.of(parcel.store_id).filter(pk=parcel.pk).update(
        handed_in_to=point, bag="".join(taken.bag.split()).upper()[:40], handed_in_at=when
    )
    return True
