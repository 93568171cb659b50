"""What to offer next, built at night and read in one look."""

from django.db import models

from thereafter.commerce.models import Product
from thereafter.stores.models import StoreModel


class Pair(StoreModel):
    """`other` is often bought together with `product`; `support` orders say so."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    other_id: int
    score = models.FloatField()
    support = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "product", "other"], name="a_pair_of_products_stands_once"),
        ]
        indexes = [models.Index(fields=["store", "-score"], name="pair_strongest")]

    def __str__(self) -> str:
        return f"{self.other_id} with {self.product_id}"


class Popular(StoreModel):
    """What sells now in a category; in the whole shop where `category` is ""."""

    category = models.CharField(max_length=120, blank=True)
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    other_id: int
    score = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "category", "other"], name="a_product_is_popular_once"),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} in {self.category or 'the shop'}"


class Build(StoreModel):
    """When a store's pairs were built, and on how many orders."""

    built_at = models.DateTimeField()
    orders = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="one_build_per_store")]

    def __str__(self) -> str:
        return f"built on {self.orders} orders"
