"""What somebody should look at, what shoppers reported, and what was claimed from carriers."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.stores.models import Staff, StoreModel, StoreQuerySet
from thereafter.tracking.models.parcels import Parcel


class FlagQuerySet(StoreQuerySet["Flag"]):
    def up(self) -> "FlagQuerySet":
        return self.filter(cleared_at__isnull=True)

    def to_do(self) -> "FlagQuerySet":
        return self.up().filter(handled_at__isnull=True)


class Flag(StoreModel):
    """Something is not as it should be with a parcel, or with an order of which nothing has left (`parcel` is None).

    Rows are kept: one that is over has `cleared_at` and says by what.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    order_id: int
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    parcel_id: int | None
    kind = models.CharField(max_length=16)
    cause = models.CharField(max_length=40, blank=True)
    # Since when it is so, and when we noticed.
    since = models.DateTimeField()
    set_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    # What ended it: news, delivered, staff, shop.
    cleared_by = models.CharField(max_length=12, blank=True)
    # A person has seen to it, so that it need not be watched while it lasts.
    handled_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    assigned_to_id: int | None
    note = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parcel", "kind"],
                name="a_flag_of_a_parcel_is_up_once",
                condition=Q(cleared_at__isnull=True, parcel__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["order", "kind"],
                name="a_flag_of_an_order_is_up_once",
                condition=Q(cleared_at__isnull=True, parcel__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["store", "kind", "since"], name="flag_up", condition=Q(cleared_at__isnull=True)),
            models.Index(fields=["store", "order"], name="flag_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.cause}" if self.cause else self.kind


class Report(StoreModel):
    """A shopper says that something is wrong."""

    class Kind(models.TextChoices):
        DAMAGED = "damaged"
        WRONG = "wrong"
        MISSING = "missing"
        NOT_RECEIVED = "not_received"
        ADDRESS = "address"
        OTHER = "other"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    order_id: int
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, null=True, related_name="+")
    parcel_id: int | None
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.TextField(blank=True)
    # The order lines it is about, [{"title": …, "quantity": n}]; empty when the shopper did not say.
    items = models.JSONField(default=list)
    reported_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store", "order"], name="report_order")]

    def __str__(self) -> str:
        return self.kind


class CarrierClaim(StoreModel):
    """What the shop asks of a carrier for a parcel that was lost, damaged or came too late."""

    class State(models.TextChoices):
        OPEN = "open"
        FILED = "filed"
        PAID = "paid"
        DENIED = "denied"

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="+", db_index=False)
    parcel_id: int
    reason = models.CharField(max_length=12)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=80, blank=True)
    opened_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "reason"], name="a_claim_is_made_once")]
        indexes = [models.Index(fields=["store", "state", "-opened_at"], name="claim_state")]

    def __str__(self) -> str:
        return f"{self.reason}: {self.state}"
