"""A store's accounts with carriers, when to ask them, and what it taught us of their words."""

from django.db import models
from django.db.models import Q

from thereafter.stores.models import Staff, StoreModel
from thereafter.tracking.models.parcels import Parcel


class CarrierAccount(StoreModel):
    """A store's credentials with a carrier or aggregator, for asking it."""

    adapter = models.CharField(max_length=40)
    sealed_credentials = models.TextField()
    sealed_token = models.TextField(blank=True)
    token_until = models.DateTimeField(null=True)
    # Not asked before this: the carrier's pace, or a rest after it refused us.
    rests_until = models.DateTimeField(null=True)
    # What went wrong the last time, "" when it went well.
    error = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "adapter"], name="one_account_per_carrier")]

    def __str__(self) -> str:
        return self.adapter


class PollPlan(StoreModel):
    """When to ask for a parcel next. It expires when the carrier is silent for long, and can be revived."""

    parcel = models.OneToOneField(Parcel, on_delete=models.CASCADE, related_name="+")
    parcel_id: int
    adapter = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    # How often in a row it had nothing new.
    quiet = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    expired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "adapter", "due_at"], name="poll_due", condition=Q(expired_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"ask {self.adapter} at {self.due_at}"


class CarrierCode(StoreModel):
    """A code that no adapter knows, as this store saw it, and what a person of the store said that it means."""

    source = models.CharField(max_length=40)
    carrier_key = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=80)
    text = models.CharField(max_length=300, blank=True)
    seen = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    status = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    # Mapped to "means nothing": it is known and moves no parcel.
    mapped_at = models.DateTimeField(null=True)
    # It was decided upon, and not all stored scans that have it say so yet.
    pending = models.BooleanField(default=False)
    mapped_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source", "carrier_key", "code"], name="a_code_is_listed_once")
        ]
        indexes = [
            models.Index(fields=["store", "-last_seen_at"], name="code_unmapped", condition=Q(mapped_at=None)),
            models.Index(fields=["id"], name="code_pending", condition=Q(pending=True)),
        ]

    def __str__(self) -> str:
        return self.code


class NumberChoice(StoreModel):
    """Which carrier numbers of a shape are of, as a person of the store corrected it."""

    shape = models.CharField(max_length=80)
    carrier = models.CharField(max_length=60)
    chosen_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "shape"], name="a_shape_is_learnt_once")]

    def __str__(self) -> str:
        return f"{self.shape}: {self.carrier}"
