"""Groups of customers, and who is and was in them."""

from django.db import models
from django.db.models import F, Q

from thereafter.commerce.models import Customer
from thereafter.stores.models import StoreModel


class Segment(StoreModel):
    """Customers who meet a condition, kept up to date; without a condition a list of people somebody put there."""

    key = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    condition = models.TextField(blank=True)
    people = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    # When who is in it was last worked out, and up to which line of the log.
    counted_at = models.DateTimeField(null=True)
    counted_to = models.BigIntegerField(default=0)
    # Why it could not be worked out; its people then stay as they were.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_segment_has_its_own_key")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_list(self) -> bool:
        return not self.condition


class SegmentMember(StoreModel):
    """One stay of a customer in a segment; who comes back has another row with the next `visit`."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    segment_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    visit = models.PositiveSmallIntegerField(default=1)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "customer", "visit"], name="a_stay_is_kept_once"),
            models.UniqueConstraint(
                fields=["segment", "customer"], condition=Q(left_at__isnull=True), name="nobody_is_in_a_segment_twice"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("entered_at")), name="a_stay_ends_after_it_began"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "customer"], name="member_customer"),
            models.Index(fields=["segment", "-entered_at"], name="member_newest"),
            models.Index(fields=["segment", "left_at"], name="member_left", condition=Q(left_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id}, visit {self.visit}"


class DayTold(StoreModel):
    """A day of a customer's (a birthday) that was told of as `customer.date_came`, so that it is told once."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    trait = models.CharField(max_length=80)
    on = models.DateField()
    # How many days after the day it is told of; before it when negative.
    days = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "trait", "on", "days"], name="a_day_is_told_of_once"),
        ]

    def __str__(self) -> str:
        return f"{self.trait} on {self.on}"
