"""Journeys, and the documents that were published of them."""

from django.db import models

from thereafter.stores.models import StoreModel


class Journey(StoreModel):
    """A named journey of a shop. What it does stands in its versions; `version` is the one that new people enter.

    `live` lets people in. While `paused_at` is set nobody in it moves. `archived_at` puts it away for good.
    """

    key = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    live = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    version = models.ForeignKey("JourneyVersion", on_delete=models.SET_NULL, null=True, related_name="+")
    version_id: int | None
    # What is being written, sound or not; None when there is nothing beyond the published version.
    draft = models.JSONField(null=True)
    drafted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_journey_has_its_own_key")]

    def __str__(self) -> str:
        return self.name


class JourneyVersion(StoreModel):
    """A document as it was published, so that whoever is on the way keeps the journey they entered.

    Its structure is never changed; contents may be mended (another template in the same place). `digest` is of the
    document as it is.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey_id: int
    number = models.PositiveIntegerField()
    # The name of the event that lets people in.
    trigger = models.CharField(max_length=64)
    document = models.JSONField()
    digest = models.CharField(max_length=32, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="a_version_has_its_own_number")]

    def __str__(self) -> str:
        return f"version {self.number}"


class Stuck(StoreModel):
    """People of a journey whom the last sweep found standing where they should have moved; `kind` says how."""

    class Kind(models.TextChoices):
        OVERDUE = "overdue"
        FAILING = "failing"
        # Waited with nothing to wake them; the sweep gave them their clock back.
        UNTIMED = "untimed"

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey_id: int
    kind = models.CharField(max_length=8, choices=Kind.choices)
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "kind"], name="one_finding_per_journey_and_kind")]

    def __str__(self) -> str:
        return f"{self.count} {self.kind}"
