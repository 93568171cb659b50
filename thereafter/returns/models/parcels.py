"""Parcels that come back: many for a case, many cases in one."""

from typing import Any

from django.db import models
from django.db.models import Q

from thereafter.returns.models.cases import Case
from thereafter.returns.models.points import DropOffPoint
from thereafter.stores.models import StoreModel


class ReturnParcel(StoreModel):
    """A parcel on its way to us. Its state is one of `machines.PARCEL`; a carrier's news comes from tracking."""

    state = models.CharField(max_length=16, default="created")
    # label, qr, counter, pickup, own_carrier.
    method = models.CharField(max_length=12)
    # What is printed on it and scanned in the warehouse: ours, without look-alike letters, and not to be guessed.
    code = models.CharField(max_length=16)
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    # Which adapter made the label, "" is our own; its name there, and what it cost the shop.
    adapter = models.CharField(max_length=20, blank=True)
    adapter_ref = models.CharField(max_length=120, blank=True)
    label_type = models.CharField(max_length=40, blank=True)
    label = models.BinaryField(null=True)
    cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    # Asking an adapter for a label: when next, how often so far, what it said.
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    # Who sends it and where it goes, as they stood then.
    sender = models.JSONField(default=dict)
    receiver = models.JSONField(default=dict)
    # The counter that took it, as it was called then, and the bag that it was put into there.
    counter = models.CharField(max_length=100, blank=True)
    handed_in_to = models.ForeignKey(
        DropOffPoint, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    bag = models.CharField(max_length=40, blank=True)
    send_by = models.DateField(null=True)
    created_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    # Opened in the warehouse.
    opened_at = models.DateTimeField(null=True)
    # The carrier says it is there and it is not: the carrier was asked; it was given up.
    asked_carrier_at = models.DateTimeField(null=True)
    not_here_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="a_code_is_of_one_parcel")]
        indexes = [
            models.Index(fields=["store", "tracking_number"], name="return_number", condition=~Q(tracking_number="")),
            models.Index(fields=["store", "state", "-created_at"], name="return_parcel_state"),
            models.Index(fields=["due_at", "id"], name="label_due", condition=Q(state="label_requested")),
            models.Index(fields=["store", "-opened_at"], name="return_opened", condition=Q(opened_at__isnull=False)),
            models.Index(fields=["store", "bag"], name="return_bag", condition=~Q(bag="")),
            models.Index(
                fields=["handed_in_to", "handed_in_at"], name="handed_in_at_counter", condition=~Q(handed_in_to=None)
            ),
            models.Index(
                fields=["store", "delivered_at"],
                name="parcel_not_found",
                condition=Q(state="delivered", opened_at=None, not_here_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def cases(self) -> Any:
        return Case.objects.of(self.store_id).filter(parcel_links__parcel=self)


class ParcelCase(StoreModel):
    """Which cases are in which parcel."""

    parcel = models.ForeignKey(ReturnParcel, on_delete=models.CASCADE, related_name="links")
    parcel_id: int
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parcel_links")
    case_id: int

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "case"], name="a_case_is_in_a_parcel_once")]

    def __str__(self) -> str:
        return f"case {self.case_id} in parcel {self.parcel_id}"
