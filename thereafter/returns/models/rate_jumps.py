"""Products that come back more than they did, as the daily comparison found."""

from django.db import models

from thereafter.commerce.models import Product
from thereafter.stores.models import Staff, StoreModel


class RateJump(StoreModel):
    """A product's newest full weeks against its own earlier ones. Units that were delivered, and of them those that
    came back; kept as they were when it was found."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    # The newest weeks, by their first and last day of delivery.
    first_on = models.DateField()
    last_on = models.DateField()
    delivered = models.PositiveIntegerField()
    returned = models.PositiveIntegerField()
    # The weeks before it was compared with.
    before_delivered = models.PositiveIntegerField()
    before_returned = models.PositiveIntegerField()
    # The chance of so much by luck alone, among all products of that day.
    p_value = models.FloatField()
    # The most frequent reason of the newest weeks, and how many units gave it.
    reason = models.CharField(max_length=24, blank=True)
    reason_units = models.PositiveIntegerField(default=0)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "product", "last_on"], name="a_jump_is_told_once_for_its_weeks")
        ]
        indexes = [models.Index(fields=["store", "-found_at"], name="rate_jump_newest")]

    def __str__(self) -> str:
        return f"{self.returned} of {self.delivered} until {self.last_on}"

    @property
    def rate(self) -> float:
        return self.returned / self.delivered

    @property
    def rate_before(self) -> float:
        return self.before_returned / self.before_delivered
