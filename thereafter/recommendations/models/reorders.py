"""When each customer will want each product again, what is usual of a product, and how well this was known before."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from thereafter.commerce.models import Customer, Order, Product, Variant
from thereafter.stores.models import StoreModel


class Reorder(StoreModel):
    """A customer and a product they are expected to order again, counted from the last time they bought it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Not reminded yet"
        TOLD = "told", "Reminded"
        ORDERED = "ordered", "Ordered again"
        SNOOZED = "snoozed", "Asked for later"
        STOPPED = "stopped", "No more reminders"

    class Why(models.TextChoices):
        """Why reminders stopped, or why nobody is told of this purchase."""

        SHOPPER = "shopper", "the customer asked for it"
        SUBSTITUTE = "substitute", "they bought something in its place"
        LATE = "late", "its time had begun before we knew of it"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    # As it was bought last.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    order_id: int
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    variant_id: int | None
    bought_on = models.DateField()
    # How many they usually take.
    quantity = models.PositiveIntegerField()
    # A window: a quarter order before it, a quarter after it, half before the day in the middle.
    due_from = models.DateField()
    due_on = models.DateField()
    due_to = models.DateField()
    # How many times they came back for it: what the window rests on, beside what is usual of the product.
    own_gaps = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    why = models.CharField(max_length=10, choices=Why.choices, blank=True)
    told_at = models.DateTimeField(null=True)
    snoozed_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "product"], name="a_product_is_due_once_per_customer"),
            models.CheckConstraint(
                condition=Q(due_from__lte=F("due_on")) & Q(due_on__lte=F("due_to")), name="a_reorder_window_is_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False), name="a_snoozed_reorder_knows_until"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "state", "due_from"], name="reorder_to_tell"),
            models.Index(fields=["store", "due_on"], name="reorder_due"),
            models.Index(fields=["store", "product", "due_on"], name="reorder_product"),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} for customer {self.customer_id} on {self.due_on:%Y-%m-%d}"

    def is_overdue(self, today: date) -> bool:
        return today > self.due_to and self.state != self.State.STOPPED


class ReorderProduct(StoreModel):
    """What is usual of a product: after how many days people come back for it, and whether we remind them."""

    class Switch(models.TextChoices):
        """What the merchant says; nothing is as learnt."""

        LEARNT = "", "As learnt"
        ON = "on", "Always remind"
        OFF = "off", "Never remind"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    # Logarithms of days for one unit: the middle and its quartiles around. See `rules.intervals`.
    middle = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    gaps = models.PositiveIntegerField(default=0)
    buyers = models.PositiveIntegerField(default=0)
    came_back = models.PositiveIntegerField(default=0)
    is_bought_again = models.BooleanField(default=False)
    # Whether reminders are on, all told: the switch, else `replenish_days` or that people come back for it.
    is_on = models.BooleanField(default=False)
    switch = models.CharField(max_length=3, choices=Switch.choices, default=Switch.LEARNT, blank=True)
    # Its last quarter of repeats, foretold from those before: how many, the median error in days, inside the window.
    tested = models.PositiveIntegerField(default=0)
    error_days = models.FloatField(null=True)
    inside = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "product"], name="a_product_has_one_usual_interval"),
            models.CheckConstraint(condition=Q(inside__lte=F("tested")), name="no_more_inside_than_tested"),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} again after e^{self.middle:.2f} days"


class ReorderBuild(StoreModel):
    """What was learnt of the whole shop, when, and up to which entry of the log."""

    built_at = models.DateTimeField()
    entry_to = models.BigIntegerField(default=0)
    orders = models.PositiveIntegerField(default=0)
    gaps = models.PositiveIntegerField(default=0)
    elasticity = models.FloatField(default=1.0)
    # How much wider than past errors windows are here, so that half of the repeats fall inside (less than 1: narrower).
    spread = models.FloatField(default=1.0)
    # From order to delivery, as usual here: reminders come so much earlier.
    lead_days = models.PositiveSmallIntegerField(default=0)
    tested = models.PositiveIntegerField(default=0)
    error_days = models.FloatField(null=True)
    # The same when everybody is told the product's usual days.
    usual_error_days = models.FloatField(null=True)
    inside = models.PositiveIntegerField(default=0)
    # What people buy now: [[product, share of baskets]], most first; for next baskets.
    popular = models.JSONField(default=list)
    # Last baskets foretold from those before: how many, and the share of them found among ten by us and by bestsellers.
    baskets = models.PositiveIntegerField(default=0)
    basket_recall = models.FloatField(null=True)
    popular_recall = models.FloatField(null=True)
    # How many of the shop's typical baskets stand beside a customer's own. See `rules.next_basket`.
    prior = models.FloatField(default=30.0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="reorders_are_learnt_once_per_store")]

    def __str__(self) -> str:
        return f"learnt on {self.gaps} repeats"
