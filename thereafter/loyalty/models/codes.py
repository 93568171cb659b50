"""QR codes that give points to who scans them: on a poster at the recycling bin, on a slip at a workshop."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from thereafter.stores.models import StoreModel


class EarningCode(StoreModel):
    """A code that a merchant prints. What it gives is what the programme gives for its action."""

    class HowOften(models.TextChoices):
        ONCE = "once", "Once per member"
        DAILY = "daily", "Once per member and day"

    # In the address; not to be guessed, and short enough to be typed from a poster.
    token = models.CharField(max_length=16)
    # What members read above the button: "The repair café on Saturday".
    label = models.CharField(max_length=100)
    action = models.CharField(max_length=40)
    how_often = models.CharField(max_length=5, choices=HowOften.choices, default=HowOften.ONCE)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    # Of all members together; None is as often as you like.
    most_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    points = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "token"], name="an_earning_code_has_its_own_token"),
            models.CheckConstraint(
                condition=Q(most_uses=None) | Q(uses__lte=F("most_uses")), name="a_code_gives_no_more_than_it_may"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="an_earning_code_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["store", "-created_at", "-id"], name="earning_code_newest")]

    def __str__(self) -> str:
        return self.label

    def is_open(self, now: datetime) -> bool:
        return not self.why_closed(now)

    def why_closed(self, now: datetime) -> str:
        """ "closed", "early", "over" or "used_up"; "" when it gives."""
        if self.closed_at is not None:
            return "closed"
        if self.starts_at is not None and now < self.starts_at:
            return "early"
        if self.ends_at is not None and now >= self.ends_at:
            return "over"
        return "used_up" if self.most_uses is not None and self.uses >= self.most_uses else ""
