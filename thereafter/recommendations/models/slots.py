"""What a merchant wants of recommendations, and what cannot be had."""

from django.db import models

from thereafter.commerce.models import Product
from thereafter.recommendations.rules.showing import Rule, Terms, durables
from thereafter.recommendations.rules.sides import is_held_out
from thereafter.stores.models import StoreModel


class ShowSettings(StoreModel):
    """How recommendations are shown in a shop; a store without a row has the defaults. Read whole, in one look."""

    # Percent of customers who are shown none, to measure what recommendations bring.
    holdout = models.PositiveSmallIntegerField(default=10)
    # Drawn anew, other customers are held out.
    salt = models.CharField(max_length=20, blank=True)
    excludes_owned = models.BooleanField(default=True)
    excludes_returned = models.BooleanField(default=True)
    one_of_a_kind = models.BooleanField(default=True)
    # Links lead past us, so that clicks can be counted.
    counts_clicks = models.BooleanField(default=True)
    # [{"key", "kind", "slots", "product", "category", "beside_product", "beside_category", "place", "weight"}]
    rules = models.JSONField(default=list, blank=True)
    # {category: [buyers, buyers of two different products]}, learnt at night.
    habits = models.JSONField(default=dict, blank=True)
    # Sites whose pages may show the widget, as "https://stride.example"; the shop's own address always may.
    sites = models.JSONField(default=list, blank=True)
    # The last line of the log that was read for messages with recommendations, and when it happened.
    read_to = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_shows_in_one_way")]

    def __str__(self) -> str:
        return "how recommendations are shown"

    @property
    def wishes(self) -> tuple[Rule, ...]:
        return tuple(
            Rule(
                key=one["key"],
                kind=one["kind"],
                slots=tuple(one.get("slots", ())),
                product_id=one.get("product", 0),
                category=one.get("category", ""),
                beside_product_id=one.get("beside_product", 0),
                beside_category=one.get("beside_category", ""),
                place=one.get("place", 1),
                weight=one.get("weight", 1.0),
            )
            for one in self.rules
        )

    @property
    def terms(self) -> Terms:
        wishes = self.wishes
        return Terms(
            rules=wishes,
            durables=durables({name: (pair[0], pair[1]) for name, pair in self.habits.items()}, wishes),
            excludes_owned=self.excludes_owned,
            excludes_returned=self.excludes_returned,
            one_of_a_kind=self.one_of_a_kind,
        )

    def holds_out(self, customer_id: int) -> bool:
        return is_held_out(self.salt or str(self.store_id), customer_id, self.holdout)


class SoldOut(StoreModel):
    """A product that cannot be had now, as the shop told us; it is there again when the row is gone."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    product_id: int
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "product"], name="a_product_is_sold_out_once")]

    def __str__(self) -> str:
        return f"product {self.product_id} sold out"
