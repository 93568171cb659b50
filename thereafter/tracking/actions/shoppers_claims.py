"""What answers to shoppers' claims mean here: a claim against the carrier, and reports that are dealt with."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from thereafter.events.returns import ClaimDecided
from thereafter.stores.models import Store
from thereafter.tracking.actions.flags import lower_flag
from thereafter.tracking.actions.watching import worth_of
from thereafter.tracking.models import CarrierClaim, Flag, Parcel
from thereafter.tracking.rules.flags import REPORTED
from thereafter.tracking.rules.scans import number_key

# What is claimed from a carrier for each reason of a shopper; what is not here counts as lost.
_REASONS = {"damaged_on_arrival": "damaged", "late": "late"}
CARRIER = "carrier"


@transaction.atomic
def take(store: Store, decided: Sequence[ClaimDecided], now: datetime) -> int:
    """Opens what carriers owe, and takes the reports of the orders off the watch list; returns how many claims are
    new. Told again, it changes nothing."""
    made = sum(_claim(store, one, now) for one in decided if one.accepted and one.payer == CARRIER)
    for one in decided:
        flags = Flag.objects.of(store).up().filter(order_id=one.order_id or 0, kind=REPORTED)
        for flag in flags.select_related("parcel").order_by("pk"):
            lower_flag(flag, why="staff", now=now, actor=one.actor)
    return made


def _claim(store: Store, decided: ClaimDecided, now: datetime) -> int:
    reason = _REASONS.get(decided.kind, "lost")
    parcels = _parcels(store, decided)
    known = CarrierClaim.objects.of(store).filter(parcel__in=parcels, reason=reason)
    taken = set(known.values_list("parcel_id", flat=True))
    fresh = [parcel for parcel in parcels if parcel.pk not in taken]
    amounts = _parts(decided.amount_minor, [worth_of(store, parcels)[parcel.pk] for parcel in fresh])
    CarrierClaim.objects.bulk_create(
        [
            CarrierClaim(
                store=store,
                parcel=parcel,
                reason=reason,
                amount_minor=amount,
                currency=decided.currency or parcel.order.currency,
                reference="",
                opened_at=now,
                changed_at=now,
            )
            for parcel, amount in zip(fresh, amounts, strict=True)
        ],
        ignore_conflicts=True,
    )
    return len(fresh)


def _parcels(store: Store, decided: ClaimDecided) -> list[Parcel]:
    """Those with the numbers of the goods; the only one of the order where no number was told."""
    wanted = {number_key(number) for number in decided.tracking_numbers}
    rows = Parcel.objects.of(store).filter(order_id=decided.order_id or 0).select_related("order").order_by("pk")
    found = list(rows)
    named = [parcel for parcel in found if parcel.number_key in wanted]
    return named or (found if len(found) == 1 else [])


def _parts(amount: int, worth: Sequence[int]) -> list[int]:
    """What is claimed, by what was in each parcel; spare cents on the first."""
    if not worth:
        return []
    whole = sum(worth) or 1
    parts = [amount * one // whole for one in worth]
    parts[0] += amount - sum(parts)
    return parts
