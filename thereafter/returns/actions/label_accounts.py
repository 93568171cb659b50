"""Accounts with those who sell labels: kept sealed, read when a label is bought."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db import transaction

from thereafter.commerce.connectors.wire import host_of
from thereafter.kit import tokens
from thereafter.returns.labels.adapter import Adapter
from thereafter.returns.labels.registry import ADAPTERS
from thereafter.returns.models import LabelAccount, ReturnSettings
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

LONGEST = 500


class CannotConnect(ValueError):
    """Why these credentials cannot be kept."""


@transaction.atomic
def set_account(
    store: Store, adapter: Adapter, given: Mapping[str, str], usual: Mapping[str, object], *, by: Staff, now: datetime
) -> LabelAccount:
    """Keeps credentials and what a usual parcel is; a secret that is left empty stays as it was."""
    account = LabelAccount.objects.of(store).select_for_update().filter(adapter=adapter.code).first()
    kept = _complete(adapter, given, credentials(account) if account else {})
    account = account or LabelAccount(store=store, adapter=adapter.code, created_at=now)
    account.sealed_credentials = tokens.seal(msgspec.json.encode(kept).decode())
    account.usual_parcel, account.error = dict(usual), ""
    account.save()
    audit(
        store, by=by, verb="returns.set_label_account", now=now, subject=adapter.name, detail={"fields": sorted(kept)}
    )
    return account


def _complete(adapter: Adapter, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """At another address the secrets have to be typed in anew: whoever hears there would get to know them."""
    moved = str(given.get("host", "")).strip() != before.get("host", "")
    kept = {}
    for field in adapter.fields:
        value = str(given.get(field.name, "")).strip()[:LONGEST]
        value = value or ("" if moved or not field.secret else before.get(field.name, ""))
        if field.required and not value:
            raise CannotConnect(f"{field.label} is missing.")
        if field.name == "host" and not host_of(value):
            raise CannotConnect("The address begins with https:// and the name of a host.")
        if value:
            kept[field.name] = value
    return kept


@transaction.atomic
def drop_account(account: LabelAccount, *, by: Staff, now: datetime) -> None:
    """Forgets the credentials; where its labels were used, our own are from now on."""
    ReturnSettings.objects.of(account.store_id).filter(label_adapter=account.adapter).update(label_adapter="")
    name = ADAPTERS[account.adapter].name if account.adapter in ADAPTERS else account.adapter
    store = account.store
    account.delete()
    audit(store, by=by, verb="returns.drop_label_account", now=now, subject=name)


def credentials(account: LabelAccount) -> dict[str, str]:
    """What the merchant typed in; nothing when it was sealed with another secret key of this installation."""
    try:
        return msgspec.json.decode(tokens.unseal(account.sealed_credentials), type=dict[str, str])
    except tokens.BadToken:
        return {}


def note_work(store_id: int, adapter: str, *, error: str, now: datetime) -> None:
    """Writes down whether the account worked."""
    changed: dict[str, object] = {"error": error[:300]} | ({} if error else {"used_at": now})
    LabelAccount.objects.of(store_id).filter(adapter=adapter).update(**changed)
