"""What was shown, what was clicked and what was bought afterwards; and who is held out."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order, Product
from thereafter.recommendations.rules.showing import SLOTS
from thereafter.stores.models import StoreModel


class Exposure(StoreModel):
    """A customer from the first moment on at which there was something to show them, and on which side they are.

    The side is kept for ever: whoever was shown something once is never compared as if they had not been.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    is_held = models.BooleanField()
    # How many percent were held out when they were drawn.
    holdout = models.PositiveSmallIntegerField()
    slot = models.CharField(max_length=8, choices=[(slot, slot) for slot in SLOTS])
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "customer"], name="a_customer_is_drawn_once")]
        indexes = [models.Index(fields=["store", "at"], name="exposure_at")]

    def __str__(self) -> str:
        return f"customer {self.customer_id} {'held out' if self.is_held else 'shown'}"


class Showing(StoreModel):
    """Products that somebody we know was shown in one place: one row per page and day, or per message."""

    slot = models.CharField(max_length=8, choices=[(slot, slot) for slot in SLOTS])
    # The page, message or customer: "order:12:2026-03-01", "message:7", "customer:3:2026-03-01".
    key = models.CharField(max_length=60)
    channel = models.CharField(max_length=10)
    # The template of a message, "" elsewhere.
    place = models.CharField(max_length=40, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    order_id: int | None
    # [[product, reason]], best first.
    products = models.JSONField(default=list)
    # What ranked them.
    model = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "slot", "key"], name="a_showing_is_counted_once")]
        indexes = [
            models.Index(fields=["store", "customer", "-at"], name="showing_customer"),
            models.Index(fields=["store", "at"], name="showing_at"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.key}"


class Click(StoreModel):
    """Somebody we know followed a recommendation: once per product, customer, slot and day."""

    slot = models.CharField(max_length=8, choices=[(slot, slot) for slot in SLOTS])
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    order_id: int | None
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "product", "slot", "on"], name="a_click_counts_daily")
        ]
        indexes = [models.Index(fields=["store", "at"], name="pick_click_at")]

    def __str__(self) -> str:
        return f"product {self.product_id} in {self.slot}"


class Bought(StoreModel):
    """A recommended product that was bought afterwards, by the last time it was shown and, if so, clicked."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    order_id: int
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    slot = models.CharField(max_length=8, choices=[(slot, slot) for slot in SLOTS])
    shown_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    quantity = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "order", "product"], name="a_purchase_is_credited_once"),
            models.CheckConstraint(
                condition=Q(shown_at__isnull=False) | Q(clicked_at__isnull=False), name="a_credit_has_a_cause"
            ),
        ]
        indexes = [models.Index(fields=["store", "at"], name="pick_bought_at")]

    def __str__(self) -> str:
        return f"product {self.product_id} with order {self.order_id}"


class Tally(StoreModel):
    """Visitors of the shop's own pages, whom we do not know: how often a place showed and how often it was followed."""

    slot = models.CharField(max_length=8, choices=[(slot, slot) for slot in SLOTS])
    # The product whose page it was, or that was followed; for showings of a basket none.
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    product_id: int | None
    on = models.DateField()
    shown = models.PositiveIntegerField(default=0)
    clicked = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "slot", "on", "product"],
                condition=Q(product__isnull=False),
                name="a_tally_of_a_product_stands_once",
            ),
            models.UniqueConstraint(
                fields=["store", "slot", "on"],
                condition=Q(product__isnull=True),
                name="a_tally_of_baskets_is_kept_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} on {self.on:%Y-%m-%d}"
