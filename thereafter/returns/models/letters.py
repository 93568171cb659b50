"""Mails about cases to somebody who is not the order's customer: who got a gift, or left an address of their own."""

from django.db import models
from django.db.models import Q

from thereafter.returns.models.cases import Case
from thereafter.stores.models import StoreModel


class CaseLetter(StoreModel):
    """One thing to tell, told once. It stands on nobody's timeline: the buyer of a gift must not find it there."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="letters")
    case_id: int
    template = models.CharField(max_length=40)
    # What it tells of: the event, as it is told.
    event = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_case_letter_is_written_once")]
        indexes = [models.Index(fields=["due_at"], name="case_letter_due", condition=Q(state="queued"))]

    def __str__(self) -> str:
        return self.key
