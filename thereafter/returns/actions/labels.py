"""Labels that adapters make: which are to be asked for, and what became of it. The network is elsewhere."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F

from thereafter.kit.money import Money
from thereafter.returns.actions import label_accounts
from thereafter.returns.actions.parcels import name_number, tell_ready
from thereafter.returns.actions.steps import go
from thereafter.returns.labels.adapter import Credentials, Label, ParcelToSend
from thereafter.returns.models import Case, LabelAccount, Remark, ReturnParcel
from thereafter.returns.rules.labelling import LEASE, next_try
from thereafter.returns.rules.machines import CannotGo

REQUESTED = "label_requested"
NO_ACCOUNT = "The account with the carrier service is gone, or has to be set up again."
NO_ADDRESS = "The shop has not said where returns go, or the shopper's address is not complete."
_NEEDED = ("line1", "city", "country")


class Errand(NamedTuple):
    """A label to be bought; `problem` says why it cannot be."""

    parcel: ReturnParcel
    credentials: Credentials
    to_send: ParcelToSend
    problem: str = ""


@transaction.atomic
def claim(now: datetime, limit: int) -> list[Errand]:
    """Takes parcels whose label is due, for the length of a lease."""
    rows = ReturnParcel.objects.filter(state=REQUESTED, due_at__lte=now).order_by("due_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    taken = list(rows.select_related("store")[:limit])
    mine = [one for one in taken if _lease(one, now)]
    accounts = {
        (account.store_id, account.adapter): account
        for account in LabelAccount.objects.filter(store__in={one.store_id for one in mine})
    }
    return [_errand(one, accounts.get((one.store_id, one.adapter))) for one in mine]


def _lease(parcel: ReturnParcel, now: datetime) -> bool:
    """Where rows cannot be locked, whoever moves the time first has it."""
    same = ReturnParcel.objects.of(parcel.store_id).filter(pk=parcel.pk, state=REQUESTED, due_at=parcel.due_at)
    if not same.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    parcel.due_at, parcel.attempts = now + LEASE, parcel.attempts + 1
    return True


def _errand(parcel: ReturnParcel, account: LabelAccount | None) -> Errand:
    credentials = label_accounts.credentials(account) if account else {}
    cases = list(parcel.cases.select_related("order", "customer").order_by("pk"))
    usual = {name: value for name, value in (account.usual_parcel if account else {}).items() if value}
    to_send = ParcelToSend(
        reference=f"thereafter-{parcel.store_id}-{parcel.code}",
        code=parcel.code,
        orders=", ".join(dict.fromkeys(case.order.number for case in cases)),
        sender=parcel.sender,
        receiver=parcel.receiver,
        email=(cases[0].email or cases[0].customer.email or "") if cases else "",
        ref=parcel.adapter_ref,
        **usual,
    )
    complete = all(address.get(name) for address in (parcel.sender, parcel.receiver) for name in _NEEDED)
    return Errand(
        parcel, credentials, to_send, "" if complete and credentials else NO_ADDRESS if credentials else NO_ACCOUNT
    )


def keep_ref(parcel: ReturnParcel, ref: str) -> bool:
    """The name by which the purchase will be found again, kept before anything is bought; False when the parcel has
    been given up meanwhile."""
    mine = ReturnParcel.objects.of(parcel.store_id).filter(pk=parcel.pk, state=REQUESTED, due_at=parcel.due_at)
    parcel.adapter_ref = ref[:120]
    return bool(mine.update(adapter_ref=parcel.adapter_ref))


@transaction.atomic
def made(parcel: ReturnParcel, label: Label, *, now: datetime) -> bool:
    """The label is there: the shopper can send the goods, and tracking follows them. False when the parcel was given up
    meanwhile, so that the label has to be given back."""
    try:
        go(
            parcel,
            "created",
            now=now,
            due_at=None,
            error="",
            label=label.content,
            label_type=label.content_type,
            adapter_ref=label.ref[:120],
            cost_minor=label.cost_minor,
            currency=label.currency[:3],
        )
    except CannotGo:
        return False
    name_number(parcel, carrier=label.carrier, number=label.tracking_number, now=now, actor="")
    tell_ready(parcel, now=now)
    label_accounts.note_work(parcel.store_id, parcel.adapter, error="", now=now)
    return True


@transaction.atomic
def put_off(parcel: ReturnParcel, why: str, *, seconds: int, now: datetime) -> None:
    """It is asked for again after a while; after the last try the shopper goes another way."""
    pause = next_try(parcel.attempts, asked_for=seconds)
    if pause is None:
        return go_another_way(parcel, why, now=now)
    mine = ReturnParcel.objects.of(parcel.store_id).filter(pk=parcel.pk, state=REQUESTED)
    mine.update(due_at=now + pause, error=why[:300])
    return None


@transaction.atomic
def go_another_way(parcel: ReturnParcel, why: str, *, now: datetime) -> None:
    """No label is to be had: the shopper gets our own and chooses a carrier, and somebody of the shop is told."""
    adapter = parcel.adapter
    method = parcel.method if parcel.method in ("label", "own_carrier") else "own_carrier"
    # Where something may have been bought, a person looks: the name of it stays.
    try:
        go(parcel, "created", now=now, why=why, due_at=None, error=why[:300], adapter="", method=method)
    except CannotGo:
        return
    text = f"No label could be made: {why} The shopper was given our own label, and pays the post unless you send one."
    if parcel.adapter_ref:
        text += f" Look whether {adapter} shows a shipment {parcel.adapter_ref}."
    for case in parcel.cases:
        Remark.objects.create(store_id=case.store_id, case=case, text=text, is_internal=True, at=now)
        Case.objects.of(case.store_id).filter(pk=case.pk, review="").update(review=text[:300], changed_at=now)
    tell_ready(parcel, now=now)


def price(parcel: ReturnParcel) -> Money | None:
    """What the label cost the shop."""
    return Money(parcel.cost_minor, parcel.currency) if parcel.cost_minor is not None and parcel.currency else None
