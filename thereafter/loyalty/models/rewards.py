"""What points buy, and each time that they did."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from thereafter.commerce.models import Coupon, CouponPool, Order
from thereafter.loyalty.models.ledger import Account, Entry
from thereafter.stores.models import StoreModel


class Reward(StoreModel):
    """Something that members take for points."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", "Money off the next order"
        PERCENT = "percent", "Percent off the next order"
        SHIPPING = "shipping", "Free shipping"
        PRODUCT = "product", "A product for free"
        CREDIT = "credit", "Store credit"
        GIFT = "gift", "A gift that is sent"
        SEAT = "seat", "A seat at an event"
        DONATION = "donation", "A donation"

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    # The same in other languages: {"de": {"name": "...", "text": "..."}}.
    words = models.JSONField(default=dict, blank=True)
    text = models.CharField(max_length=400, blank=True)
    image_url = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    cost = models.PositiveBigIntegerField()
    # Money off and store credit may be taken in steps: so many points each are worth `value` again.
    is_stepped = models.BooleanField(default=False)
    most_points = models.PositiveBigIntegerField(null=True)
    # Minor units of money, or hundredths of a percent.
    value = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    minimum_minor = models.PositiveBigIntegerField(default=0)
    # The shop's own ids of products: what is given, or what the discount is for.
    products = models.JSONField(default=list, blank=True)
    # Of gifts and seats: how many there are still; None is as many as you like.
    stock = models.PositiveIntegerField(null=True)
    per_member = models.PositiveSmallIntegerField(null=True)
    # The keys of tiers that may take it; none means everybody.
    tiers = models.JSONField(default=list, blank=True)
    valid_days = models.PositiveSmallIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    # What it costs the shop, for the numbers; the value where it is money.
    cost_minor = models.PositiveBigIntegerField(null=True)
    # Of events: when and where, in words that the member reads; of donations: for whom.
    details = models.JSONField(default=dict, blank=True)
    pool = models.ForeignKey(CouponPool, on_delete=models.PROTECT, null=True, related_name="+")
    pool_id: int | None
    place = models.PositiveSmallIntegerField(default=0)
    is_shown = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="a_reward_has_its_own_key"),
            models.CheckConstraint(condition=Q(cost__gt=0), name="a_reward_costs_points"),
        ]
        indexes = [models.Index(fields=["store", "place", "id"], name="reward_in_order")]

    def __str__(self) -> str:
        return self.name

    def is_offered(self, now: datetime) -> bool:
        starts, ends = self.starts_at, self.ends_at
        return self.archived_at is None and (starts is None or starts <= now) and (ends is None or now < ends)


class Redemption(StoreModel):
    """Points that were spent, or are held for a checkout. `key` is the caller's: the same twice moves points once."""

    class State(models.TextChoices):
        HELD = "held", "Held for a checkout"
        TAKEN = "taken", "Taken"
        RELEASED = "released", "Given back"
        LAPSED = "lapsed", "Lapsed"
        CANCELLED = "cancelled", "Cancelled"

    class Handing(models.TextChoices):
        """Whether the member has what they paid for."""

        NONE = "", "Nothing to hand over"
        WAITING = "waiting", "To be handed over"
        DONE = "done", "Handed over"
        FAILED = "failed", "Went wrong"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="redemptions", db_index=False)
    account_id: int
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64)
    points = models.PositiveBigIntegerField()
    # Already given back, of a reward that was used on an order which was returned in part.
    restored = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State.choices)
    made_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # The entry that took the points out of their lots: they go back to the same.
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    entry_id: int
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reward_id: int | None
    # What it was when it was taken: kind, name, value, currency, cost_minor.
    said = models.JSONField(default=dict, blank=True)
    # The order whose checkout it paid, or on which its coupon was used.
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    order_id: int | None
    order_ref = models.CharField(max_length=80, blank=True)
    coupon = models.ForeignKey(Coupon, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    coupon_id: int | None
    handing = models.CharField(max_length=8, choices=Handing.choices, default=Handing.NONE, blank=True)
    handed_at = models.DateTimeField(null=True)
    # Where a gift goes, what went wrong, by which number it was sent.
    address = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="a_redemption_key_is_used_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="a_redemption_costs_points"),
            models.CheckConstraint(condition=Q(restored__lte=F("points")), name="no_more_goes_back_than_was_paid"),
        ]
        indexes = [
            models.Index(fields=["account", "-made_at", "-id"], name="redemption_newest"),
            models.Index(fields=["account", "held_until"], name="redemption_held", condition=Q(state="held")),
            models.Index(fields=["reward", "account"], name="redemption_of_reward", condition=Q(reward__isnull=False)),
            models.Index(fields=["store", "order"], name="redemption_order", condition=Q(order__isnull=False)),
            models.Index(fields=["store", "order_ref"], name="redemption_order_ref", condition=~Q(order_ref="")),
            models.Index(fields=["coupon"], name="redemption_coupon", condition=Q(coupon__isnull=False)),
            models.Index(fields=["store", "handing", "id"], name="redemption_handing", condition=~Q(handing="")),
        ]

    def __str__(self) -> str:
        return f"{self.points} for {self.said.get('name', '')}"
