"""Where returns go, and who makes their labels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.returns.labels.registry import ADAPTERS
from thereafter.returns.models import LabelAccount, ReturnSettings
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

LONGEST_NAME = 80


class CannotChoose(ValueError):
    """Why labels cannot be made so; the text says what to do first."""


@transaction.atomic
def set_address(store: Store, address: Mapping[str, str], *, by: Staff, now: datetime) -> None:
    """Where returns go unless the policy names another destination."""
    _change(store, by, now, address=_given(address))


@transaction.atomic
def set_destination(
    store: Store, name: str, address: Mapping[str, str], *, before: str = "", by: Staff, now: datetime
) -> None:
    """A destination that policies may name; `before` is its name until now. Parcels on their way keep their address."""
    known = {key: value for key, value in _locked(store, now).destinations.items() if key != before}
    _change(store, by, now, destinations={**known, name.strip()[:LONGEST_NAME]: _given(address)})


@transaction.atomic
def drop_destination(store: Store, name: str, *, by: Staff, now: datetime) -> None:
    """Policies that name it send to the usual address from now on."""
    known = _locked(store, now).destinations
    _change(store, by, now, destinations={key: value for key, value in known.items() if key != name})


@transaction.atomic
def choose_labels(store: Store, adapter: str, *, by: Staff, now: datetime) -> None:
    """Who makes labels from now on; "" is our own. Raises `CannotChoose`."""
    if adapter and adapter not in ADAPTERS:
        raise CannotChoose("Nobody of this name makes labels.")
    if adapter and not LabelAccount.objects.of(store).filter(adapter=adapter).exists():
        raise CannotChoose(f"Connect {ADAPTERS[adapter].name} first.")
    if adapter and not _locked(store, now).address:
        raise CannotChoose("Say first where returns go: a carrier needs the address.")
    _change(store, by, now, label_adapter=adapter)


def _given(address: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in address.items() if value}


def _locked(store: Store, now: datetime) -> ReturnSettings:
    ReturnSettings.objects.get_or_create(store=store, defaults={"changed_at": now})
    row: ReturnSettings = ReturnSettings.objects.of(store).select_for_update().get()
    return row


def _change(store: Store, by: Staff, now: datetime, **fields: Any) -> None:
    held = _locked(store, now)
    changed = {name: [getattr(held, name), value] for name, value in fields.items() if getattr(held, name) != value}
    if changed:
        ReturnSettings.objects.of(store).update(**fields, changed_at=now)
        audit(store, by=by, verb="returns.ways", now=now, subject=store.name, detail=changed)
