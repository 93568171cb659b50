"""Who wants the weekly summary by mail, and which were sent."""

from django.db import models
from django.db.models import Q

from thereafter.stores.models import Staff, StoreModel


class SummaryReader(StoreModel):
    """A person who gets a store's summary every week."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "staff"], name="one_summary_per_person_and_store")]

    def __str__(self) -> str:
        return f"staff {self.staff_id} of store {self.store_id}"


class SummarySent(StoreModel):
    """One mail, written down before it goes: who dies in between sends none twice."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        # Nothing to tell, or the person may not be told any more.
        SKIPPED = "skipped"

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    # The Monday with which the week it tells of began.
    week = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    detail = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "week", "staff"], name="one_summary_per_week_and_person"),
        ]
        indexes = [models.Index(fields=["due_at"], name="summary_due", condition=Q(state__in=["queued", "sending"]))]

    def __str__(self) -> str:
        return f"week of {self.week}: {self.state}"
