"""Links that show a page of figures to people without a place in the console."""

from datetime import datetime

from django.db import models

from thereafter.stores.models import Staff, StoreModel


class SharedLink(StoreModel):
    """One page with its filters, for whoever holds the token, of which we keep the fingerprint.

    It dies when it is withdrawn, when its day has come, and with the right of who made it to share.
    """

    page = models.CharField(max_length=40)
    # The filters as they stand in the page's address.
    filters = models.JSONField(default=dict)
    label = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, unique=True)
    # The last letters of the token, to tell links apart.
    hint = models.CharField(max_length=8)
    made_by = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store", "-made_at"], name="shared_link_store")]

    def __str__(self) -> str:
        return self.label

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
