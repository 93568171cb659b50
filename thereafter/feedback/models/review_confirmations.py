"""The mail that asks somebody we do not know whether the review that carries their address is theirs."""

from django.db import models

from thereafter.feedback.models.reviews import Review
from thereafter.stores.models import StoreModel


class ReviewConfirmation(StoreModel):
    """Asks the owner of the mailbox; without their yes the review is never seen."""

    class Mail(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="confirmation")
    review_id: int
    email = models.CharField(max_length=254)
    language = models.CharField(max_length=10, blank=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=6, choices=Mail.choices, default=Mail.QUEUED)
    mail_due_at = models.DateTimeField()
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["mail_due_at"], name="review_confirmation_due", condition=models.Q(mail="queued")),
            models.Index(fields=["store", "email", "-asked_at"], name="review_confirmation_mail"),
        ]

    def __str__(self) -> str:
        return "confirmation of a review"
