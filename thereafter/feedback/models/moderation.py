"""What was decided about reviews, questions, answers and photos, by whom and why; nothing is decided by stars."""

from django.db import models
from django.db.models import Q

from thereafter.feedback.models.questions import ProductAnswer, ProductQuestion
from thereafter.feedback.models.reviews import Review, ReviewPhoto
from thereafter.stores.models import Staff, StoreModel


class Decision(StoreModel):
    """One decision. Hiding a review of few stars needs a second person before it holds."""

    class What(models.TextChoices):
        PUBLISH = "publish", "Publish"
        HIDE = "hide", "Hide"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waits for a second person"
        HOLDS = "holds", "Holds"
        REFUSED = "refused", "The second person said no"
        LIFTED = "lifted", "Taken back"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, null=True, related_name="decisions")
    review_id: int | None
    photo = models.ForeignKey(ReviewPhoto, on_delete=models.CASCADE, null=True, related_name="+")
    question = models.ForeignKey(ProductQuestion, on_delete=models.CASCADE, null=True, related_name="+")
    answer = models.ForeignKey(ProductAnswer, on_delete=models.CASCADE, null=True, related_name="+")
    what = models.CharField(max_length=7, choices=What.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    # A code of `rules.moderation`; "" when published.
    reason = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    # What the author is told.
    told = models.TextField(blank=True)
    # None: a rule that looks at no stars.
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    by_id: int | None
    at = models.DateTimeField()
    second = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    second_id: int | None
    second_at = models.DateTimeField(null=True)
    # The stars at the time, for the report of what is hidden.
    rating = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(what="hide") | ~Q(reason=""), name="hiding_names_its_reason"),
            models.UniqueConstraint(
                fields=["review"],
                name="one_proposal_at_a_time",
                condition=Q(state="proposed", review__isnull=False, photo=None),
            ),
        ]
        indexes = [
            models.Index(fields=["store", "state", "-at"], name="decision_state"),
            models.Index(fields=["store", "-at"], name="decision_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.reason}: {self.state}"


class Appeal(StoreModel):
    """An author says that hiding their review was wrong; another person than who hid it decides."""

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="appeal")
    text = models.TextField()
    made_at = models.DateTimeField()
    # "" while open: upheld (the review comes back) or rejected.
    outcome = models.CharField(max_length=8, blank=True)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store", "made_at"], name="appeal_open", condition=Q(outcome=""))]

    def __str__(self) -> str:
        return self.outcome or "open appeal"


class Report(StoreModel):
    """A visitor says that something should not stand there; it is looked at, it hides nothing."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, null=True, related_name="reports")
    question = models.ForeignKey(ProductQuestion, on_delete=models.CASCADE, null=True, related_name="+")
    answer = models.ForeignKey(ProductAnswer, on_delete=models.CASCADE, null=True, related_name="+")
    reason = models.CharField(max_length=20)
    text = models.CharField(max_length=500, blank=True)
    # Who it was, as a hash that means nothing elsewhere: the same visitor counts once.
    voter = models.CharField(max_length=64)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "voter"], name="a_visitor_reports_a_review_once", condition=Q(review__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["store", "-at"], name="report_open", condition=Q(seen_at=None))]

    def __str__(self) -> str:
        return self.reason


class Vote(StoreModel):
    """Somebody found a review or an answer helpful or not; the last word counts, once for each visitor."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    answer = models.ForeignKey(ProductAnswer, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    voter = models.CharField(max_length=64)
    is_helpful = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "voter"], name="a_visitor_votes_on_a_review_once", condition=Q(review__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["answer", "voter"], name="a_visitor_votes_on_an_answer_once", condition=Q(answer__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(review__isnull=False, answer=None) | Q(review=None, answer__isnull=False),
                name="a_vote_is_on_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return "helpful" if self.is_helpful else "not helpful"
