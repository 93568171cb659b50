"""What is known of a store's snapshot: the copy of its orders and its log that figures are counted on."""

from django.db import models

from thereafter.stores.models import StoreModel


class Snapshot(StoreModel):
    """The copy that holds now. The files themselves, and which of them hold, are told in `engine/files.py`."""

    # The moment at which its figures are true; None before the first was made.
    as_of = models.DateTimeField(null=True)
    # The last line of the log that is in it.
    entry_to = models.BigIntegerField(default=0)
    # Which files it is: those of another serial were made for another database.
    serial = models.CharField(max_length=16, blank=True)
    orders = models.PositiveBigIntegerField(default=0)
    customers = models.PositiveBigIntegerField(default=0)
    entries = models.PositiveBigIntegerField(default=0)
    took_ms = models.PositiveIntegerField(default=0)
    # Whether the last time began from nothing.
    was_whole = models.BooleanField(default=False)
    # Why it could not be made the last time, "" when it could.
    trouble = models.CharField(max_length=300, blank=True)
    # Somebody makes it now; when they are not done by then, they died.
    busy_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_has_one_snapshot")]

    def __str__(self) -> str:
        return f"as of {self.as_of:%Y-%m-%d %H:%M}" if self.as_of else "none yet"
