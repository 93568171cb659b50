"""Holds on shoppers' cards: the new goods of an exchange leave at once, and a scan in time lets the hold go."""

from django.db import models
from django.db.models import Q

from thereafter.kit.money import Money
from thereafter.returns.models.cases import Case
from thereafter.stores.models import StoreModel


class Hold(StoreModel):
    """One hold for a case. What it comes to is replayed from its `HoldEvent` rows (`rules/money/holds.py`); the state
    says how far that was carried out at the provider."""

    class State(models.TextChoices):
        # Nobody has seen a page that was only asked for.
        ASKED = "asked"
        OPEN = "open"
        HELD = "held"
        # To be done at the provider; without `due_at` a person has to look.
        RELEASING = "releasing"
        CAPTURING = "capturing"
        REFUNDING = "refunding"
        RELEASED = "released"
        CAPTURED = "captured"
        REFUNDED = "refunded"
        ENDED = "ended"

    LIVE = (State.ASKED, State.OPEN)
    TO_DO = (State.RELEASING, State.CAPTURING, State.REFUNDING)
    OVER = (State.RELEASED, State.REFUNDED, State.ENDED)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    case_id: int
    provider = models.CharField(max_length=20)
    # What is blocked on the card, and what the deadline takes: the same unless only a token amount is held.
    amount_minor = models.BigIntegerField()
    due_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    # {"title", "email", "back", "done"}: the same at every try with the same key.
    asked = models.JSONField(default=dict)
    page_ref = models.CharField(max_length=120, blank=True)
    page_url = models.TextField(blank=True)
    ends_at = models.DateTimeField(null=True)
    # The provider's name of the hold, of the payment that took the money, and of what was given back.
    payment_ref = models.CharField(max_length=120, blank=True)
    charge_ref = models.CharField(max_length=120, blank=True)
    refund_ref = models.CharField(max_length=120, blank=True)
    # The last day of scanning, as it was shown; the day of the hold, and when the bank lets it lapse by itself.
    last_day = models.DateField()
    held_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    # Grows after a definite no, and only then: see `GrantShare.turn`.
    turn = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, due_minor__gt=0), name="a_hold_is_more_than_nothing"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=("asked", "open", "held", "capturing", "captured")),
                name="one_hold_of_a_case_goes_on",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="hold_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["last_day", "id"], name="hold_waits", condition=Q(state="held")),
            models.Index(fields=["store", "page_ref"], name="hold_page", condition=~Q(page_ref="")),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} held for {self.case_id} ({self.state})"

    @property
    def key(self) -> str:
        """The name by which a provider knows the page, the hold and what was taken."""
        return f"thereafter-hold-{self.store_id}-{self.pk}"

    @property
    def refund_key(self) -> str:
        return f"thereafter-hold-back-{self.store_id}-{self.pk}-{self.turn}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def due(self) -> Money:
        return Money(self.due_minor, self.currency)

    @property
    def is_task(self) -> bool:
        return self.state in self.TO_DO and self.due_at is None


class HoldEvent(StoreModel):
    """Something that happened to a hold, one of `rules.money.holds.HOLD_EVENTS`. Rows are only added."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="events")
    hold_id: int
    what = models.CharField(max_length=24)
    # Counted from the day of the hold, in the shop's time zone.
    day = models.IntegerField()
    at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hold", "what"], name="a_hold_hears_of_a_thing_once")]

    def __str__(self) -> str:
        return f"{self.what} on day {self.day}"
