"""The programme of a store in versions, and what was given out later for orders of the past."""

from django.db import models
from django.db.models import Q

from thereafter.stores.models import Staff, StoreModel


class Programme(StoreModel):
    """What a store's programme is now. Its row is the lock of publishing; `draft` is what the editor works on."""

    draft = models.JSONField(null=True, blank=True)
    draft_changed_at = models.DateTimeField(null=True)
    draft_by = models.CharField(max_length=150, blank=True)
    # Whether people can join by themselves.
    is_open = models.BooleanField(default=True)
    # Birthdays and anniversaries were looked after until this moment.
    days_done_until = models.DateTimeField(null=True)
    # Tiers were reviewed until this moment.
    reviewed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="one_programme_per_store")]

    def __str__(self) -> str:
        return f"programme of store {self.store_id}"


class ProgrammeVersion(StoreModel):
    """Rules as they were from a moment on. Never changed; the next version takes their place."""

    number = models.PositiveIntegerField()
    # `rules.programme.Programme.from_json` reads it and tells what is wrong with it.
    document = models.JSONField()
    # Of the document: what was read once is known by it.
    digest = models.CharField(max_length=64)
    from_at = models.DateTimeField()
    published_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "number"], name="a_version_has_its_number")]
        indexes = [models.Index(fields=["store", "-from_at", "-number"], name="programme_version_at")]

    def __str__(self) -> str:
        return f"version {self.number}"


class Backfill(StoreModel):
    """Points given later for orders of the past, once per name; the preview and the deed are the same reckoning."""

    key = models.CharField(max_length=60)
    rule = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    orders = models.PositiveIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="a_backfill_is_done_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="a_backfill_has_a_window"),
        ]

    def __str__(self) -> str:
        return self.key
