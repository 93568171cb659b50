"""The people on their way through a journey."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.journeys.models.journeys import Journey, JourneyVersion
from thereafter.stores.models import StoreModel


class Run(StoreModel):
    """One customer on their way through one version. `node` is the step that comes next, `due_at` when."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        STOPPED = "stopped"

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey_id: int
    version = models.ForeignKey(JourneyVersion, on_delete=models.RESTRICT, related_name="+", db_index=False)
    version_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    # What the run is for; nobody enters a journey twice for the same thing.
    entry_key = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    node = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    # The step where the run sleeps, and in plain words why.
    asleep_at = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "entry_key"], name="an_entry_is_one_run")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="run_due", condition=Q(state="waiting")),
            models.Index(fields=["journey", "state", "asleep_at"], name="run_counts"),
            models.Index(fields=["journey", "-started_at"], name="run_newest"),
            models.Index(fields=["store", "customer"], name="run_customer"),
            models.Index(fields=["store", "order"], name="run_order"),
            models.Index(fields=["version"], name="run_version"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_key} ({self.state})"


class Passage(StoreModel):
    """How many went through a step in one batch. Rows are only added, so that workers never wait for a counter."""

    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    version_id: int
    step = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["version", "step", "count"], name="passage_counts")]

    def __str__(self) -> str:
        return f"{self.count} through {self.step}"
