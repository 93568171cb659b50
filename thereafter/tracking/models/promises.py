"""How long deliveries take, and what shoppers were told."""

from django.db import models

from thereafter.commerce.models import Order
from thereafter.stores.models import StoreModel
from thereafter.tracking.models.parcels import Parcel


class Promise(StoreModel):
    """What the shopper was told at a time. Rows are only added: the promise stays, estimates follow."""

    class Source(models.TextChoices):
        SHOP = "shop"
        CARRIER = "carrier"
        LIGHTGBM = "lightgbm"
        LANE = "lane"
        CALENDAR = "calendar"
        DEFAULT = "default"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    order_id: int
    # The parcel that a later estimate is of; the promise is of the order.
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    parcel_id: int | None
    # 0 is the promise; what follows are later estimates.
    sequence = models.PositiveSmallIntegerField(default=0)
    promised_on = models.DateField()
    expected_from = models.DateField()
    expected_to = models.DateField()
    likely_on = models.DateField(null=True)
    # The share of parcels that come within the range, as it was aimed at.
    coverage = models.FloatField(null=True)
    # Why it was made: placed, scan, silence, carrier.
    cause = models.CharField(max_length=8, default="placed")
    source = models.CharField(max_length=8, choices=Source.choices)
    lane = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "sequence"], name="a_promise_is_made_once")]

    def __str__(self) -> str:
        return f"by {self.promised_on}"


class ForecastTable(StoreModel):
    """What was learnt from a store's deliveries by one kind of model, and how well it did on the store's own past."""

    kind = models.CharField(max_length=10)
    # What the model's own `to_json` gave.
    body = models.TextField()
    # The back-test: MAE, coverage, width, pinball; of alerts precision, recall and lead by threshold.
    report = models.JSONField(default=dict)
    # The one that predictions are made with.
    chosen = models.BooleanField(default=False)
    fitted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "kind"], name="a_model_is_kept_once")]

    def __str__(self) -> str:
        return self.kind
