"""Invitations of friends: who invited whom, what came of it, and why we looked twice."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Coupon, Customer, Order
from thereafter.loyalty.models.ledger import Entry
from thereafter.loyalty.models.members import Member
from thereafter.stores.models import StoreModel


class Referral(StoreModel):
    """A friend who came by a member's invitation."""

    class State(models.TextChoices):
        CLAIMED = "claimed", "Invited"
        HELD = "held", "Held back for a look"
        REFUSED = "refused", "Refused"
        QUALIFIED = "qualified", "Bought; reward waits"
        REWARDED = "rewarded", "Rewarded"
        UNDONE = "undone", "Undone by a return"
        LAPSED = "lapsed", "Never bought"

    advocate = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="referrals", db_index=False)
    advocate_id: int
    # Known when the friend left an address; before, only the click.
    friend = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    friend_id: int | None
    friend_email = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=9, choices=State.choices)
    channel = models.CharField(max_length=12, blank=True)
    claimed_at = models.DateTimeField()
    # Of the address the claim came from: for counting only, gone after ninety days.
    ip = models.GenericIPAddressField(null=True)
    # [{"reason": "ip_velocity", "text": "..."}]: what speaks against it.
    doubts = models.JSONField(default=list, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True)
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    order_id: int | None
    qualified_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    entry_id: int | None
    friend_coupon = models.ForeignKey(Coupon, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "friend"],
                name="a_friend_is_brought_once",
                condition=Q(friend__isnull=False) & ~Q(state__in=["refused", "lapsed", "held"]),
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-claimed_at", "-id"], name="referral_newest"),
            models.Index(fields=["advocate", "-claimed_at"], name="referral_advocate"),
            models.Index(fields=["store", "friend"], name="referral_friend"),
            models.Index(fields=["store", "ip", "claimed_at"], name="referral_ip", condition=Q(ip__isnull=False)),
            models.Index(fields=["store", "order"], name="referral_order", condition=Q(order__isnull=False)),
            models.Index(fields=["held_until"], name="referral_waits", condition=Q(state="qualified")),
        ]

    def __str__(self) -> str:
        return f"referral of {self.friend_email}"
