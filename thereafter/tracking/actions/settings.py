"""Changing what a merchant has set for tracking."""

from datetime import datetime

import msgspec
from django.db import transaction

from thereafter.storefront.actions import drop_documents
from thereafter.storefront.models import OrderDocument
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.tracking.models import TrackingSettings
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules.settings import Settings


@transaction.atomic
def change_settings(store: Store, settings: Settings, *, by: Staff | None, now: datetime) -> None:
    """Keeps the settings; raises `msgspec.ValidationError` for what cannot be, and changes nothing then."""
    document = msgspec.to_builtins(settings)
    before = msgspec.to_builtins(settings_of(store))
    checked = msgspec.to_builtins(msgspec.convert(document, Settings))
    TrackingSettings.objects.update_or_create(store=store, defaults={"document": checked, "changed_at": now})
    changed = {name: [before[name], value] for name, value in checked.items() if before[name] != value}
    if changed and by is not None:
        audit(store, by=by, verb="tracking.settings", now=now, detail=changed)
    kept = OrderDocument.objects.of(store).exclude(version="")
    drop_documents(store.pk, set(kept.values_list("order_id", flat=True)))
