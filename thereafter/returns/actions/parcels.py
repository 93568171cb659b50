"""Parcels on their way back: made for a case, handed in, followed."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.events.returns import ReturnHandedIn, ReturnParcelCreated, ReturnParcelSent
from thereafter.returns.actions import releasing
from thereafter.returns.actions.steps import about, begin, go
from thereafter.returns.models import Case, CaseUnit, ParcelCase, ReturnParcel, ReturnSettings
from thereafter.returns.queries import settings_of
from thereafter.returns.rules.machines import MACHINES, PARCEL, CannotGo, said
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

# Without letters and digits that are taken for one another.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 10
# By these ways an adapter makes a label, where the shop has one.
_WITH_LABEL = ("label", "qr", "pickup")
_NOT_YET = ("label_requested", "failed", "created", "qr_shown", "pre_transit")


@transaction.atomic
def make(cases: Sequence[Case], *, now: datetime, by: Staff | None = None) -> ReturnParcel:
    """One parcel for cases of one shopper, also of several orders; the way is that of the first."""
    first = cases[0]
    settings = settings_of(first.order.store)
    by_adapter = bool(settings.label_adapter) and first.method in _WITH_LABEL
    parcel = ReturnParcel.objects.create(
        store_id=first.store_id,
        state="label_requested" if by_adapter else "created",
        method=first.method,
        code=_code(),
        adapter=settings.label_adapter if by_adapter else "",
        due_at=now if by_adapter else None,
        sender=_sender(first),
        receiver=_receiver(first, settings),
        send_by=first.send_by,
        created_at=now,
    )
    ParcelCase.objects.bulk_create(ParcelCase(store_id=one.store_id, parcel=parcel, case=one) for one in cases)
    begin(parcel, now=now, by=by)
    if not by_adapter:
        tell_ready(parcel, now=now)
    return parcel


def tell_ready(parcel: ReturnParcel, *, now: datetime) -> None:
    """Says that the goods can be sent now. Called inside the transaction that made the label."""
    for case in parcel.cases:
        record(
            ReturnParcelCreated(
                **about(case, now), return_parcel_id=parcel.pk, method=parcel.method, send_by=parcel.send_by
            )
        )


@transaction.atomic
def join(parcel: ReturnParcel, case: Case, *, now: datetime) -> None:
    """Puts another case into a parcel that has not left; its own, still empty one, is given up.

    Raises `CannotGo` when the parcel has left, or is of another shopper.
    """
    others = list(parcel.cases)
    if parcel.state not in _NOT_YET:
        raise CannotGo("This parcel is on its way already. Send the other items in a parcel of their own.")
    if any(one.customer_id != case.customer_id for one in others):
        raise CannotGo("A parcel holds the returns of one person.")
    for link in case.parcel_links.select_related("parcel").exclude(parcel=parcel):
        link.delete()
        let_go(link.parcel, now=now)
    ParcelCase.objects.get_or_create(store_id=parcel.store_id, parcel=parcel, case=case)


@transaction.atomic
def name_number(
    parcel: ReturnParcel, *, carrier: str, number: str, now: datetime, by: Staff | None = None, actor: str = "shopper"
) -> None:
    """Says how the parcel can be followed; from now on tracking does. Raises ValueError without a number."""
    number = "".join(number.split())[:80]
    if not number:
        raise ValueError("Enter the number on the receipt of the carrier.")
    rows = ReturnParcel.objects.of(parcel.store_id).filter(pk=parcel.pk).exclude(tracking_number=number)
    if not rows.update(carrier=carrier[:60], tracking_number=number):
        return
    parcel.carrier, parcel.tracking_number = carrier[:60], number
    for case in parcel.cases:
        told = {name: value for name, value in about(case, now).items() if name != "number"}
        record(
            ReturnParcelSent(
                **told,
                return_parcel_id=parcel.pk,
                carrier=parcel.carrier,
                tracking_number=number,
                to_country=str(parcel.receiver.get("country", "")),
                to_postcode=str(parcel.receiver.get("postcode", "")),
            )
        )


@transaction.atomic
def handed_in(parcel: ReturnParcel, *, at: str, now: datetime, by: Staff | None = None) -> bool:
    """A counter (`at` is its name) or a carrier has it. The second time nothing happens, and False comes back."""
    if parcel.handed_in_at:
        return False
    go(parcel, "dropped_off", now=now, by=by, actor="counter", why=at, handed_in_at=now, counter=at[:100])
    _tell_handed_in(parcel, "dropped_off", at, now)
    return True


@transaction.atomic
def told(parcel: ReturnParcel, status: str, *, now: datetime, by: Staff | None = None) -> bool:
    """What a carrier says of it: pre_transit, in_transit, delivered, exception or lost; False when it is no news."""
    if status == parcel.state or status not in MACHINES[PARCEL].get(parcel.state, ()):
        return False
    left = status in {"in_transit", "delivered"} and parcel.handed_in_at is None
    changed: dict[str, Any] = {"handed_in_at": now} if left else {}
    if status == "delivered":
        changed["delivered_at"] = now
    go(parcel, status, now=now, by=by, actor="" if by else "carrier", **changed)
    if left:
        _tell_handed_in(parcel, "in_transit", parcel.carrier, now)
    return True


def _tell_handed_in(parcel: ReturnParcel, release: str, whom: str, now: datetime) -> None:
    for case in parcel.cases.select_related("order__store"):
        Case.objects.of(case.store_id).filter(pk=case.pk, handed_in_at=None).update(handed_in_at=now)
        case.refresh_from_db(fields=["handed_in_at", "state"])
        record(ReturnHandedIn(**about(case, now), return_parcel_id=parcel.pk, by=whom))
        if case.state in ("expired", "cancelled", "declined"):
            revive(case, now)
        releasing.reached(case, release, now=now)


def revive(case: Case, now: datetime) -> None:
    """It came after all: whoever sent something is not left with nothing."""
    why = f"It was {said(case.state)}, and the goods came all the same."
    go(case, "reopened", now=now, why=why)
    go(case, "open", now=now, review=f"{why} Decide whether they are taken.")
    for unit in CaseUnit.objects.of(case.store_id).filter(case=case, state="cancelled"):
        taken = CaseUnit.objects.of(case.store_id).filter(line_id=unit.line_id, place=unit.place, is_live=True)
        if not taken.exists():
            go(unit, "expected", now=now, is_live=True)


def let_go(parcel: ReturnParcel, *, now: datetime) -> None:
    """Gives a parcel up that nobody needs any more; one that has left, or holds another live case, stays."""
    if parcel.state in _NOT_YET and all(case.is_over for case in parcel.cases):
        go(parcel, "cancelled", now=now)


def _code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))


def _sender(case: Case) -> dict[str, Any]:
    """Who got it as a gift writes it by hand where the order only knows who gave it and where they live."""
    address = case.order.shipping_address
    if case.is_gift and address.get("name", case.customer.name) in ("", case.customer.name):
        return {key: address[key] for key in ("country",) if isinstance(address.get(key), str)}
    return {"name": case.customer.name, **{key: value for key, value in address.items() if isinstance(value, str)}}


def _receiver(case: Case, settings: ReturnSettings) -> dict[str, Any]:
    """Where the policy sends it, else the shop's address for returns, else where the shop is at home."""
    named = CaseUnit.objects.of(case.store_id).filter(case=case).exclude(destination="").first()
    found = settings.destinations.get(named.destination) if named else None
    store = case.order.store
    home = {"name": store.name, "line1": store.legal_address, "country": store.country}
    return dict(found or settings.address or (home if store.legal_address else {}))
