"""How refunds are paid out: accounts with providers, which way of paying goes through whom, and every try."""

from django.db import models
from django.db.models import Q

from thereafter.returns.models.money import GrantShare
from thereafter.stores.models import Staff, StoreModel


class PaymentAccount(StoreModel):
    """A store's account with a payment provider. Credentials are sealed, and never shown again."""

    provider = models.CharField(max_length=20)
    sealed_credentials = models.TextField()
    # What the provider shows of itself: the account's name, the last letters of the key.
    title = models.CharField(max_length=120, blank=True)
    is_test = models.BooleanField(default=False)
    # What went wrong the last time, "" when it went well; not asked again before.
    error = models.CharField(max_length=300, blank=True)
    rests_until = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "provider"], name="one_account_with_a_provider")]

    def __str__(self) -> str:
        return self.provider


class RefundRoute(StoreModel):
    """What the shop chose for a way of paying; where it chose nothing, `payments.registry` does."""

    kind = models.CharField(max_length=40)
    adapter = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "kind"], name="one_route_for_a_way_of_paying")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.adapter}"


class ShareTry(StoreModel):
    """One try to give a share back, or what was learnt of it. Rows are only added."""

    share = models.ForeignKey(GrantShare, on_delete=models.CASCADE, related_name="tries", db_index=False)
    share_id: int
    adapter = models.CharField(max_length=20)
    at = models.DateTimeField()
    # sent, underway, settled, later, failed, rerouted, again.
    became = models.CharField(max_length=10)
    said = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["store", "share", "at"], name="share_try")]

    def __str__(self) -> str:
        return f"{self.adapter}: {self.became}"


class ExchangeRate(StoreModel):
    """What one unit of a currency was worth in the shop's own on a day, as the shop's books say."""

    currency = models.CharField(max_length=3)
    on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "currency", "on"], name="one_rate_of_a_currency_and_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="a_rate_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} on {self.on}"
