"""A store's return policies: each version is kept, because cases are decided by the one they were asked under."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from thereafter.stores.models import Staff, StoreModel, StoreQuerySet


class PolicyVersionQuerySet(StoreQuerySet["PolicyVersion"]):
    def published(self) -> "PolicyVersionQuerySet":
        return self.filter(published_at__isnull=False).order_by("-number")


class PolicyVersion(StoreModel):
    """A policy as a document (docs/return-policies.md). Published ones never change; at most one is a draft."""

    # 1, 2, 3 in the order of publishing; 0 is the draft.
    number = models.PositiveIntegerField(default=0)
    document = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    saved_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = PolicyVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="one_policy_of_each_number"),
            models.CheckConstraint(
                condition=Q(number=0, published_at__isnull=True) | Q(number__gt=0, published_at__isnull=False),
                name="only_a_draft_has_no_number",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}" if self.number else "draft"
