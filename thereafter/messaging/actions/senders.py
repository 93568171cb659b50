"""Keeping what the names of a sender's domain said."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from thereafter.messaging.models import SenderCheck
from thereafter.stores.models import Store

KEPT = 20


@transaction.atomic
def keep_check(
    store: Store, domain: str, selector: str, said: Mapping[str, tuple[str, ...] | None], now: datetime
) -> None:
    """What was asked and answered; None for what nobody answered."""
    found = {
        "selector": selector,
        "said": {name: None if one is None else list(one)[:KEPT] for name, one in said.items()},
    }
    SenderCheck.objects.update_or_create(store=store, domain=domain, defaults={"found": found, "checked_at": now})
