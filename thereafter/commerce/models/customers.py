from typing import Any

from django.db import models
from django.db.models import Q

from thereafter.stores.models import StoreModel


class Customer(StoreModel):
    """One person, however many addresses and accounts they use."""

    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    locale = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # What other rooms want to be asked about, by name: {"loyalty.points": 120}.
    traits = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["store", "-created_at"], name="customer_newest"),
            models.Index(fields=["store", "email"], name="customer_email"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name or self.email or self.phone or "Guest"

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0] if self.name else ""

    def trait(self, name: str, default: Any = None) -> Any:
        return self.traits.get(name, default)


class Identity(StoreModel):
    """Something by which a person is known again: a normalised e-mail, phone number or account id of the shop."""

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"
        SHOP = "shop"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    customer_id: int
    kind = models.CharField(max_length=5, choices=Kind.choices)
    value = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "kind", "value"], name="an_identity_is_one_person")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Consent(StoreModel):
    """What a person allowed or forbade, when, and the evidence. Rows are only added; the newest one holds."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    customer_id: int
    channel = models.CharField(max_length=10)
    purpose = models.CharField(max_length=20)
    granted = models.BooleanField()
    source = models.CharField(max_length=60)
    evidence = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["store", "customer", "channel", "purpose", "-at"], name="consent_newest")]
        constraints = [models.CheckConstraint(condition=~Q(source=""), name="consent_names_its_source")]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.channel}: {'yes' if self.granted else 'no'}"
