"""The ledger of points. Entries, lots' origins, allocations and postings are only ever added.

What a member may spend is the sum of what is left in their lots, and the sum of the postings to `available`; the
account's own figures are a copy of it under one lock. `jobs.prove_ledgers` shows every night that the three agree.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q

from thereafter.commerce.models import Customer, Order
from thereafter.stores.models import StoreModel


class Account(StoreModel):
    """What one customer has of one kind of points. Its row is the lock of all that changes it."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer_id: int
    kind = models.CharField(max_length=20, default="points")
    available = models.BigIntegerField(default=0)
    # Points taken back that were spent already; the next ones earned pay them first.
    debt = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    # What the nightly proof found wrong; "" when all agrees.
    doubt = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "kind"], name="one_account_per_customer_and_kind"),
            models.CheckConstraint(condition=Q(available__gte=0), name="nobody_has_fewer_than_no_points"),
            models.CheckConstraint(condition=Q(debt__gte=0), name="debt_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["store", "-available"], name="account_richest"),
            models.Index(fields=["store"], name="account_doubted", condition=~Q(doubt="")),
        ]

    def __str__(self) -> str:
        return f"{self.available} {self.kind}"


class Entry(StoreModel):
    """One line of a member's history: why points came or went, and the decision behind it."""

    class Kind(models.TextChoices):
        EARN = "earn"
        CLAWBACK = "clawback"
        ADJUST = "adjust"
        DEBT_REPAY = "debt_repay"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    account_id: int
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # What the member gains (or loses, below zero).
    points = models.BigIntegerField()
    at = models.DateTimeField()
    booked_at = models.DateTimeField()
    # order:12, refund:7, survey:3 ... whatever is told twice is booked once.
    source = models.CharField(max_length=100)
    # order, refund, cancellation, survey, journey, debt; or a merchant's own words.
    reason = models.CharField(max_length=200)
    actor = models.CharField(max_length=64, blank=True)
    snapshot = models.JSONField(default=dict, blank=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    order_id: int | None
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reverses_id: int | None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source"], name="a_source_is_booked_once"),
            models.CheckConstraint(condition=~Q(points=0), name="an_entry_moves_points"),
        ]
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="ledger_entry_newest"),
            models.Index(fields=["store", "order"], name="ledger_entry_order", condition=Q(order__isnull=False)),
            models.Index(fields=["reverses"], name="ledger_entry_undone", condition=Q(reverses__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d} {self.reason}"

    @property
    def facts(self) -> dict[str, Any]:
        """The line for a page, as plain values."""
        return {"points": self.points, "reason": self.reason, "kind": self.kind, "at": self.at.isoformat()}


class Lot(StoreModel):
    """Points that came together and run out together. `remaining` is what nobody has used yet."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lots", db_index=False)
    account_id: int
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="lot")
    entry_id: int
    active_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    original = models.BigIntegerField()
    remaining = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("original")), name="a_lot_is_used_up_once"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "active_from", "id"], name="lot_left", condition=Q(remaining__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} of {self.original}"


class Allocation(StoreModel):
    """How many points an entry took out of a lot."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="allocations", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="allocations")
    lot_id: int
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="an_entry_takes_from_a_lot_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="an_allocation_takes_points"),
        ]

    def __str__(self) -> str:
        return f"{self.points} of lot {self.lot_id}"


class Posting(StoreModel):
    """One side of an entry; the postings of an entry sum to zero."""

    class Ledger(models.TextChoices):
        ISSUED = "issued"
        AVAILABLE = "available"
        DEBT = "debt"
        REVERSED = "reversed"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings", db_index=False)
    ledger = models.CharField(max_length=12, choices=Ledger.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "ledger"], name="an_entry_posts_to_a_ledger_once")]
        indexes = [models.Index(fields=["account", "ledger"], name="posting_account")]

    def __str__(self) -> str:
        return f"{self.ledger} {self.amount:+d}"
