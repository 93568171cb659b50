"""What stands on the shop's own pages: where it may, and how it looks."""

from django.db import models

from thereafter.stores.models import StoreModel


class WidgetSettings(StoreModel):
    """Where widgets may stand and how they look; a store without a row has the defaults."""

    # Sites that may show them, as "https://stride.example"; the shop's own address always may.
    sites = models.JSONField(default=list, blank=True)
    stars_colour = models.CharField(max_length=7, default="#c77700")
    page_size = models.PositiveSmallIntegerField(default=10)
    # newest, helpful or photos; none of these looks at the stars.
    sort = models.CharField(max_length=8, default="newest")
    shows_attributes = models.BooleanField(default=True)
    shows_country = models.BooleanField(default=True)
    # The feed's address holds it, so that only who was given it reads it.
    feed_token = models.CharField(max_length=40, blank=True)
    feed_fetched_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_has_one_look_of_widgets")]

    def __str__(self) -> str:
        return "widgets"
