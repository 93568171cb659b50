"""Goods that go out in a case: an exchange, a replacement."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Order, Product, Variant
from thereafter.returns.models.cases import Case
from thereafter.stores.models import StoreModel


class NewGoods(StoreModel):
    """What the shopper gets instead, priced as it was shown. Its state is one of `machines.GOODS`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="goods")
    case_id: int
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, related_name="+")
    variant_id: int | None
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    product_id: int | None
    title = models.CharField(max_length=255)
    variant_title = models.CharField(max_length=255, blank=True)
    sku = models.CharField(max_length=80, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    # What one costs today, with tax; an exchange for another size keeps the price that was paid (`Case.quote`).
    price_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, default="reserved")
    # The order that the shop system made of it, by its own name; ours when it came back as an order.
    external_id = models.CharField(max_length=80, blank=True)
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+")
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="goods_are_something")]
        indexes = [models.Index(fields=["store", "state", "changed_at"], name="goods_state")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"
