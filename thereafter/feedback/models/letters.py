"""What the shop wrote to the author of a review, and to nobody else."""

from django.db import models

from thereafter.feedback.models.reviews import Review
from thereafter.stores.models import Staff, StoreModel


class ReviewLetter(StoreModel):
    """A private answer, or the one question whether the review still says what its author thinks."""

    class Kind(models.TextChoices):
        PRIVATE = "private", "Private answer"
        UPDATE = "update", "Asked to look at it again"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="letters")
    review_id: int
    kind = models.CharField(max_length=7, choices=Kind.choices)
    text = models.TextField(blank=True)
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review"], name="an_author_is_asked_to_update_once", condition=models.Q(kind="update")
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
