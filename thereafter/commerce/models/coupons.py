"""Coupons: pools that say what a code gives, codes that were given, and how they get to the shop system."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from thereafter.commerce.models.customers import Customer
from thereafter.commerce.models.orders import Order
from thereafter.commerce.rules import coupons as rules
from thereafter.kit.money import Money
from thereafter.stores.models import StoreModel


class CouponPool(StoreModel):
    """Codes that give the same: made one by one for customers, or taken from a list that the shop brought."""

    class Kind(models.TextChoices):
        PERCENT = rules.PERCENT, "Percent off"
        AMOUNT = rules.AMOUNT, "Amount off"
        SHIPPING = rules.SHIPPING, "Free shipping"

    class Delivery(models.TextChoices):
        """Who knows at the checkout that a code is good."""

        API = "api", "The shop asks us"
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"
        LIST = "list", "The shop knows them already: a list of codes"

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Hundredths of a percent, or minor units of the currency.
    value = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    minimum_minor = models.PositiveBigIntegerField(default=0)
    # The shop's own ids of the products it is for; none means everything.
    products = models.JSONField(default=list, blank=True)
    valid_days = models.PositiveSmallIntegerField(null=True)
    # How many codes of this pool one person may get.
    per_customer = models.PositiveSmallIntegerField(null=True)
    combinable = models.BooleanField(default=False)
    # Good only for the customer it was given to.
    personal = models.BooleanField(default=False)
    prefix = models.CharField(max_length=rules.LONGEST_PREFIX, blank=True)
    delivery = models.CharField(max_length=12, choices=Delivery.choices, default=Delivery.API)
    # So many days before a code ends, `coupon.expires_soon` is told.
    remind_days = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="a_pool_has_its_own_key"),
            models.CheckConstraint(
                condition=~Q(kind="percent") | Q(value__lte=rules.WHOLE), name="no_coupon_gives_more_than_everything"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> rules.Terms:
        return rules.Terms(
            self.kind, self.value, self.currency, self.minimum_minor, frozenset(self.products), self.combinable
        )

    @property
    def is_pushed(self) -> bool:
        """Whether its codes have to be told to a shop system."""
        return self.delivery in (self.Delivery.SHOPIFY, self.Delivery.WOOCOMMERCE)

    @property
    def minimum(self) -> Money:
        return Money(self.minimum_minor, self.currency)


class Coupon(StoreModel):
    """One code. Of a list it waits until somebody gets it; else it is made for a customer."""

    class Push(models.TextChoices):
        NONE = "", "Nothing to do"
        WAITING = "waiting"
        # The shop system has it and works on it.
        ASKED = "asked"
        DONE = "done"
        FAILED = "failed"

    pool = models.ForeignKey(CouponPool, on_delete=models.CASCADE, related_name="coupons", db_index=False)
    pool_id: int
    code = models.CharField(max_length=rules.LONGEST_CODE)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    customer_id: int | None
    # What it was given for: the same again gets the same code.
    source = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    # Which order used it: ours when we have it, and what the caller called it.
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    order_id: int | None
    redeemed_for = models.CharField(max_length=80, blank=True)
    push_state = models.CharField(max_length=8, choices=Push.choices, default=Push.NONE, blank=True)
    push_due_at = models.DateTimeField(null=True)
    push_tries = models.PositiveSmallIntegerField(default=0)
    push_error = models.CharField(max_length=300, blank=True)
    # The shop system's own name of what it is working on.
    push_ref = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "code"], name="a_code_means_one_thing"),
            models.UniqueConstraint(fields=["pool", "source"], condition=~Q(source=""), name="one_coupon_per_source"),
        ]
        indexes = [
            models.Index(fields=["pool", "-issued_at", "-id"], name="coupon_of_pool"),
            models.Index(fields=["pool", "id"], name="coupon_free", condition=Q(issued_at=None)),
            models.Index(fields=["store", "customer", "-issued_at"], name="coupon_customer"),
            models.Index(
                fields=["push_due_at", "id"], name="coupon_push", condition=Q(push_state__in=["waiting", "asked"])
            ),
            models.Index(
                fields=["pool", "expires_at"],
                name="coupon_ends",
                condition=Q(redeemed_at=None, reminded_at=None, issued_at__isnull=False),
            ),
            models.Index(fields=["store", "order"], name="coupon_order", condition=Q(order__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def standing(self) -> rules.Standing:
        owner = self.customer_id if self.pool.personal else None
        return rules.Standing(self.expires_at, self.redeemed_at is not None, self.withdrawn_at is not None, owner)

    def is_open(self, now: datetime) -> bool:
        """Given out and still good."""
        is_over = self.redeemed_at or self.withdrawn_at or (self.expires_at is not None and self.expires_at <= now)
        return self.issued_at is not None and not is_over


class ShopDiscount(StoreModel):
    """The discount in the shop system under which the codes of a pool that end together stand."""

    pool = models.ForeignKey(CouponPool, on_delete=models.CASCADE, related_name="+", db_index=False)
    # When they end, in ISO form; "" is never.
    ends = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "ends"], name="one_discount_per_end")]

    def __str__(self) -> str:
        return self.external_id


class ShopAccess(StoreModel):
    """A key with which we may write into the shop system itself, not only hear from it."""

    source = models.CharField(max_length=40)
    sealed_credentials = models.TextField()
    # What went wrong the last time, "" when it went well; not tried again before.
    error = models.CharField(max_length=300, blank=True)
    rests_until = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "source"], name="one_access_per_shop_system")]

    def __str__(self) -> str:
        return self.source
