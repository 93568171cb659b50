"""What a shop says of its returns besides the policy: where they go, what is offered at the counter, who is told."""

from django.db import models

from thereafter.stores.models import StoreModel


class ReturnSettings(StoreModel):
    """One row for a store; without it everything is as the defaults say. Read it by `queries.settings_of`."""

    # Where parcels go: {"name", "company", "line1", "line2", "postcode", "city", "region", "country", "phone"}.
    address = models.JSONField(default=dict, blank=True)
    # Destinations that a policy names, by name: the same kind of address.
    destinations = models.JSONField(default=dict, blank=True)
    # The next case gets this number; it only grows.
    next_number = models.PositiveIntegerField(default=1001)
    next_credit_note = models.PositiveIntegerField(default=1)
    number_prefix = models.CharField(max_length=6, default="R")
    # Days to hand the goods in, and of reminding before the last one.
    send_within_days = models.PositiveSmallIntegerField(default=28)
    remind_days = models.PositiveSmallIntegerField(default=5)
    # Who makes labels: "" is our own (the shopper pays the post), else an adapter's name.
    label_adapter = models.CharField(max_length=20, blank=True)
    # Whether the shopper was told of the right of withdrawal, and of who pays the way back (the terms say so).
    informs_of_withdrawal = models.BooleanField(default=True)
    tells_of_postage = models.BooleanField(default=True)
    # Store credit ends so many days after it was given; None never.
    credit_days = models.PositiveIntegerField(null=True)
    # The shop system at whose checkout credit is spent; "" where only our API knows it.
    credit_checkout = models.CharField(max_length=20, blank=True)
    # Instant exchange: the new goods leave at once against a hold on the card; so many days to have the parcel scanned.
    # "full" holds what the goods are worth, "token" a small amount, and the deadline takes the rest.
    instant_exchange = models.BooleanField(default=False)
    hold_days = models.PositiveSmallIntegerField(default=14)
    hold_kind = models.CharField(max_length=5, default="full")
    # Texts of the portal by language: {"en": {"welcome": …}}; the house's own words where there are none.
    words = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_says_once_how_it_takes_returns")]

    def __str__(self) -> str:
        return f"returns of store {self.store_id}"
