"""What a merchant has set for tracking."""

from django.db import models

from thereafter.stores.models import StoreModel


class TrackingSettings(StoreModel):
    """One row per store that changed anything; `document` is a `rules.settings.Settings`."""

    document = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="one_tracking_settings_per_store")]

    def __str__(self) -> str:
        return f"tracking settings of store {self.store_id}"
