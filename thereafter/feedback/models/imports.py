"""Reviews brought in from another app: a file, how it is read, how far it came, and the rows not taken."""

from django.db import models
from django.db.models import F, Q

from thereafter.feedback.models.reviews import Review
from thereafter.stores.models import StoreModel


class ReviewImport(StoreModel):
    """A file with reviews. It is looked at first, then carried out in parts."""

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", "To be looked at"
        RUNNING = "running", "Being brought in"
        DONE = "done", "Brought in"

    name = models.CharField(max_length=150)
    system = models.CharField(max_length=20)
    body = models.TextField()
    # {"columns": [...], "date_order": "dmy", "products": {"old-handle": 17}, "mends": 4}; 0: left out
    answers = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.LOOKED_AT)
    rows = models.PositiveIntegerField(default=0)
    # So many of them are done with; the claim of who works on it.
    done = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=150, blank=True)
    actor = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("rows")), name="a_review_import_does_each_row_once")
        ]
        indexes = [
            models.Index(fields=["store", "-created_at"], name="review_import_newest"),
            models.Index(fields=["state", "id"], name="review_import_running", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return self.name


class RefusedReview(StoreModel):
    """A row that was not taken, as it stood in the file, and why."""

    of = models.ForeignKey(ReviewImport, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    # The line of the file where it begins.
    row = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    # In the order of the columns.
    cells = models.JSONField(default=list)
    # Nothing is wrong with it, there is only nothing to bring.
    is_left_out = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "row"], name="a_row_of_reviews_is_refused_once")]

    def __str__(self) -> str:
        return f"row {self.row}"


class BroughtReview(StoreModel):
    """The row that a review came from, as it stood: what this shop has no place for is written back from here."""

    of = models.ForeignKey(ReviewImport, on_delete=models.CASCADE, related_name="brought", db_index=False)
    of_id: int
    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="brought")
    review_id: int
    row = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    # What of the row was not taken, each a sentence.
    notes = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "row"], name="a_row_brings_one_review")]

    def __str__(self) -> str:
        return f"row {self.row}"
