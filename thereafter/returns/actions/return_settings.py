"""What a shop says of its returns besides the policy."""

from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.returns.models import ReturnSettings
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store

EDITABLE = (
    "next_number", "next_credit_note", "number_prefix", "send_within_days", "remind_days", "informs_of_withdrawal",
    "tells_of_postage", "credit_days", "words", "instant_exchange", "hold_days", "hold_kind",
)  # fmt: skip
_COUNTED = ("next_number", "next_credit_note")


class NumberIsGiven(ValueError):
    """A number that may have been given already; the text says from where on one can go."""


@transaction.atomic
def change_settings(store: Store, *, by: Staff, now: datetime, **fields: Any) -> None:
    """Changes what is EDITABLE and writes down what was before. Raises `NumberIsGiven` for a number that would be given
    twice, TypeError for other fields."""
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    ReturnSettings.objects.get_or_create(store=store, defaults={"changed_at": now})
    held = ReturnSettings.objects.of(store).select_for_update().get()
    for name in _COUNTED:
        if fields.get(name, getattr(held, name)) < getattr(held, name):
            raise NumberIsGiven(f"Numbers up to {getattr(held, name) - 1} are given; go on from {getattr(held, name)}.")
    before = {name: getattr(held, name) for name in fields}
    changed = {name: [before[name], value] for name, value in fields.items() if before[name] != value}
    if changed:
        ReturnSettings.objects.of(store).update(**fields, changed_at=now)
        stores.audit(store, by=by, verb="returns.settings", now=now, subject=store.name, detail=changed)
