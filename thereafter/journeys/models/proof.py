"""What a journey brought about: goals that were reached, and ways of a split that won."""

from django.db import models

from thereafter.commerce.models import Customer
from thereafter.journeys.models.journeys import Journey, JourneyVersion
from thereafter.journeys.models.runs import Run
from thereafter.stores.models import StoreModel


class Conversion(StoreModel):
    """The goal of a journey, reached by one who is (or was) in it, or who is held out of it."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    journey_id: int
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_index=False)
    run_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    # What happened, such as "order.placed:17": told twice it is still one.
    event = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "event"], name="a_goal_is_reached_once_by_an_event")]
        indexes = [
            models.Index(fields=["journey", "at"], name="conversion_journey"),
            models.Index(fields=["store", "customer"], name="conversion_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.event} at {self.at:%Y-%m-%d %H:%M}"


class SplitWinner(StoreModel):
    """The way of a random split that beat the others: from then on everybody takes it."""

    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    version_id: int
    step = models.CharField(max_length=40)
    way = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "step"], name="a_split_has_one_winner")]

    def __str__(self) -> str:
        return f"{self.way} of {self.step}"
