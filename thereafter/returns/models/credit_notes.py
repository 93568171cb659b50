"""Credit notes: the papers of refunds. A row is written once, with everything as it stood, and never changed."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.kit.money import Money
from thereafter.returns.models.money import Grant
from thereafter.stores.models import StoreModel


class CreditNote(StoreModel):
    """Numbered without gaps by the store. One that `cancels` another has the same figures below zero."""

    number = models.PositiveIntegerField()
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+", db_index=False)
    grant_id: int
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    order_id: int
    cancels = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="cancelled_by")
    cancels_id: int | None
    why = models.CharField(max_length=300, blank=True)
    issued_at = models.DateTimeField()
    issued_on = models.DateField()
    # The customer's, as it was known then.
    language = models.CharField(max_length=5)
    currency = models.CharField(max_length=3)
    # [{"what": item, shipping or kept, "title", "sku", "units", "rate", "net", "tax"}], minor units.
    lines = models.JSONField()
    # [{"rate", "net", "tax"}]
    taxes = models.JSONField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    # As they stood: {"name", "address", "email", ...}, {"name", "lines": [...], "country", "email"}.
    seller = models.JSONField()
    buyer = models.JSONField()
    # Of an order in another currency than the shop's books: {"currency", "at_sale", "at_refund", "loss"}, minor units.
    booked = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="a_credit_note_has_its_own_number"),
            models.UniqueConstraint(fields=["grant"], condition=Q(cancels=None), name="a_refund_has_one_credit_note"),
            models.UniqueConstraint(
                fields=["cancels"], condition=Q(cancels__isnull=False), name="a_credit_note_is_cancelled_once"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "order"], name="credit_note_order"),
            models.Index(fields=["store", "-issued_at"], name="credit_note_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"CN-{self.number:05d}"

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)
