"""Changing what a merchant has set about writing to people."""

from datetime import datetime

import msgspec
from django.db import transaction

from thereafter.messaging.models import ContactSettings
from thereafter.messaging.queries import contact_rules
from thereafter.messaging.rules.contact_rules import ContactRules
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store


@transaction.atomic
def change_rules(store: Store, rules: ContactRules, *, by: Staff | None, now: datetime) -> None:
    """Keeps the rules; raises `msgspec.ValidationError` for what cannot be, and changes nothing then."""
    before = msgspec.to_builtins(contact_rules(store))
    checked = msgspec.to_builtins(msgspec.convert(msgspec.to_builtins(rules), ContactRules))
    ContactSettings.objects.update_or_create(store=store, defaults={"document": checked, "changed_at": now})
    changed = {name: [before[name], value] for name, value in checked.items() if before[name] != value}
    if changed and by is not None:
        audit(store, by=by, verb="messages.rules", now=now, detail=changed)
