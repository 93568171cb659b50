"""A store's accounts with those who sell labels."""

from django.db import models

from thereafter.stores.models import StoreModel


class LabelAccount(StoreModel):
    """Credentials with a carrier service, and what a usual parcel is. A secret is never shown again."""

    adapter = models.CharField(max_length=20)
    sealed_credentials = models.TextField()
    # {"weight_g", "length_mm", "width_mm", "height_mm", "service"}: nobody weighs what a shopper packs.
    usual_parcel = models.JSONField(default=dict)
    # What went wrong the last time, "" when it went well.
    error = models.CharField(max_length=300, blank=True)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "adapter"], name="one_account_per_label_adapter")]

    def __str__(self) -> str:
        return self.adapter
