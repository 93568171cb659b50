"""What the shop lays into its parcels."""

from django.db import models

from thereafter.stores.models import StoreModel


class InsertSettings(StoreModel):
    """One row per store that changed anything; `document` is a `rules.inserts.InsertPlan`."""

    document = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="one_insert_settings_per_store")]

    def __str__(self) -> str:
        return f"inserts of store {self.store_id}"
