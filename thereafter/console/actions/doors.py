"""Keys and secrets by which machines come in, made and changed by people, written down."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store


@transaction.atomic
def make_key(store: Store, *, name: str, scopes: Sequence[str], by: Staff, now: datetime) -> str:
    """The token of a new API key, shown this once."""
    key, token = stores.make_api_key(store, name=name, scopes=scopes, now=now)
    detail: dict[str, object] = {"scopes": list(scopes)}
    stores.audit(store, by=by, verb="keys.make", now=now, subject=f"{key.name} ({key.hint})", detail=detail)
    return token


@transaction.atomic
def connect(store: Store, source: str, *, secret: str, by: Staff, now: datetime) -> str:
    """Connects a source, or gives it a new secret (the one before stays good); returns the secret it signs with."""
    secret = stores.connect(store, source, now=now, secret=secret or None)
    stores.audit(store, by=by, verb="connections.set_secret", now=now, subject=source)
    return secret
