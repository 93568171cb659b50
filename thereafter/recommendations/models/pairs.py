"""What to offer next, built at night and read in one look."""

from typing import Any

from django.db import models

from thereafter.commerce.models import Product
from thereafter.stores.models import StoreModel


class Neighbours(StoreModel):
    """What goes with a product that was bought: a document (see `rules.documents`) for each purpose."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    basket = models.BinaryField(default=b"")
    next = models.BinaryField(default=b"")
    # Orders with it, the older the less, as seen from the moment of the build.
    sold = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "product"], name="a_product_s_neighbours_are_kept_once"),
        ]

    def __str__(self) -> str:
        return f"neighbours of {self.product_id}"


class Bestsellers(StoreModel):
    """What sells now in a category; in the whole shop where `category` is "". A document like those of neighbours."""

    category = models.CharField(max_length=120, blank=True)
    document = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "category"], name="a_category_s_bestsellers_are_kept_once"),
        ]

    def __str__(self) -> str:
        return f"bestsellers of {self.category or 'the shop'}"


class Pair(StoreModel):
    """Two products among the strongest pairs of the shop, for people to read; kept in both directions.

    `support` orders hold both; `score` is the decayed and shrunk cosine, `lift` how many times as often they are
    together as chance would have it.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    other_id: int
    score = models.FloatField()
    support = models.PositiveIntegerField()
    lift = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "product", "other"], name="a_pair_of_products_stands_once"),
        ]
        indexes = [models.Index(fields=["store", "-score"], name="pair_strongest")]

    def __str__(self) -> str:
        return f"{self.other_id} with {self.product_id}"


class Build(StoreModel):
    """When a store's tables were built, on how many orders, by which models; and how far they were brought on since."""

    built_at = models.DateTimeField()
    orders = models.PositiveIntegerField()
    # The newest order that counts in them, by id.
    newest_order = models.BigIntegerField(default=0)
    caught_up_at = models.DateTimeField(null=True)
    # {"basket": name of the model, "next": …}
    models_used = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="one_build_per_store")]

    def __str__(self) -> str:
        return f"built on {self.orders} orders"


class BackTest(StoreModel):
    """Which model would have served the shop's last month best, on what was known before it.

    `settings` by purpose; `scores` by purpose, model and question: {"recall", "ndcg", "cases"}. A purpose has
    no scores where the shop had too little to judge it by, and the usual settings serve.
    """

    at = models.DateTimeField()
    first_day = models.DateField()
    orders = models.PositiveIntegerField()
    settings = models.JSONField(default=dict, blank=True)
    scores = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["store", "-at"], name="back_test_newest")]

    def __str__(self) -> str:
        return f"back-test on {self.orders} orders"

    @property
    def is_telling(self) -> bool:
        return bool(self.scores)

    @property
    def figures(self) -> list[dict[str, Any]]:
        """A row for each purpose and question: recall@20 of the chosen model and of the bestsellers."""
        return [
            {
                "purpose": purpose,
                "question": question,
                "model": self.settings[purpose]["model"],
                "cases": of_chosen["cases"],
                "recall": of_chosen["recall"],
                "bestsellers": models["popular"][question]["recall"],
            }
            for purpose, models in self.scores.items()
            for question, of_chosen in models[self.settings[purpose]["model"]].items()
        ]
