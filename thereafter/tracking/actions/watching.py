"""What the people of a shop do about what is on the watch list: hand it to a colleague, write to shoppers, claim."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import OrderLine
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.stores.actions import audit
from thereafter.stores.models import Membership, Staff, Store
from thereafter.tracking.actions.flags import clear_flag
from thereafter.tracking.models import CarrierClaim, Flag, Parcel, ParcelItem
from thereafter.tracking.watching import Watched

NOTE = "note"
LONGEST_NOTE, LONGEST_SUBJECT = 2_000, 120


class NotPossible(ValueError):
    """What was asked cannot be done; the text says why and what to do."""


@transaction.atomic
def assign(store: Store, rows: Sequence[Watched], to: Staff | None, *, by: Staff, now: datetime) -> int:
    """Hands rows to a colleague, or to nobody; returns how many."""
    if to is not None and not Membership.objects.of(store).filter(staff=to).exists():
        raise NotPossible("Choose a colleague who works in this shop.")
    Flag.objects.of(store).filter(pk__in=[flag.pk for row in rows for flag in row.flags]).update(assigned_to=to)
    audit(store, by=by, verb="tracking.assign", now=now, detail=_names(rows) | {"to": to.name if to else ""})
    return len(rows)


@transaction.atomic
def see_to(store: Store, rows: Sequence[Watched], *, by: Staff, now: datetime) -> int:
    """Takes rows off the list; what goes wrong with them anew comes back. Returns how many."""
    parcels = Parcel.objects.of(store).filter(pk__in=[row.parcel.pk for row in rows if row.parcel])
    # In one order, as workers with scans of them do, so that nobody waits for each other.
    list(parcels.order_by("pk").select_for_update().values_list("pk"))
    for row in rows:
        for flag in row.flags:
            clear_flag(flag, by=by, now=now)
    audit(store, by=by, verb="tracking.seen_to", now=now, detail=_names(rows))
    return len(rows)


def _names(rows: Sequence[Watched]) -> dict[str, object]:
    return {"rows": [str(row.parcel or row.order) for row in rows]}


@transaction.atomic
def write_to(store: Store, rows: Sequence[Watched], subject: str, text: str, *, by: Staff, now: datetime) -> int:
    """Sends the shopper of each order one message in the shop's look; returns how many were queued. The same text is
    sent to an order once a day, however often the button is pressed."""
    subject = subject.strip()[:LONGEST_SUBJECT]
    paragraphs = [line.strip() for line in text[:LONGEST_NOTE].splitlines() if line.strip()]
    if not subject or not paragraphs:
        raise NotPossible("Write a subject and a text.")
    orders = {row.order.pk: row.order for row in rows}
    said = hashlib.blake2b("\n".join((subject, *paragraphs)).encode(), digest_size=8).hexdigest()
    facts = {"event": {"subject": subject, "paragraphs": paragraphs}}
    send_many(
        [
            SendRequest(
                store_id=store.pk,
                customer_id=order.customer_id,
                order_id=order.pk,
                template=NOTE,
                key=f"note:{order.pk}:{now:%Y%m%d}:{said}",
                due_at=now,
                facts=facts,
            )
            for order in orders.values()
        ],
        now,
    )
    audit(store, by=by, verb="tracking.message", now=now, detail={"subject": subject, "orders": len(orders)})
    return len(orders)


@transaction.atomic
def claim(store: Store, rows: Sequence[Watched], reason: str, *, by: Staff, now: datetime) -> int:
    """Opens a claim against the carrier for each parcel that has none for this reason yet; returns how many are new.
    The amount is what the shopper paid for the parcel's items, and can be changed until it is filed."""
    parcels = {row.parcel.pk: row.parcel for row in rows if row.parcel is not None}
    if not parcels:
        raise NotPossible("A claim is about a parcel: none of these orders has one yet.")
    known = CarrierClaim.objects.of(store).filter(parcel__in=parcels, reason=reason).values_list("parcel_id", flat=True)
    fresh = [parcel for pk, parcel in parcels.items() if pk not in set(known)]
    worth = worth_of(store, fresh)
    CarrierClaim.objects.bulk_create(
        [
            CarrierClaim(
                store=store,
                parcel=parcel,
                reason=reason,
                amount_minor=worth[parcel.pk],
                currency=parcel.order.currency,
                opened_by=by,
                opened_at=now,
                changed_at=now,
            )
            for parcel in fresh
        ],
        ignore_conflicts=True,
    )
    detail = {"reason": reason, "parcels": [str(parcel) for parcel in fresh]}
    audit(store, by=by, verb="tracking.claim", now=now, detail=detail)
    return len(fresh)


def worth_of(store: Store, parcels: Sequence[Parcel]) -> Mapping[int, int]:
    """What was paid for what is in each parcel, in minor units; of a parcel whose items nobody told, the order's."""
    items = ParcelItem.objects.of(store).filter(parcel__in=parcels).select_related("line")
    packed: dict[int, int] = {}
    for item in items:
        share = item.line.total_minor * item.quantity // max(item.line.quantity, 1)
        packed[item.parcel_id] = packed.get(item.parcel_id, 0) + share
    whole: dict[int, int] = {}
    for line in OrderLine.objects.of(store).filter(order__in={parcel.order_id for parcel in parcels}):
        whole[line.order_id] = whole.get(line.order_id, 0) + line.total_minor
    return {parcel.pk: packed.get(parcel.pk, whole.get(parcel.order_id, 0)) for parcel in parcels}


@transaction.atomic
def change_claim(
    found: CarrierClaim, *, state: str, reference: str, amount_minor: int, by: Staff, now: datetime
) -> None:
    """Writes down how a claim stands."""
    if state not in CarrierClaim.State.values:
        raise NotPossible("Choose open, filed, paid or denied.")
    if amount_minor < 0:
        raise NotPossible("Give an amount that is not negative.")
    before = {"state": found.state, "reference": found.reference, "amount_minor": found.amount_minor}
    after = {"state": state, "reference": reference.strip()[:80], "amount_minor": amount_minor}
    CarrierClaim.objects.of(found.store_id).filter(id=found.pk).update(**after, changed_at=now)
    detail = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    audit(found.store, by=by, verb="tracking.claim", subject=str(found.parcel), now=now, detail=detail)
