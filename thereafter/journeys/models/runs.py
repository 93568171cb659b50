"""The people on their way through a journey."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.journeys.models.journeys import Journey, JourneyVersion
from thereafter.kit import clock
from thereafter.stores.models import StoreModel


class Run(StoreModel):
    """One customer on their way through one version. `node` is the step that comes next, `due_at` when.

    Nothing that changes while a run moves on stands in an index (but `waits_for`), so that PostgreSQL writes the row
    alone (HOT); what wakes it is its `Timer`, and how many are where is counted by `Passage`.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        STOPPED = "stopped"
        # Met the trigger and was held out, to be compared with; never sent anything.
        HELD = "held"

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey_id: int
    version = models.ForeignKey(JourneyVersion, on_delete=models.RESTRICT, related_name="+", db_index=False)
    version_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    # What the run is for; nobody is in a journey twice for the same thing. `turn` counts how often they came.
    entry_key = models.CharField(max_length=80)
    turn = models.PositiveSmallIntegerField(default=1)
    # What started it, and when that happened.
    facts = models.JSONField(default=dict)
    happened_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    node = models.CharField(max_length=40)
    # How often somebody of the shop put the run on a step again; those steps then do their work once more.
    visit = models.PositiveSmallIntegerField(default=1)
    # Until when it sleeps.
    due_at = models.DateTimeField()
    # The step where the run sleeps, in plain words why, and the event that wakes it.
    asleep_at = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=200, blank=True)
    waits_for = models.CharField(max_length=64, blank=True)
    # Since when it is at the step where it is: events from then on wake it.
    entered_at = models.DateTimeField(default=clock.now)
    # Whether it ever fell asleep: then the log was told of it, and will be told when it ends.
    slept = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["journey", "entry_key", "turn"], name="an_entry_is_one_run"),
        ]
        indexes = [
            models.Index(fields=["journey", "-started_at"], name="run_newest"),
            models.Index(fields=["store", "customer"], name="run_customer"),
            models.Index(fields=["store", "order"], name="run_order", condition=Q(order__isnull=False)),
            models.Index(fields=["version"], name="run_version"),
            models.Index(fields=["waits_for", "customer"], name="run_waits_for", condition=~Q(waits_for="")),
        ]

    def __str__(self) -> str:
        return f"{self.entry_key} ({self.state})"


class Timer(models.Model):
    """When the engine looks at a waiting run next. Written in the transaction that puts the run to sleep.

    A narrow table of its own, so that a step moves two small index entries instead of all those of the run.
    """

    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="timer"
    )
    run_id: int
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at", "run"], name="timer_due")]

    def __str__(self) -> str:
        return f"{self.run_id} at {self.due_at:%Y-%m-%d %H:%M}"


class Passage(StoreModel):
    """How many went from a step `to` another in one batch. Rows are only added, so that workers never wait for a
    counter; a job adds them up. From "" people enter; they leave to `@done`, `@stopped`, `@held`, `@moved`.
    """

    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    version_id: int
    step = models.CharField(max_length=40, blank=True)
    to = models.CharField(max_length=40, blank=True)
    count = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["version", "step", "to", "count"], name="passage_counts")]

    def __str__(self) -> str:
        return f"{self.count} from {self.step} to {self.to}"
