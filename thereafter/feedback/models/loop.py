"""A bad answer that somebody of the shop looks after, until it is put right."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.feedback.models.answers import Answer
from thereafter.feedback.models.reviews import Review
from thereafter.stores.models import Staff, StoreModel


class FollowUp(StoreModel):
    """One bad answer or review, who looks after it, until when, and what came of it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WAITING = "waiting", "Waiting for the customer"
        RESOLVED = "resolved", "Resolved"
        DROPPED = "dropped", "Closed without an outcome"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, null=True, related_name="follow_up")
    answer_id: int | None
    # A review says "update my review" or tells of a defect: never opened by the stars of it alone.
    review = models.ForeignKey(Review, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    review_id: int | None
    # Why it was opened: low_score, review, by_hand.
    opened_for = models.CharField(max_length=12, default="low_score")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    owner_id: int | None
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # When a person first wrote to the customer.
    first_reply_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    closed_at = models.DateTimeField(null=True)
    # When the same question goes out once more; empty when it does not.
    ask_again_at = models.DateTimeField(null=True)
    asked_again_at = models.DateTimeField(null=True)
    # The owner and the desk were told that the time is up.
    overdue_told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "state", "due_at"], name="follow_up_due"),
            models.Index(fields=["store", "customer", "-opened_at"], name="follow_up_customer"),
            models.Index(
                fields=["ask_again_at", "id"],
                name="follow_up_again",
                condition=Q(ask_again_at__isnull=False, asked_again_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.state}"

    @property
    def is_closed(self) -> bool:
        return self.state in (self.State.RESOLVED, self.State.DROPPED)

    def is_overdue(self, now: datetime) -> bool:
        """It is the shop's turn, and the time is up; who writes back is to be answered in time too."""
        return self.state == self.State.OPEN and now > self.due_at


class FollowUpNote(StoreModel):
    """What was written to the customer, what came back, or what colleagues noted for themselves."""

    class Kind(models.TextChoices):
        NOTE = "note", "Note"
        TO_CUSTOMER = "to_customer", "To the customer"
        FROM_CUSTOMER = "from_customer", "From the customer"
        CHANGE = "change", "Change"

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    text = models.TextField()
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:40]}"
