"""Parcels that stand in the warehouse and that nobody announced."""

from django.db import models
from django.db.models import Q

from thereafter.returns.models.cases import Case
from thereafter.stores.models import Staff, StoreModel


class UnannouncedParcel(StoreModel):
    """What came without a code that we know: kept with a photo until somebody finds whose it is."""

    # What stood on the label or in the parcel, as far as it could be read.
    code = models.CharField(max_length=80, blank=True)
    sender = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    # Where it stands until then.
    shelf = models.CharField(max_length=60, blank=True)
    photo = models.BinaryField(null=True)
    thumbnail = models.BinaryField(null=True)
    taken_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField()
    # The case that it was found to belong to; or why it was put away without one.
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    case_id: int | None
    settled_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "taken_at"], name="unannounced_waiting", condition=Q(settled_at=None)),
            models.Index(fields=["store", "-settled_at"], name="unannounced_settled"),
        ]

    def __str__(self) -> str:
        return self.code or self.sender or self.text[:40]
