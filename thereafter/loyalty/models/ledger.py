"""The ledger of points. Entries, lots' origins, allocations and postings are only ever added.

What a member may spend is the sum of what is left in their active lots, and the sum of the postings to `available`; the
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
    # Earned, but not to be spent before their lot becomes active.
    pending = models.BigIntegerField(default=0)
    # Set aside at a checkout that is not paid yet.
    reserved = models.BigIntegerField(default=0)
    # Points taken back that were spent already; the next active ones pay them first.
    debt = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    # The whole active balance ends then, where the programme ends the points of who is away for long.
    expires_at = models.DateTimeField(null=True)
    # Nothing happens by itself before: no lot becomes active or ends, no reservation lapses. None: nothing waits.
    due_at = models.DateTimeField(null=True)
    # What the nightly proof found wrong; "" when all agrees.
    doubt = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "kind"], name="one_account_per_customer_and_kind"),
            models.CheckConstraint(condition=Q(available__gte=0), name="nobody_has_fewer_than_no_points"),
            models.CheckConstraint(condition=Q(debt__gte=0), name="debt_is_not_negative"),
            models.CheckConstraint(
                condition=Q(pending__gte=0, reserved__gte=0), name="what_waits_or_is_held_is_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="account_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["store", "-available"], name="account_richest"),
            models.Index(fields=["store"], name="account_doubted", condition=~Q(doubt="")),
        ]

    def __str__(self) -> str:
        return f"{self.available} {self.kind}"


class Entry(StoreModel):
    """One line of a member's history: why points came or went, and the decision behind it."""

    class Kind(models.TextChoices):
        EARN = "earn"
        ACTIVATE = "activate"
        REDEEM = "redeem"
        RESERVE = "reserve"
        CAPTURE = "capture"
        RELEASE = "release"
        RESTORE = "restore"
        EXPIRE = "expire"
        CLAWBACK = "clawback"
        ADJUST = "adjust"
        DEBT_REPAY = "debt_repay"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    account_id: int
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # What the member gains (or loses, below zero); what only changes its state (activate, capture) is above zero.
    points = models.BigIntegerField()
    # Of a clawback: what was due but is not taken, because it ran out already or the programme lets it go.
    forgiven = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    booked_at = models.DateTimeField()
    # order:12, refund:7, survey:3 ... whatever is told twice is booked once.
    source = models.CharField(max_length=100)
    # order, refund, cancellation, survey, journey, debt, reward, expiry ...; or a merchant's own words.
    reason = models.CharField(max_length=200)
    actor = models.CharField(max_length=64, blank=True)
    # Whether these points count towards a tier, where tiers are reached by points.
    qualifies = models.BooleanField(default=False)
    snapshot = models.JSONField(default=dict, blank=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    order_id: int | None
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reverses_id: int | None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source"], name="a_source_is_booked_once"),
            models.CheckConstraint(condition=~Q(points=0) | Q(forgiven__gt=0), name="an_entry_moves_points"),
        ]
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="ledger_entry_newest"),
            models.Index(fields=["store", "order"], name="ledger_entry_order", condition=Q(order__isnull=False)),
            models.Index(fields=["reverses"], name="ledger_entry_undone", condition=Q(reverses__isnull=False)),
            models.Index(fields=["store", "-at", "-id"], name="ledger_entry_of_store"),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d} {self.reason}"

    @property
    def facts(self) -> dict[str, Any]:
        """The line for a page, as plain values."""
        return {"points": self.points, "reason": self.reason, "kind": self.kind, "at": self.at.isoformat()}


class Lot(StoreModel):
    """Points that came together and run out together. `remaining` is what nobody has used yet.

    They can be used while `active_from <= now < expires_at`; `is_active` says that the ledger has moved them from
    pending to available.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lots", db_index=False)
    account_id: int
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="lot")
    entry_id: int
    active_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
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
            models.Index(fields=["store", "expires_at"], name="lot_ends", condition=Q(remaining__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} of {self.original}"


class Allocation(StoreModel):
    """How many points an entry took out of a lot; below zero it put them back."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="allocations", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="allocations")
    lot_id: int
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="an_entry_takes_from_a_lot_once"),
            models.CheckConstraint(condition=~Q(points=0), name="an_allocation_moves_points"),
        ]

    def __str__(self) -> str:
        return f"{self.points} of lot {self.lot_id}"


class Posting(StoreModel):
    """One side of an entry; the postings of an entry sum to zero."""

    class Ledger(models.TextChoices):
        ISSUED = "issued"
        PENDING = "pending"
        AVAILABLE = "available"
        RESERVED = "reserved"
        REDEEMED = "redeemed"
        EXPIRED = "expired"
        REVERSED = "reversed"
        DEBT = "debt"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings", db_index=False)
    ledger = models.CharField(max_length=12, choices=Ledger.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "ledger"], name="an_entry_posts_to_a_ledger_once")]
        indexes = [
            models.Index(fields=["account", "ledger"], name="posting_account"),
            models.Index(fields=["store", "ledger"], name="posting_of_store"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.amount:+d}"


class OrderEarning(StoreModel):
    """What an order was decided to earn when it came, and what of it is still due. One row per order, points or not."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    account_id: int
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="+")
    order_id: int
    # The order's own time; windows of tiers look at it, refunds do not move it.
    at = models.DateTimeField()
    version = models.PositiveIntegerField()
    # The decision as `rules.earning.decide` made it: a later rule never changes what was promised.
    snapshot = models.JSONField(default=dict)
    points = models.BigIntegerField()
    # What the order earns on what was neither refunded nor cancelled.
    due = models.BigIntegerField()
    # The net value of its items in minor units of the programme's currency: as bought, and what is kept of it.
    spend_minor = models.BigIntegerField()
    kept_minor = models.BigIntegerField()
    # Exchanges by their names: how much more (or less) the new goods are worth, in the order's minor units.
    exchanges = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="order_earning_window")]

    def __str__(self) -> str:
        return f"{self.due} of {self.points}"
