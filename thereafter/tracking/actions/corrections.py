"""Whose parcel it is: told by its number where that is sure, and by a person of the store against everyone else."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.storefront.actions import drop_documents
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.tracking.actions.planning import stop_asking
from thereafter.tracking.carriers.covering import carrier_name
from thereafter.tracking.carriers.names import carrier_code
from thereafter.tracking.models import CarrierAccount, NumberChoice, Parcel, PollPlan
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules import recognition
from thereafter.tracking.rules.recognition import Candidate
from thereafter.tracking.rules.scans import carrier_key, plain

BY_STAFF, BY_NUMBER = "staff", "number"
CARRIER_FIELDS = ["carrier", "carrier_key", "carrier_by"]
POSTS = "s10"


def recognise(store: Store, parcels: Sequence[Parcel]) -> None:
    """Names the carrier of parcels for which nobody did, where the number leaves no doubt; they are not saved. What is
    not sure stays open, for a person to choose."""
    nameless = [parcel for parcel in parcels if parcel.number_key and not parcel.carrier]
    if not nameless:
        return
    clues = _clues(store, nameless)
    for parcel in nameless:
        carrier = recognition.sure(_found(store, parcel, *clues)) or _learnt(parcel, clues[1])
        # Of an international number of a post that we do not know there is no carrier to name.
        if carrier and carrier != POSTS:
            name_carrier(parcel, carrier, BY_NUMBER)


def name_carrier(parcel: Parcel, carrier: str, by: str) -> None:
    """Writes down whose parcel it is, under the name that shoppers know, and who says so; not saved."""
    parcel.carrier, parcel.carrier_by = plain(carrier_name(carrier), 60), by
    parcel.carrier_key = carrier_key(parcel.carrier)


def candidates(store: Store, parcel: Parcel) -> list[Candidate]:
    """Whose a parcel may be by its number, best first."""
    return _found(store, parcel, *_clues(store, [parcel])) if parcel.number_key else []


def _clues(store: Store, parcels: Sequence[Parcel]) -> tuple[list[str], Mapping[str, str]]:
    """The carriers that the store works with, and what its people said of numbers that look like these."""
    shapes = {recognition.shape(parcel.tracking_number) for parcel in parcels}
    learnt = NumberChoice.objects.of(store).filter(shape__in=shapes).values_list("shape", "carrier")
    accounts = CarrierAccount.objects.of(store).values_list("adapter", flat=True)
    return [*settings_of(store).uses, *accounts], dict(learnt)


def _found(store: Store, parcel: Parcel, carriers: Sequence[str], learnt: Mapping[str, str]) -> list[Candidate]:
    return recognition.candidates(
        parcel.tracking_number,
        carriers=carriers,
        origin=store.country,
        destination=parcel.destination,
        learnt=learnt,
    )


def _learnt(parcel: Parcel, learnt: Mapping[str, str]) -> str:
    """What a person of the store said of numbers of this shape is no guess."""
    return learnt.get(recognition.shape(parcel.tracking_number), "")


@transaction.atomic
def correct_carrier(parcel: Parcel, carrier: str, *, by: Staff, now: datetime) -> None:
    """A person says whose parcel it is. No later word of the shop or a carrier changes it, numbers that look like this
    one are known from now on, and it is asked of the right one."""
    chosen = carrier_code(carrier)
    if not chosen:
        raise ValueError("Name a carrier.")
    before = parcel.carrier
    name_carrier(parcel, chosen, BY_STAFF)
    fields = {name: getattr(parcel, name) for name in CARRIER_FIELDS}
    Parcel.objects.of(parcel.store_id).filter(pk=parcel.pk).update(**fields)
    shape = recognition.shape(parcel.tracking_number)
    if shape:
        learnt = {"carrier": chosen[:60], "chosen_by": by, "chosen_at": now}
        NumberChoice.objects.update_or_create(store_id=parcel.store_id, shape=shape, defaults=learnt)
    stop_asking(PollPlan.objects.of(parcel.store_id).filter(parcel=parcel), why="staff", now=now)
    drop_documents(parcel.store_id, {parcel.order_id})
    detail = {"was": before, "carrier": parcel.carrier, "shape": shape}
    subject = parcel.tracking_number or f"parcel {parcel.pk}"
    audit(parcel.store, by=by, verb="tracking.correct_carrier", now=now, subject=subject, detail=detail)
