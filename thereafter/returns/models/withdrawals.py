"""Declarations of withdrawal: kept word for word and for good, whatever the law then makes of them."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.stores.models import Staff, StoreModel, StoreQuerySet

# What the laws we know give for paying back, from the day of the declaration.
ANSWER_DAYS = 14
SOON = timedelta(days=3)
# A receipt that did not go out after so many tries, some minutes, is shown to people.
WORRYING_TRIES = 4


class WithdrawalQuerySet(StoreQuerySet["Withdrawal"]):
    def unanswered(self) -> "WithdrawalQuerySet":
        """Those that the law still waits for: the money has not gone out, and nobody set them aside."""
        return self.filter(answered_at=None, set_aside_at=None)

    def to_see_to(self) -> "WithdrawalQuerySet":
        """Those that wait for a person, and those of which the receipt did not arrive."""
        lost = Q(receipt__in=("failed", "bounced"), receipt_seen_at=None)
        lost |= Q(receipt="queued", receipt_tries__gte=WORRYING_TRIES)
        return self.filter(Q(state=Withdrawal.State.UNMATCHED) | Q(state=Withdrawal.State.LOOK) | lost)


class Withdrawal(StoreModel):
    """What somebody declared, when, and what became of it. `text` is the statement as it was sent; it never changes."""

    class State(models.TextChoices):
        # The job has yet to look for its order, or to open its cases.
        NEW = "new"
        MATCHED = "matched"
        # A person has to: no order was found; the order is known, but no case follows by itself.
        UNMATCHED = "unmatched"
        LOOK = "look"
        OPENED = "opened"
        SET_ASIDE = "set_aside"

    class Receipt(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        BOUNCED = "bounced"
        # Told by post or phone by somebody without an address.
        NONE = "none"

    # Who posts the same form twice declares once.
    source = models.CharField(max_length=80)
    # page, mail, phone, letter, counter.
    channel = models.CharField(max_length=10, default="page")
    name = models.CharField(max_length=200)
    # What the shopper called the contract, as typed.
    contract = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    # Only some of it, in the shopper's words; "" is the whole contract, unless `picks` says which.
    items = models.TextField(blank=True)
    # [{"line": external id, "quantity": n}] as chosen from the order.
    picks = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=10)
    text = models.TextField()
    declared_at = models.DateTimeField()
    typed_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    state = models.CharField(max_length=9, choices=State.choices, default=State.NEW)
    # The job looks again at this time.
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # Why a person has to look.
    problem = models.CharField(max_length=300, blank=True)
    # The order that a signed link named, from the start; or the one that was found, and by what: link, email,
    # postcode, staff.
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    order_id: int | None
    matched_by = models.CharField(max_length=10, blank=True)
    # The cases that came of it; declared again, those of the first time.
    case_ids = models.JSONField(default=list, blank=True)
    # Told to the log, which happens once, when the order is known.
    told_at = models.DateTimeField(null=True)
    # The last day to pay back, as the law of the order counts; the plain fourteen days until the order is known.
    pay_by = models.DateField()
    # The money went out, or a person answered it otherwise.
    answered_at = models.DateTimeField(null=True)
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    set_aside_why = models.CharField(max_length=500, blank=True)

    receipt = models.CharField(max_length=7, choices=Receipt.choices, default=Receipt.QUEUED)
    receipt_due_at = models.DateTimeField(null=True)
    receipt_tries = models.PositiveSmallIntegerField(default=0)
    receipt_error = models.CharField(max_length=300, blank=True)
    receipt_sent_at = models.DateTimeField(null=True)
    # Somebody of the shop knows that it did not arrive.
    receipt_seen_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = WithdrawalQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "source"], name="a_withdrawal_is_declared_once")]
        indexes = [
            models.Index(fields=["store", "-declared_at"], name="withdrawal_newest"),
            models.Index(fields=["store", "state", "pay_by"], name="withdrawal_state"),
            models.Index(fields=["store", "order"], name="withdrawal_order"),
            models.Index(fields=["due_at", "id"], name="withdrawal_due", condition=Q(state__in=["new", "matched"])),
            models.Index(fields=["receipt_due_at", "id"], name="withdrawal_receipt", condition=Q(receipt="queued")),
            models.Index(
                fields=["store", "email"], name="withdrawal_bounce", condition=Q(receipt="sent") & ~Q(email="")
            ),
        ]

    def __str__(self) -> str:
        return f"withdrawal of {self.name}"

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None or self.set_aside_at is not None

    def is_overdue(self, today: date) -> bool:
        return not self.is_answered and today > self.pay_by

    def is_soon(self, today: date) -> bool:
        return not self.is_answered and self.pay_by - SOON <= today <= self.pay_by
