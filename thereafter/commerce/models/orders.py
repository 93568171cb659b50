"""Orders as the shop stored them: amounts are kept, never recomputed."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models.customers import Customer
from thereafter.commerce.models.products import Product, Variant
from thereafter.kit.money import Money
from thereafter.stores.models import StoreModel


class Order(StoreModel):
    """What a shopper bought in one go."""

    class Status(models.TextChoices):
        OPEN = "open"
        FULFILLED = "fulfilled"
        CANCELLED = "cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    customer_id: int
    source = models.CharField(max_length=20)
    external_id = models.CharField(max_length=80)
    number = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    placed_at = models.DateTimeField()
    # The shop's own time of change: an older version that arrives later changes nothing.
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    # The day the shop itself promised at checkout, if it did.
    promised_on = models.DateField(null=True)
    currency = models.CharField(max_length=3)
    subtotal_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    # Tips, duties, surcharges: what else is in the total.
    fees_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    taxes_included = models.BooleanField(default=True)
    total_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
    discount_codes = models.JSONField(default=list, blank=True)
    shipping_address = models.JSONField(default=dict, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source", "external_id"], name="an_order_is_taken_once"),
            models.CheckConstraint(condition=Q(refunded_minor__gte=0), name="refunds_are_not_negative"),
        ]
        indexes = [
            models.Index(fields=["store", "-placed_at"], name="order_newest"),
            models.Index(fields=["store", "customer", "-placed_at"], name="order_customer"),
            models.Index(fields=["store", "number"], name="order_number"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    def money(self, minor: int) -> Money:
        """An amount in this order's currency."""
        return Money(minor, self.currency)

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def destination(self) -> str:
        """Country and region of delivery, such as "BR-SP"; "" when the shop did not say."""
        address = self.shipping_address
        return "-".join(part for part in (address.get("country", ""), address.get("region", "")) if part)


class OrderLine(StoreModel):
    """One product of an order, titled and priced as it was bought."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    order_id: int
    external_id = models.CharField(max_length=80)
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    product_id: int | None
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, related_name="+")
    variant_id: int | None
    title = models.CharField(max_length=255)
    variant_title = models.CharField(max_length=255, blank=True)
    sku = models.CharField(max_length=80, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="a_line_is_on_the_order_once")]
        indexes = [models.Index(fields=["store", "product"], name="line_product")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"


class Tender(StoreModel):
    """One way the shopper paid: card, voucher, gift card. As the shop stored it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="tenders")
    order_id: int
    external_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    status = models.CharField(max_length=20, default="captured")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="a_tender_is_on_the_order_once")]

    def __str__(self) -> str:
        return self.kind


class Fulfilment(StoreModel):
    """A part of an order that the shop handed over, usually one parcel."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="fulfilments")
    order_id: int
    external_id = models.CharField(max_length=80)
    status = models.CharField(max_length=20, default="shipped")
    shipped_at = models.DateTimeField()
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    tracking_url = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="a_fulfilment_is_known_once")]

    def __str__(self) -> str:
        return self.tracking_number or self.external_id


class FulfilmentLine(StoreModel):
    """How many of an order line are in a fulfilment."""

    fulfilment = models.ForeignKey(Fulfilment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="+")
    line_id: int
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fulfilment", "line"], name="a_line_is_in_a_fulfilment_once")]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"


class Refund(StoreModel):
    """Money the shop gave back, as the shop stored it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    order_id: int
    external_id = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    # [{"line": external id of the order line, "quantity": n, "amount_minor": n}]
    lines = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="a_refund_is_taken_once")]

    def __str__(self) -> str:
        return f"refund {self.external_id}"
