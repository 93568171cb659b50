"""Journeys, and the documents that were published of them."""

from django.db import models

from thereafter.stores.models import StoreModel


class Journey(StoreModel):
    """A named journey of a shop. What it does stands in its versions; `version` is the one that new people enter."""

    key = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    live = models.BooleanField(default=False)
    version = models.ForeignKey("JourneyVersion", on_delete=models.SET_NULL, null=True, related_name="+")
    version_id: int | None
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_journey_has_its_own_key")]

    def __str__(self) -> str:
        return self.name


class JourneyVersion(StoreModel):
    """A document as it was published: never changed, so that whoever is on the way keeps the journey they entered."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey_id: int
    number = models.PositiveIntegerField()
    trigger = models.CharField(max_length=64)
    document = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="a_version_has_its_own_number")]

    def __str__(self) -> str:
        return f"version {self.number}"
