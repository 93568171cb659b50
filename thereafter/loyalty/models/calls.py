"""What callers of the API asked for and were answered, so that the same call again moves nothing."""

from django.db import models

from thereafter.stores.models import StoreModel


class ApiCall(StoreModel):
    """One call that moved something. Kept for a while; a redemption and an entry know their keys for ever."""

    operation = models.CharField(max_length=20)
    # The caller's own Idempotency-Key.
    key = models.CharField(max_length=80)
    # A hash of the body: the same key with another body is a mistake of the caller.
    request = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "operation", "key"], name="an_api_call_moves_points_once")
        ]
        indexes = [models.Index(fields=["at"], name="loyalty_call_at")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
