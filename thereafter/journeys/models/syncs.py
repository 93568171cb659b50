"""Addresses of programs that keep their copy of a segment in step with ours."""

from django.db import models

from thereafter.commerce.models import Customer
from thereafter.journeys.models.segments import Segment
from thereafter.stores.models import StoreModel


class SegmentSync(StoreModel):
    """A program that is told who comes into a segment and who leaves it, a signed call for up to 500 people.

    What it was told is kept as `SegmentTold`; whatever differs from who is in the segment is told next, so a call that
    was lost, a server that was down for a day and a segment that was edited all end in the same copy.
    """

    class State(models.TextChoices):
        ON = "on"
        # It refused, or did not answer for too long; somebody has to look.
        STOPPED = "stopped"

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    segment_id: int
    url = models.CharField(max_length=500)
    state = models.CharField(max_length=7, choices=State.choices, default=State.ON)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    # Number of the next call, and what it says while it waits for an answer: a repeat has the same id and people.
    calls = models.PositiveIntegerField(default=0)
    open_call = models.JSONField(null=True)
    told_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "url"], name="a_program_is_told_once")]
        indexes = [models.Index(fields=["due_at"], name="sync_due", condition=models.Q(state="on"))]

    def __str__(self) -> str:
        return self.url


class SegmentTold(StoreModel):
    """Somebody whom the program has in its copy."""

    sync = models.ForeignKey(SegmentSync, on_delete=models.CASCADE, related_name="+", db_index=False)
    sync_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    customer_id: int

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sync", "customer"], name="a_person_is_in_a_copy_once")]

    def __str__(self) -> str:
        return f"customer {self.customer_id}"
