"""A store's accounts with carriers: connected, given new credentials, disconnected. A secret is never shown again."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db import transaction

from thereafter.kit import tokens
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.tracking.actions.planning import stop_asking
from thereafter.tracking.carriers.adapter import Adapter, Credentials, Field, Poll
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.models import CarrierAccount, PollPlan

LONGEST = 4_000
# Every carrier may be asked elsewhere: at its sandbox, or through a proxy of the merchant's own.
HOST = Field(
    "host",
    "Another address",
    "Only for the carrier's sandbox or a proxy of yours: https:// and a host name. Leave it empty to ask the carrier.",
    secret=False,
    required=False,
)


class CannotConnect(ValueError):
    """Why these credentials cannot be kept."""


def asked_of(code: str) -> tuple[Adapter, Poll]:
    """The adapter, and how it is asked. Raises `CannotConnect` for what cannot be asked."""
    adapter = ADAPTERS.get(code)
    if adapter is None or adapter.poll is None:
        raise CannotConnect("This carrier cannot be asked: it only sends.")
    return adapter, adapter.poll


@transaction.atomic
def connect(store: Store, code: str, given: Mapping[str, str], *, by: Staff, now: datetime) -> CarrierAccount:
    """Connects a carrier, or replaces its credentials; a secret that is left empty stays as it was."""
    adapter, poll = asked_of(code)
    account = CarrierAccount.objects.of(store).select_for_update().filter(adapter=code).first()
    before = _still_good(credentials_of(account), given) if account else {}
    kept = _complete([*poll.fields, HOST], given, before)
    verb = "tracking.replace_credentials" if account else "tracking.connect_carrier"
    account = account or CarrierAccount(store=store, adapter=code, created_at=now)
    account.sealed_credentials = tokens.seal(msgspec.json.encode(kept).decode())
    account.sealed_token, account.token_until = "", None
    account.rests_until, account.error, account.failures = None, "", 0
    account.save()
    audit(store, by=by, verb=verb, now=now, subject=adapter.name, detail={"fields": sorted(kept)})
    return account


def _still_good(before: Credentials, given: Mapping[str, str]) -> Credentials:
    """At another address the secrets have to be typed in anew: whoever hears there would get to know them."""
    same = str(given.get(HOST.name, "")).strip() == before.get(HOST.name, "")
    return before if same else {}


def _complete(fields: list[Field], given: Mapping[str, str], before: Credentials) -> dict[str, str]:
    kept = {}
    for field in fields:
        value = str(given.get(field.name, "")).strip()[:LONGEST]
        value = value or (before.get(field.name, "") if field.secret else "")
        if field.required and not value:
            raise CannotConnect(f"{field.label} is missing. At another address it has to be typed in anew.")
        if value:
            kept[field.name] = value
    return kept


@transaction.atomic
def disconnect(account: CarrierAccount, *, by: Staff, now: datetime) -> None:
    """Forgets the credentials; parcels that were asked of it are no longer, or of another from the next minute on."""
    stop_asking(PollPlan.objects.of(account.store_id).filter(adapter=account.adapter), why="staff", now=now)
    account.delete()
    named = ADAPTERS[account.adapter].name if account.adapter in ADAPTERS else account.adapter
    audit(account.store, by=by, verb="tracking.disconnect_carrier", now=now, subject=named)


def credentials_of(account: CarrierAccount) -> dict[str, str]:
    """What the merchant typed in. Raises `tokens.BadToken` when the installation's secret key has changed."""
    return msgspec.json.decode(tokens.unseal(account.sealed_credentials), type=dict[str, str])


def token_of(account: CarrierAccount, now: datetime) -> str:
    """The token that was got with them, while it is good."""
    if not account.sealed_token or account.token_until is None or account.token_until <= now:
        return ""
    return tokens.unseal(account.sealed_token)
