"""Parcels and what carriers said of them."""

from datetime import date, datetime, timedelta, timezone
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Fulfilment, Order, OrderLine
from thereafter.stores.models import StoreModel, StoreQuerySet
from thereafter.tracking.rules import states


class ParcelQuerySet(StoreQuerySet["Parcel"]):
    def on_the_way(self) -> "ParcelQuerySet":
        return self.filter(finished_at__isnull=True)

    def overdue(self, today: date) -> "ParcelQuerySet":
        """Not there although the promised day is over."""
        return self.on_the_way().filter(promised_on__lt=today)

    def in_trouble(self) -> "ParcelQuerySet":
        return self.filter(status__in=(states.EXCEPTION, states.ATTEMPTED, states.RETURNING))

    def delivered(self) -> "ParcelQuerySet":
        return self.filter(status=states.DELIVERED)


class Outbound(models.Manager["Parcel"]):
    """What goes out to shoppers: whoever counts, shows or tells means these and never what comes back."""

    def get_queryset(self) -> ParcelQuerySet:
        return ParcelQuerySet(self.model, using=self._db).filter(return_parcel_id__isnull=True)

    def of(self, store: Any) -> ParcelQuerySet:
        """Only rows of this store (a Store or its id)."""
        return self.get_queryset().of(store)


class Parcel(StoreModel):
    """One parcel of an order. Its state is computed from its scans and never set by hand.

    Parcels that come back are followed like any other and are told of as `return_parcel.moved`; they are no delivery,
    so `objects` leaves them out. Taking in scans and asking carriers look at `all_ways`.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    order_id: int
    fulfilment = models.OneToOneField(Fulfilment, on_delete=models.SET_NULL, null=True, related_name="+")
    fulfilment_id: int | None
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    tracking_url = models.CharField(max_length=500, blank=True)
    service = models.CharField(max_length=80, blank=True)
    # Who named the carrier: the shop, a carrier's news, its check digit ("number"), or a person of ours ("staff").
    carrier_by = models.CharField(max_length=8, blank=True)
    # Who brings it the last mile, under which number.
    next_carrier = models.CharField(max_length=60, blank=True)
    next_number = models.CharField(max_length=80, blank=True)
    next_key = models.CharField(max_length=80, blank=True)
    # As they are compared: "DHL Express" and "dhl_express" are one carrier.
    carrier_key = models.CharField(max_length=60, blank=True)
    number_key = models.CharField(max_length=80, blank=True)
    destination = models.CharField(max_length=64, blank=True)
    ordered_at = models.DateTimeField()
    status = models.CharField(max_length=20, default=states.UNKNOWN)
    status_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    # How it was delivered; one of `states.DETAILS`.
    detail = models.CharField(max_length=24, blank=True)
    # Statuses that were told of: each is an event once.
    told = models.JSONField(default=list)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivered_on = models.DateField(null=True)
    finished_at = models.DateTimeField(null=True)
    promised_on = models.DateField(null=True)
    # Our estimate of today, as a range and its middle; every change of it is a row of `Promise`.
    expected_from = models.DateField(null=True)
    expected_to = models.DateField(null=True)
    likely_on = models.DateField(null=True)
    # What the carrier itself says.
    carrier_from = models.DateField(null=True)
    carrier_to = models.DateField(null=True)
    # The last day that it gave first: by this its estimates are measured.
    carrier_first_to = models.DateField(null=True)
    late = models.BooleanField(null=True)
    told_late_at = models.DateTimeField(null=True)
    # How likely it is to miss the promised day, 0 to 1; None when nothing can be said.
    late_chance = models.FloatField(null=True)
    # The last word of anyone on this parcel, and whether the carrier's last word on the date was "later".
    last_scan_at = models.DateTimeField(null=True)
    carrier_delayed = models.BooleanField(default=False)
    # The flags that are up, {kind: cause}, as the open rows of `Flag` say.
    flags = models.JSONField(default=dict)
    # When the flags have to be looked at again, because time alone may change them.
    check_at = models.DateTimeField(null=True)
    # `documents.Pickup` and `documents.Proof`, as the carrier told them.
    pickup = models.JSONField(default=dict)
    proof = models.JSONField(default=dict)
    # The carrier does not know the number.
    unknown_number = models.BooleanField(default=False)
    # The parcel of the returns room that this is, when it comes back.
    return_parcel_id = models.BigIntegerField(null=True)

    # The first one is the default.
    objects: ClassVar[Outbound] = Outbound()  # type: ignore[assignment]  # it leaves some out
    all_ways: ClassVar[Any] = ParcelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "return_parcel_id"],
                name="what_comes_back_is_followed_once",
                condition=Q(return_parcel_id__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["store", "order"], name="parcel_order"),
            models.Index(fields=["store", "number_key"], name="parcel_number"),
            models.Index(fields=["store", "next_key"], name="parcel_next_number", condition=~Q(next_key="")),
            models.Index(fields=["store", "-ordered_at", "-id"], name="parcel_newest"),
            models.Index(fields=["store", "status", "-ordered_at"], name="parcel_status"),
            models.Index(
                fields=["store", "delivered_at"], name="parcel_lanes", condition=Q(delivered_at__isnull=False)
            ),
            models.Index(fields=["store", "promised_on"], name="parcel_open", condition=Q(finished_at__isnull=True)),
            models.Index(fields=["store", "check_at"], name="parcel_check", condition=Q(check_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.carrier, self.tracking_number) if part) or "Parcel without a number"

    def shopper_ids(self) -> dict[str, Any]:
        """What every event of this parcel says of whose it is."""
        return {
            "store_id": self.store_id,
            "customer_id": self.order.customer_id,
            "order_id": self.order_id,
            "parcel_id": self.pk,
        }

    @property
    def comes_back(self) -> bool:
        return self.return_parcel_id is not None

    @property
    def is_finished(self) -> bool:
        return self.status in states.FINISHED

    def is_overdue(self, today: date) -> bool:
        waits = self.promised_on is not None and not self.is_finished
        return waits and states.is_overdue(self.promised_on or today, today)


class ParcelItem(StoreModel):
    """How many of an order line are in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="items", db_index=False)
    parcel_id: int
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="+")
    line_id: int
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "line"], name="a_line_is_in_a_parcel_once")]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"


# Scans that a person of the store may say the meaning of, or has.
MAPPABLE = Q(mapped=True) | Q(status=states.UNKNOWN) & ~Q(code="")


class Scan(StoreModel):
    """One thing a carrier (or the shop) said of a parcel, as it was said."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="scans", db_index=False)
    parcel_id: int
    key = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    # The clock of the place: minutes ahead of UTC, how we know (payload, place, carrier, assumed, shop, clamped), and
    # how exact the time is.
    offset_minutes = models.SmallIntegerField(default=0)
    zone = models.CharField(max_length=8, default="payload")
    precision = models.CharField(max_length=6, default="second")
    status = models.CharField(max_length=20, default=states.UNKNOWN)
    reason = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=120, blank=True)
    detail = models.CharField(max_length=24, blank=True)
    # Its status is what a person of the store said that its code means.
    mapped = models.BooleanField(default=False)
    # True: the carrier said that it will be later; False: on time again.
    delayed = models.BooleanField(null=True)
    # Who says so, as `Parcel.carrier_key`; at a hand-over the second carrier.
    carrier_key = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=40)
    # A hash of the call that brought it, to find that again.
    payload = models.CharField(max_length=32, blank=True)
    # "" counts; "too_old" is of an earlier parcel with the same number.
    ignored = models.CharField(max_length=20, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "key"], name="a_scan_is_kept_once")]
        indexes = [models.Index(fields=["store", "source", "code"], name="scan_mappable", condition=MAPPABLE)]

    def __str__(self) -> str:
        return f"{self.status} at {self.occurred_at:%Y-%m-%d %H:%M}"

    @property
    def local(self) -> datetime:
        """The time on the clock of the place."""
        return self.occurred_at.astimezone(timezone(timedelta(minutes=self.offset_minutes)))

    @property
    def fact(self) -> states.Scan:
        return states.Scan(self.local, self.status, self.reason, self.detail, self.delayed)
