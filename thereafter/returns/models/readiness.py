"""How ready a shop is for returns: what each look at its pages and mails found."""

from django.db import models
from django.db.models import Q

from thereafter.stores.models import Staff, StoreModel


class ReadinessCheck(StoreModel):
    """One look. `findings` are kept as they were, so that the next look can be compared with it."""

    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    # None until the job has looked.
    done_at = models.DateTimeField(null=True)
    # A worker took it up; after a while another one may.
    taken_at = models.DateTimeField(null=True)
    # 0 to 100.
    score = models.PositiveSmallIntegerField(null=True)
    # [{"key", "state": "passed" | "failed" | "unknown", "evidence", "url"}] in the order of `rules.figures.readiness`.
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], condition=Q(done_at=None), name="one_look_at_a_time")]
        indexes = [
            models.Index(fields=["store", "-asked_at"], name="readiness_newest"),
            models.Index(fields=["asked_at"], name="readiness_due", condition=Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.score} on {self.asked_at:%Y-%m-%d}"
