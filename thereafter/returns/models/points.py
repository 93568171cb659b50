"""Where shoppers hand parcels in: counters of the shop and its partners, and carriers' shops."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from thereafter.stores.models import StoreModel, StoreQuerySet


class DropOffPointQuerySet(StoreQuerySet["DropOffPoint"]):
    def open(self) -> "DropOffPointQuerySet":
        return self.filter(is_active=True)

    def counters(self) -> "DropOffPointQuerySet":
        """They scan the shopper's code, and need no label."""
        return self.open().filter(is_counter=True)


class DropOffPoint(StoreModel):
    """A place that takes parcels. Rows of a table that was imported keep its `reference`, and are brought up to date
    by the next import."""

    class Kind(models.TextChoices):
        OWN = "own"
        PARTNER = "partner"
        CARRIER = "carrier"

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    carrier = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200)
    city = models.CharField(max_length=80)
    postcode = models.CharField(max_length=16)
    # Capitals and digits, as postcodes are compared.
    postcode_key = models.CharField(max_length=16)
    country = models.CharField(max_length=2)
    # Degrees; both or none.
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    opening_hours = models.TextField(blank=True)
    is_counter = models.BooleanField(default=False)
    # A new link of a counter makes the one before worthless.
    link_edition = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    # Where it came from, "" from a person, and its name there.
    source = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()

    objects: ClassVar[Any] = DropOffPointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "source", "reference"], condition=~Q(reference=""), name="a_point_is_imported_once"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="a_place_is_on_earth",
            ),
        ]
        indexes = [models.Index(fields=["store", "country", "postcode_key"], name="point_postcode")]

    def __str__(self) -> str:
        return self.name
