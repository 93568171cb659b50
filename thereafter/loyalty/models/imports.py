"""Members brought in from another programme: a file, how it is read, how far it came, and the rows not taken."""

from django.db import models
from django.db.models import F, Q

from thereafter.stores.models import StoreModel


class Import(StoreModel):
    """A file with members. It is looked at first, then carried out in parts; what it brought is in the ledger."""

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", "To be looked at"
        RUNNING = "running", "Being brought in"
        DONE = "done", "Brought in"

    class Again(models.TextChoices):
        """What becomes of members who came with points in another file."""

        LEAVE = "leave", "Leave them as they are and list the rows"
        ADD = "add", "Add the points of this file as well"

    name = models.CharField(max_length=150)
    system = models.CharField(max_length=12)
    body = models.TextField()
    # {"mapping": {"email": "Email", ...}, "date_order": "dmy", "tiers": {"vip gold": "gold"}, "ends_on": "2027-12-31"}
    answers = models.JSONField(default=dict, blank=True)
    again = models.CharField(max_length=5, choices=Again.choices, default=Again.LEAVE)
    # The file whose refused rows this one brings again, mended: both are one as to who came before.
    mends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    mends_id: int | None
    state = models.CharField(max_length=9, choices=State.choices, default=State.LOOKED_AT)
    rows = models.PositiveIntegerField(default=0)
    # So many of them are done with; the claim of who works on it.
    done = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    # Of the taken, those who were no member before.
    joined = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    # The moment it was carried out: the same for all its parts.
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=150, blank=True)
    actor = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("rows")), name="an_import_does_each_row_once"),
        ]
        indexes = [
            models.Index(fields=["store", "-created_at"], name="import_newest"),
            models.Index(fields=["state", "id"], name="import_running", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def family(self) -> int:
        """The number of the first file of those that mend one another."""
        return self.mends_id or self.pk


class RefusedRow(StoreModel):
    """A row that was not taken, as it stood in the file, and why; it is there to be mended and brought again."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refused", db_index=False)
    of_id: int
    line = models.PositiveIntegerField()
    cells = models.JSONField()
    reason = models.CharField(max_length=300)
    # Nothing is wrong with it, there is only nothing to bring.
    is_left_out = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "line"], name="a_row_is_refused_once")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
