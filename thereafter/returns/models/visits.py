"""A shopper who is on the way through the portal: what was chosen so far, so that going back loses nothing."""

from django.db import models

from thereafter.commerce.models import Order
from thereafter.stores.models import StoreModel


class Visit(StoreModel):
    """From the first choice of items to the cases that were made of it. Opened by a signed link only."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    order_id: int
    # Names the visit: its photos belong to it, and its cases are made once by it.
    key = models.CharField(max_length=32)
    is_gift = models.BooleanField(default=False)
    # Where to write instead of the buyer's address.
    email = models.CharField(max_length=254, blank=True)
    locale = models.CharField(max_length=10, blank=True)
    # [{"line", "quantity", "reason", "note", "unsealed"}] by the order lines' own ids.
    items = models.JSONField(default=list)
    # Whether each item gets an outcome of its own, and what was chosen: {place of the bundle: {"outcome", "goods"}}.
    apart = models.BooleanField(default=False)
    choices = models.JSONField(default=dict)
    method = models.CharField(max_length=12, blank=True)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_visit_has_its_own_key")]
        indexes = [models.Index(fields=["begun_at"], name="visit_begun")]

    def __str__(self) -> str:
        return f"visit of order {self.order_id}"

    @property
    def source(self) -> str:
        """What its cases come from."""
        return f"visit:{self.key}"
