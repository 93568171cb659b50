"""What pages and actions ask about returns."""

from thereafter.returns.models import ReturnSettings
from thereafter.stores.models import Store


def settings_of(store: Store | int) -> ReturnSettings:
    """What the store said of its returns; the defaults, unsaved, where it said nothing."""
    found = ReturnSettings.objects.of(store).first()
    return found or ReturnSettings(store_id=store if isinstance(store, int) else store.pk)
