"""The ledger of refunds: what was promised, and what became of each part of it."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.stores.models import Staff, StoreModel


class Grant(StoreModel):
    """A quote that was granted: figures are kept as they were shown, and never reckoned anew.

    One that was withdrawn before money moved counts no more. All others count against what is left of the order.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    order_id: int
    # What it is for: asked twice with the same name, it is granted once.
    source = models.CharField(max_length=120)
    basis = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    fees_minor = models.BigIntegerField(default=0)
    # On top of it, only as store credit: it was not paid for, and never becomes money.
    bonus_minor = models.BigIntegerField(default=0)
    # [{"line", "units", "net", "tax", "withheld_net", "withheld_tax"}] by the order lines' own ids.
    items = models.JSONField(default=list)
    shipping_net_minor = models.BigIntegerField(default=0)
    shipping_tax_minor = models.BigIntegerField(default=0)
    # How it was counted, in sentences.
    trace = models.JSONField(default=list)
    granted_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source"], name="a_refund_is_granted_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="a_grant_is_no_debt"),
        ]
        indexes = [models.Index(fields=["store", "order"], name="grant_order")]

    def __str__(self) -> str:
        return self.source


class GrantShare(StoreModel):
    """The part of a grant that one payment takes, or what took its place ("store_credit")."""

    class State(models.TextChoices):
        GRANTED = "granted"
        SENT = "sent"
        SETTLED = "settled"
        FAILED = "failed"
        REROUTED = "rerouted"
        WITHDRAWN = "withdrawn"

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="shares")
    grant_id: int
    tender = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.GRANTED)
    # The provider's name of it: by this we know it again when the shop tells us of a refund.
    provider_ref = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Who carries it out, by `payments.registry`; "" until the job took it up.
    adapter = models.CharField(max_length=20, blank=True)
    # Part of the key that the provider knows it by. It grows only after a definite no: until then every try has the
    # same key, so that money that went unheard of does not go twice.
    turn = models.PositiveSmallIntegerField(default=0)
    # When the job is to take it up; None: nothing happens by itself.
    due_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_share_is_more_than_nothing"),
            models.UniqueConstraint(
                fields=["store", "provider_ref"], condition=~Q(provider_ref=""), name="a_providers_refund_is_one_share"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="share_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["store", "state", "-changed_at"], name="share_state"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} to {self.tender} ({self.state})"

    @property
    def key(self) -> str:
        """The name by which a provider knows it again, however often it is asked."""
        return f"thereafter-{self.store_id}-{self.pk}-{self.turn}"
