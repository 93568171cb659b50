"""Credits that were handed to the shop system, to be spent at its own checkout."""

from django.db import models

from thereafter.returns.models.credit import CreditAccount
from thereafter.stores.models import StoreModel


class CheckoutCredit(StoreModel):
    """A credit as the shop system holds it: as a gift card, or a coupon. While it is there it is spent only there."""

    class State(models.TextChoices):
        WAITING = "waiting"
        GOOD = "good"
        RECALLING = "recalling"
        # Used up, or taken back: what is left is ours again.
        ENDED = "ended"
        # The shop system said no: nothing was made there.
        REFUSED = "refused"

    # In these it may be spent at the shop system, or that is about to be so.
    THERE = (State.WAITING, State.GOOD, State.RECALLING)

    account = models.OneToOneField(CreditAccount, on_delete=models.CASCADE, related_name="at_checkout")
    account_id: int
    # The shop system, by its name.
    source = models.CharField(max_length=20)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    # The shop's own name of the card or coupon, and of an order that it was used in.
    ref = models.CharField(max_length=120, blank=True)
    order_ref = models.CharField(max_length=80, blank=True)
    # Grows with every use: a coupon is made anew for the rest, under the same code.
    turn = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="checkout_credit_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["store", "state"], name="checkout_credit_state"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} at {self.source} ({self.state})"
