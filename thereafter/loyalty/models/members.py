"""Who takes part, and the tiers they rose to and fell from."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer
from thereafter.stores.models import StoreModel


class Member(StoreModel):
    """One customer's part in the programme."""

    class Source(models.TextChoices):
        AUTOMATIC = "automatic", "By buying"
        PAGE = "page", "Joined on the shop's page"
        REFERRAL = "referral", "Invited by a friend"
        CONSOLE = "console", "Added by the shop"
        IMPORT = "import", "Came from another programme"
        API = "api", "Through the API"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer_id: int
    joined_at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=Source.choices)
    left_at = models.DateTimeField(null=True)
    # For invitations, short enough to be told on the phone; and for the card at the till, not to be guessed.
    referral_code = models.CharField(max_length=16)
    card_code = models.CharField(max_length=24)
    # The key of a tier of the programme; "" is none.
    tier = models.CharField(max_length=40, blank=True)
    tier_since = models.DateTimeField(null=True)
    # Kept at least until then; None where tiers are only judged at reviews.
    tier_until = models.DateTimeField(null=True)
    # The moment the tier was last earned: what was bought in the window before it counts.
    qualified_at = models.DateTimeField(null=True)
    # Told that the tier will be lost if nothing happens, for this end.
    warned_for = models.DateTimeField(null=True)
    birth_month = models.PositiveSmallIntegerField(null=True)
    birth_day = models.PositiveSmallIntegerField(null=True)
    birthday_set_at = models.DateTimeField(null=True)
    # The member's own zone, where known; the shop's otherwise.
    time_zone = models.CharField(max_length=60, blank=True)
    # Left without rewards of the programme for comparison.
    is_held_out = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "customer"], name="a_customer_is_a_member_once"),
            models.UniqueConstraint(fields=["store", "referral_code"], name="a_referral_code_is_one_member"),
            models.UniqueConstraint(fields=["store", "card_code"], name="a_card_is_one_member"),
            models.CheckConstraint(
                condition=Q(birth_month=None, birth_day=None)
                | Q(birth_month__gte=1, birth_month__lte=12, birth_day__gte=1, birth_day__lte=31),
                name="a_birthday_is_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "tier", "tier_until"], name="member_tier"),
            models.Index(fields=["store", "birth_month", "birth_day"], name="member_birthday"),
            models.Index(fields=["store", "-joined_at"], name="member_by_joining"),
        ]

    def __str__(self) -> str:
        return f"member {self.customer_id}"


class TierChange(StoreModel):
    """A member rose, kept or fell. Rows are only added."""

    class Why(models.TextChoices):
        REACHED = "reached"
        KEPT = "kept"
        REVIEW = "review"
        REFUND = "refund"
        HAND = "hand"
        PROGRAMME = "programme"

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tier_changes", db_index=False)
    member_id: int
    from_tier = models.CharField(max_length=40, blank=True)
    to_tier = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=10, choices=Why.choices)
    at = models.DateTimeField()
    # What the member had towards it, in minor units of money or in points.
    metric = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "-at", "-id"], name="tier_change_newest")]

    def __str__(self) -> str:
        return f"{self.from_tier} to {self.to_tier}"


class Milestone(StoreModel):
    """Something that is given once: a birthday of a year, an anniversary, a tenth order, a tier's welcome."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    member_id: int
    # birthday:2026, anniversary:3, orders:10, tier:silver:2 ...
    key = models.CharField(max_length=80)
    at = models.DateTimeField()
    points = models.BigIntegerField(default=0)
    # Undone again, such as the tenth order that was returned.
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="a_milestone_is_reached_once")]
        indexes = [models.Index(fields=["store", "-at"], name="milestone_newest")]

    def __str__(self) -> str:
        return self.key
