"""Campaigns, and who is in them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from thereafter.campaigns.rules import drawing, plans
from thereafter.campaigns.rules.plans import Plan
from thereafter.commerce.models import Customer
from thereafter.stores.models import Staff, StoreModel


class Campaign(StoreModel):
    """One message to many. `plan` says to whom, what and when; the rest is how far it is."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"
        SENDING = "sending"
        PAUSED = "paused"
        SENT = "sent"
        CANCELLED = "cancelled"

    name = models.CharField(max_length=100)
    plan = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    # When it begins; people are chosen at this moment.
    launch_at = models.DateTimeField(null=True)
    # The last customer that was looked at while people are chosen; all were when `chosen_at` is set.
    cursor = models.BigIntegerField(default=0)
    chosen_at = models.DateTimeField(null=True)
    # Chosen by the audience, but never to be written to: how many, by reason.
    left_out = models.JSONField(default=dict)
    # The throttle's next free moment.
    next_slot_at = models.DateTimeField(null=True)
    # When the test is over, and what came of it.
    decide_at = models.DateTimeField(null=True)
    winner = models.PositiveSmallIntegerField(null=True)
    winner_why = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "-created_at"], name="campaign_newest"),
            models.Index(
                fields=["launch_at", "id"], name="campaign_works", condition=Q(state__in=["scheduled", "sending"])
            ),
        ]

    RUNNING: ClassVar[tuple[str, ...]] = (State.SCHEDULED, State.SENDING, State.PAUSED)

    def __str__(self) -> str:
        return self.name

    @property
    def settings(self) -> Plan:
        return plans.read(self.plan)

    @property
    def origin(self) -> str:
        """What its messages say that they are of."""
        return f"campaign:{self.pk}"

    @property
    def is_editable(self) -> bool:
        return self.state == self.State.DRAFT

    def left_out_in_all(self) -> int:
        counts: dict[str, Any] = self.left_out
        return sum(int(count) for count in counts.values())


class Recipient(StoreModel):
    """One who was chosen: for a variant, to wait for the winner (no variant yet), or to be held out."""

    class Part(models.TextChoices):
        TEST = drawing.TEST
        REST = drawing.REST
        HELD = drawing.HELD

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+", db_index=False)
    campaign_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    part = models.CharField(max_length=4, choices=Part.choices)
    variant = models.PositiveSmallIntegerField(null=True)
    # Decides who stays when there is a most of people.
    lot = models.IntegerField()
    due_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "customer"], name="nobody_is_in_a_campaign_twice"),
            models.CheckConstraint(
                condition=~Q(part="held") | Q(queued_at=None), name="who_is_held_out_is_not_written_to"
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "due_at", "id"],
                name="recipient_waits",
                condition=Q(queued_at=None, variant__isnull=False),
            ),
            models.Index(fields=["store", "customer"], name="recipient_customer"),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id} in campaign {self.campaign_id}"
