from django.db import models

from thereafter.stores.models import StoreModel


class Product(StoreModel):
    """A thing the shop sells, with what matters after the sale."""

    source = models.CharField(max_length=20)
    external_id = models.CharField(max_length=80)
    title = models.CharField(max_length=255)
    category = models.CharField(max_length=120, blank=True)
    url = models.CharField(max_length=500, blank=True)
    image_url = models.CharField(max_length=500, blank=True)
    care_guide = models.TextField(blank=True)
    warranty_months = models.PositiveSmallIntegerField(null=True)
    replenish_days = models.PositiveSmallIntegerField(null=True)
    returnable = models.BooleanField(default=True)
    # What decides how it may come back, by the names of `rules.after_sale.FIELDS`; what is usual is left out.
    after_sale = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source", "external_id"], name="a_product_is_known_once")
        ]

    def __str__(self) -> str:
        return self.title


class Variant(StoreModel):
    """One size, colour or pack of a product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    product_id: int
    source = models.CharField(max_length=20)
    external_id = models.CharField(max_length=80)
    title = models.CharField(max_length=255, blank=True)
    sku = models.CharField(max_length=80, blank=True)
    price_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source", "external_id"], name="a_variant_is_known_once")
        ]
        indexes = [models.Index(fields=["store", "sku"], name="variant_sku")]

    def __str__(self) -> str:
        return self.title or self.sku
