"""What shoppers pay towards a case: the difference when what they get costs more than what comes back."""

from django.db import models
from django.db.models import Q

from thereafter.kit.money import Money
from thereafter.returns.models.cases import Case
from thereafter.stores.models import StoreModel


class CasePayment(StoreModel):
    """One payment, through a provider's page or by hand. A case has one open page at a time, and a new one only after
    the provider said that the last one has ended: so nothing is paid twice."""

    class State(models.TextChoices):
        # Nobody has seen a page that was only asked for.
        ASKED = "asked"
        OPEN = "open"
        # It was given, and the bank is still at it.
        UNDERWAY = "underway"
        PAID = "paid"
        ENDED = "ended"
        # The case came to nothing: it is to be given back; without `due_at` a person has to.
        OWED = "owed"
        RETURNED = "returned"

    LIVE = (State.ASKED, State.OPEN, State.UNDERWAY)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="payments")
    case_id: int
    provider = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    # What the provider was asked besides, {"title", "email", "back", "done"}: the same at every try with the same key.
    asked = models.JSONField(default=dict)
    # The provider's name of the page, its address, and when it ends.
    page_ref = models.CharField(max_length=120, blank=True)
    page_url = models.TextField(blank=True)
    ends_at = models.DateTimeField(null=True)
    # The provider's name of the payment, or how a colleague knew; and of what was given back.
    payment_ref = models.CharField(max_length=120, blank=True)
    refund_ref = models.CharField(max_length=120, blank=True)
    # Grows after a definite no, and only then: see `GrantShare.turn`.
    turn = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    # When the job is to take it up; None: nothing happens by itself.
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_payment_is_more_than_nothing"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=("asked", "open", "underway")),
                name="one_open_payment_page_of_a_case",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="case_payment_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["store", "page_ref"], name="case_payment_page", condition=~Q(page_ref="")),
            models.Index(fields=["store", "changed_at"], name="case_payment_owed", condition=Q(state="owed")),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} for {self.case_id} ({self.state})"

    @property
    def key(self) -> str:
        """The name by which a provider knows the page again, however often it is asked for."""
        return f"thereafter-pay-{self.store_id}-{self.pk}"

    @property
    def refund_key(self) -> str:
        return f"thereafter-back-{self.store_id}-{self.pk}-{self.turn}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
