"""Addresses that are closed to us."""

from django.db import models

from thereafter.stores.models import StoreModel


class Suppression(StoreModel):
    """An address that does not want (or cannot get) our messages. Scope `marketing` covers service mail too."""

    address = models.CharField(max_length=254)
    scope = models.CharField(max_length=9, choices=[("marketing", "marketing"), ("all", "all")])
    reason = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "address", "scope"], name="an_address_is_closed_once")]

    def __str__(self) -> str:
        return f"{self.address}: {self.scope}"
