"""What the shoppers' pages keep: a ready document per order, and how often somebody knocked."""

from django.db import models

from thereafter.commerce.models import Order
from thereafter.stores.models import StoreModel


class OrderDocument(StoreModel):
    """All that an order's page shows, gathered when it was last asked for; the page is one read of this row.

    Whatever happens on the order raises `revision` and empties the row, so that a page that was gathered meanwhile is
    not kept. A document is good for the day it was made on.
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="+")
    order_id: int
    revision = models.PositiveIntegerField(default=0)
    # A hash of the body; "" when the row is empty.
    version = models.CharField(max_length=32, blank=True)
    body = models.TextField(blank=True)
    made_on = models.DateField(null=True)
    # The release whose templates this was gathered for.
    made_by = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"document of order {self.order_id}"


class Knock(StoreModel):
    """How often a door was tried in a stretch of time: by an address, or for one order or e-mail."""

    key = models.CharField(max_length=80)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key", "since"], name="knocks_are_counted_together")]
        indexes = [models.Index(fields=["since"], name="knock_since")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
