"""What people talk about: a model learnt from the store's own words and stars, and the themes it found."""

from django.db import models

from thereafter.feedback.models.surveys import Survey
from thereafter.stores.models import StoreModel


class TextModel(StoreModel):
    """What was learnt from the store's words, and how well it does on words it has not seen."""

    trained_at = models.DateTimeField()
    trained_on = models.PositiveIntegerField()
    positive = models.PositiveIntegerField()
    negative = models.PositiveIntegerField()
    # Of five-fold cross-validation, of 1; empty when there were too few words.
    accuracy = models.FloatField(null=True)
    auc = models.FloatField(null=True)
    content = models.BinaryField()
    # Why there is none: "37 of 200 comments".
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["store", "-trained_at"], name="text_model_newest")]

    def __str__(self) -> str:
        return f"learnt from {self.trained_on} comments"


class Theme(StoreModel):
    """Words that come together, named by themselves or by the shop."""

    name = models.CharField(max_length=120)
    is_renamed = models.BooleanField(default=False)
    words = models.JSONField(default=list)
    language = models.CharField(max_length=10, blank=True)
    # Where it lies among the words, to know it again after learning anew.
    centre = models.BinaryField(default=b"")
    hidden_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["store", "made_at"], name="theme_store")]

    def __str__(self) -> str:
        return self.name


class Said(StoreModel):
    """One comment of an answer or a review: its theme, and how pleased it sounds (0 to 1)."""

    # answer or review, and its id.
    room = models.CharField(max_length=6)
    row = models.PositiveBigIntegerField()
    # Of an answer; none of a review.
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, null=True, related_name="+")
    survey_id: int | None
    theme = models.ForeignKey(Theme, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    theme_id: int | None
    pleased = models.FloatField(null=True)
    # The score or the stars given with it, and whether that is low, middle or high; "" without one.
    score = models.SmallIntegerField(null=True)
    band = models.CharField(max_length=6, blank=True)
    # As its words are, else as the person was asked.
    language = models.CharField(max_length=10, blank=True)
    said_at = models.DateTimeField()
    # When it was put into its theme; what was changed since is read again.
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "room", "row"], name="a_comment_has_one_theme")]
        indexes = [
            models.Index(fields=["store", "theme", "-said_at"], name="said_theme"),
            models.Index(fields=["store", "-said_at"], name="said_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.row}"
