"""What is expected of each customer, and how it came about; renewed by night (`actions/outlooks.py`)."""

from django.db import models

from thereafter.commerce.models import Customer
from thereafter.stores.models import StoreModel


class Outlook(StoreModel):
    """A customer's past in a few figures, and their future where the shop has enough of a past to tell it.

    Numbers of orders are of days with an order: two of one day are one decision to buy.
    """

    class Churn(models.TextChoices):
        """How likely no order comes in 90 days: below a third, up to two thirds, above."""

        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    customer_id: int
    computed_at = models.DateTimeField()
    orders = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    # After refunds, in the store's currency.
    value_past_minor = models.BigIntegerField()
    # "555" and the key of the group (`rules/rfm.py`); "" where too few customers are to be ranked.
    rfm = models.CharField(max_length=3, blank=True)
    rfm_group = models.CharField(max_length=20, blank=True)
    # From here on null where the shop's past does not tell it (`OutlookFit.gates`).
    p_alive = models.FloatField(null=True)
    orders_90 = models.FloatField(null=True)
    orders_365 = models.FloatField(null=True)
    # Eight of ten customers like this one lie within low and high.
    orders_365_low = models.PositiveIntegerField(null=True)
    orders_365_high = models.PositiveIntegerField(null=True)
    value_365_minor = models.BigIntegerField(null=True)
    value_365_low_minor = models.BigIntegerField(null=True)
    value_365_high_minor = models.BigIntegerField(null=True)
    # The chance that no order comes in 90 days.
    quiet_90 = models.FloatField(null=True)
    churn = models.CharField(max_length=6, choices=Churn.choices, blank=True)
    # The days by which a quarter, a half and three quarters of customers like this one have ordered again; null where
    # that takes more than a year (two for the last).
    next_low = models.DateField(null=True)
    next_on = models.DateField(null=True)
    next_high = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "customer"], name="a_customer_has_one_outlook")]
        indexes = [models.Index(fields=["store", "churn", "-value_past_minor"], name="outlook_at_risk")]

    def __str__(self) -> str:
        return f"outlook of customer {self.customer_id}"


class OutlookFit(StoreModel):
    """The model behind a store's outlooks: `facts` is `rules/clv/facts.py: Facts`."""

    fitted_at = models.DateTimeField()
    # The last day that was learnt from, on the store's calendar.
    until = models.DateField()
    customers = models.PositiveIntegerField(default=0)
    # As many as the snapshot had: more or fewer mean that there is news.
    orders = models.PositiveBigIntegerField(default=0)
    # Whether predictions are shown; else `facts` says why not.
    is_told = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_has_one_fit")]

    def __str__(self) -> str:
        return f"fit of {self.fitted_at:%Y-%m-%d}"
