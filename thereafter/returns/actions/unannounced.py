"""Parcels that nobody announced: taken in, found to be somebody's, or put away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.kit import pictures
from thereafter.kit.pictures import Picture
from thereafter.returns.actions.opening import Asking, Wish, open_cases
from thereafter.returns.models import Case, Photo, Remark, UnannouncedParcel
from thereafter.returns.rules.machines import CannotGo
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store


@dataclass(frozen=True, kw_only=True)
class Described:
    """What can be said of a parcel without a name: what is in it, what stands on it, where it was put."""

    text: str
    code: str = ""
    sender: str = ""
    shelf: str = ""


def take_in(store: Store, said: Described, photo: Any, *, by: Staff, now: datetime) -> UnannouncedParcel:
    """Keeps it until somebody knows whose it is; `photo` is an upload or None.

    Raises ValueError without a word of what is in it, `NotAPhoto` for what is none.
    """
    if not said.text.strip():
        raise ValueError("Write down what is in the parcel, so that it can be found again.")
    picture = pictures.read(photo) if photo else None
    return UnannouncedParcel.objects.create(
        store=store,
        code=said.code.strip()[:80],
        sender=said.sender.strip()[:200],
        text=said.text.strip()[:2_000],
        shelf=said.shelf.strip()[:60],
        photo=picture.content if picture else None,
        thumbnail=picture.thumbnail if picture else None,
        taken_by=by,
        taken_at=now,
    )


def match(parcel: UnannouncedParcel, case: Case, *, by: Staff, now: datetime) -> None:
    """It belongs to a case: photo and words go along. Raises `CannotGo` when somebody found whose it is before."""
    picture = _picture(parcel)
    with transaction.atomic():
        _match(parcel, case, picture, by, now)


def open_case(
    parcel: UnannouncedParcel, order: Order, items: Mapping[str, int], *, by: Staff, now: datetime
) -> Sequence[Case]:
    """Opens cases for what came of an order (units by line), as support would; raises `CannotOpen`, `CannotGo`."""
    wishes = [Wish(line=line, quantity=count) for line, count in items.items() if count > 0]
    picture = _picture(parcel)
    with transaction.atomic():
        asking = Asking(source=f"unannounced:{parcel.pk}", channel="support", by=by)
        made = open_cases(order, wishes, asking, now=now)
        _match(parcel, made[0], picture, by, now)
    return made


def _picture(parcel: UnannouncedParcel) -> Picture | None:
    """Outside of any transaction: it takes a moment."""
    return pictures.read(bytes(parcel.photo)) if parcel.photo else None


def _match(parcel: UnannouncedParcel, case: Case, picture: Picture | None, by: Staff, now: datetime) -> None:
    _settle(parcel, by, now, case=case, outcome=f"Belongs to {case.number}")
    said = " ".join(filter(None, (f"Came unannounced: {parcel.text}", parcel.shelf and f"(on {parcel.shelf})")))
    Remark.objects.create(store_id=case.store_id, case=case, text=said, by=by, is_internal=True, at=now)
    if picture:
        Photo.objects.create(
            store_id=case.store_id,
            case=case,
            taken_by="warehouse",
            fingerprint=picture.fingerprint,
            width=picture.width,
            height=picture.height,
            content=picture.content,
            thumbnail=picture.thumbnail,
            added_at=parcel.taken_at,
        )


@transaction.atomic
def close(parcel: UnannouncedParcel, why: str, *, by: Staff, now: datetime) -> None:
    """Nobody's, and what became of it; raises ValueError without a word."""
    if not why.strip():
        raise ValueError("Say what became of it.")
    _settle(parcel, by, now, case=None, outcome=why.strip()[:300])
    audit(parcel.store, by=by, verb="returns.close_unannounced", now=now, subject=str(parcel)[:80])


def _settle(parcel: UnannouncedParcel, by: Staff, now: datetime, *, case: Case | None, outcome: str) -> None:
    rows = UnannouncedParcel.objects.of(parcel.store_id).filter(pk=parcel.pk, settled_at=None)
    if not rows.update(settled_at=now, settled_by=by, case=case, outcome=outcome):
        raise CannotGo("Somebody saw to this parcel a moment ago. Look at it again.")
