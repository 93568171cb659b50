"""Store credit and gift cards: a ledger of our own. Each issue has a code, its own balance and its own end."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.kit.money import Money
from thereafter.returns.models.cases import Case
from thereafter.stores.models import Staff, StoreModel


class CreditAccount(StoreModel):
    """Credit that was given at once. What it is worth stands here so that the database can refuse the last cent twice;
    the lines say how it came to be. `paid` is the shopper's own money, `bonus` what the shop put on top."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer_id: int
    # In capitals, without look-alike letters. Who has it can spend it.
    code = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    paid_minor = models.BigIntegerField(default=0)
    bonus_minor = models.BigIntegerField(default=0)
    # What it was given for: given twice with the same name, it is given once.
    source = models.CharField(max_length=120)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+")
    order_id: int | None
    # The last day of the bonus. The shopper's own money has no such day.
    expires_on = models.DateField(null=True)
    issued_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "code"], name="a_credit_code_is_given_once"),
            models.UniqueConstraint(fields=["store", "source"], name="credit_is_given_once"),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, bonus_minor__gte=0), name="credit_is_never_below_nothing"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "customer", "-issued_at"], name="credit_customer"),
            models.Index(fields=["store", "-issued_at"], name="credit_newest"),
            models.Index(fields=["expires_on"], name="credit_ends", condition=Q(bonus_minor__gt=0)),
        ]

    def __str__(self) -> str:
        return f"credit ending in {self.code[-4:]}"

    @property
    def balance_minor(self) -> int:
        return self.paid_minor + self.bonus_minor

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)

    @property
    def shown_code(self) -> str:
        """In fours, as people read it."""
        return "-".join(self.code[at : at + 4] for at in range(0, len(self.code), 4))

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


class CreditLine(StoreModel):
    """A movement of a credit. Rows are only added; those of an account add up to what it is worth."""

    class Kind(models.TextChoices):
        ISSUED = "issued"
        SPENT = "spent"
        GIVEN_BACK = "given_back", "given back"
        EXPIRED = "expired"
        ADJUSTED = "adjusted"

    account = models.ForeignKey(CreditAccount, on_delete=models.CASCADE, related_name="lines", db_index=False)
    account_id: int
    kind = models.CharField(max_length=10, choices=Kind.choices)
    paid_minor = models.BigIntegerField(default=0)
    bonus_minor = models.BigIntegerField(default=0)
    # Who asks twice with the same key gets the same line.
    key = models.CharField(max_length=120)
    # The order it was used for, by the shop's number, or why.
    used_for = models.CharField(max_length=120, blank=True)
    # The line that this one gives back.
    of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="a_movement_of_credit_is_booked_once"),
            models.CheckConstraint(condition=~Q(paid_minor=0, bonus_minor=0), name="a_movement_moves_something"),
        ]
        indexes = [models.Index(fields=["store", "account", "at"], name="credit_line")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor}"

    @property
    def amount_minor(self) -> int:
        return self.paid_minor + self.bonus_minor
