"""How a shop asks for reviews and shows them: for all products, a category or one, and for groups of them."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Product
from thereafter.stores.models import StoreModel


class ReviewSettings(StoreModel):
    """How a shop asks for reviews and shows them; a store without a row has the defaults."""

    asks = models.BooleanField(default=True)
    # Days after delivery; a category or product may have its own (`ReviewRule`).
    wait_days = models.PositiveSmallIntegerField(default=14)
    remind_after_days = models.PositiveSmallIntegerField(null=True, default=7)
    # Countries where nobody is asked, because the shop's lawyer says so.
    not_in = models.JSONField(default=list, blank=True)
    # Whether a person looks at each review before it is seen, whatever it says.
    checks_first = models.BooleanField(default=True)
    # Anybody with a confirmed address may write on the product's page, not only buyers.
    open_to_all = models.BooleanField(default=False)
    # Given for any review, said beside it: {"kind": "points"|"coupon"|"", "pool": "thanks", "says": {"en": "..."}}
    incentive = models.JSONField(default=dict, blank=True)
    # Addresses of the shop's own people and agencies: "stride.example"; what they write is labelled or refused.
    insider_domains = models.JSONField(default=list, blank=True)
    # What the block "how we collect and check reviews" says beyond our own words, by language.
    policy_note = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_has_one_way_with_reviews")]

    def __str__(self) -> str:
        return "reviews"


class ReviewRule(StoreModel):
    """What differs for a category or a product: the wait, and what else is asked (fit, age, skin)."""

    category = models.CharField(max_length=120, blank=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+")
    product_id: int | None
    asks = models.BooleanField(default=True)
    wait_days = models.PositiveSmallIntegerField(null=True)
    # [{"key": "fit", "kind": "scale"|"choice", "label": {"en": "How does it fit?"}, "options": [{"key": ..., ...}]}]
    attributes = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "category"], name="one_rule_per_category", condition=~Q(category="")
            ),
            models.UniqueConstraint(fields=["store", "product"], name="one_rule_per_product"),
            models.CheckConstraint(
                condition=Q(category="", product__isnull=False) | (~Q(category="") & Q(product=None)),
                name="a_rule_is_for_a_category_or_a_product",
            ),
        ]

    def __str__(self) -> str:
        return self.category or f"product {self.product_id}"


class ReviewGroup(StoreModel):
    """Products that are the same thing in other colours or packs and show their reviews together."""

    name = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class GroupedProduct(StoreModel):
    group = models.ForeignKey(ReviewGroup, on_delete=models.CASCADE, related_name="members")
    group_id: int
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "product"], name="a_product_is_in_one_group")]

    def __str__(self) -> str:
        return f"product {self.product_id}"
