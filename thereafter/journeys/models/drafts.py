"""What was done to a journey's draft, so that it can be undone."""

from typing import Any

from django.db import models

from thereafter.journeys.models.journeys import Journey
from thereafter.stores.models import Staff, StoreModel


class DraftEdit(StoreModel):
    """One change of a draft: the document before and after it. Undone ones can be done again until the next change.

    `before` is None when the first change was made to the published version.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey_id: int
    before: Any = models.JSONField(null=True)
    after: Any = models.JSONField()
    # What was done, as people say it: "Added “Wait 1 day”". Changes with the same mark soon after are one.
    did = models.CharField(max_length=120)
    mark = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    by_id: int | None
    at = models.DateTimeField()
    undone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["journey", "undone", "-id"], name="draft_edits")]

    def __str__(self) -> str:
        return self.did
