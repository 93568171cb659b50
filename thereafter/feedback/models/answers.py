"""Whom we asked, and what people (not link scanners) answered."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.feedback.models.asks import Ask
from thereafter.feedback.models.surveys import Survey
from thereafter.feedback.rules import answers as rules
from thereafter.stores.models import StoreModel


class Invitation(StoreModel):
    """Somebody was asked. `source` says by what (a journey's step), so that it asks once whatever happens twice."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+", db_index=False)
    survey_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    source = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    # The place it took in the person's budget; none where a page asked, or before there was one.
    ask = models.ForeignKey(Ask, on_delete=models.SET_NULL, null=True, related_name="+")
    ask_id: int | None
    # The survey as it was when they were asked; 0 in our own words.
    version = models.PositiveIntegerField(default=0)
    # How it reached them: mail, page, link, qr.
    channel = models.CharField(max_length=10, default="mail")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "source"], name="a_source_asks_once")]
        indexes = [
            models.Index(fields=["store", "survey", "asked_at"], name="invitation_asked"),
            models.Index(fields=["store", "customer", "-id"], name="invitation_customer"),
            models.Index(fields=["store", "order", "-id"], name="invitation_order", condition=Q(order__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.survey} asked"


class Hit(StoreModel):
    """A link in a mail was opened, by a person or a scanner. It becomes an answer by itself only when nothing speaks
    for a scanner (`rules.scanners`); `why_not` says what did."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="hits", db_index=False)
    score = models.SmallIntegerField()
    at = models.DateTimeField()
    user_agent = models.CharField(max_length=200, blank=True)
    network = models.CharField(max_length=49, blank=True)
    # When it is looked at whether it was a person; empty when that is decided.
    look_at = models.DateTimeField(null=True)
    why_not = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "invitation"], name="hit_invitation"),
            models.Index(fields=["store", "at"], name="hit_newest"),
            models.Index(fields=["look_at", "id"], name="hit_due", condition=Q(look_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"opened {self.score}"


class Answer(StoreModel):
    """What a person said, here or (`external_id`) elsewhere. The last word counts; `revisions` keep those before."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+", db_index=False)
    survey_id: int
    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, null=True, related_name="answer")
    invitation_id: int | None
    # Nobody known: an answer by an open link.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    customer_id: int | None
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    external_id = models.CharField(max_length=100, blank=True)
    # None where the survey asks for none.
    score = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    via = models.CharField(max_length=20)
    # What the other questions of the survey's version were answered: {"reason": ["size"], "tell_us": "Too small."}
    version = models.PositiveIntegerField(default=0)
    replies = models.JSONField(default=dict, blank=True)
    # What was known when it was given: {"carrier": "dhl", "lane": "DE-AT", "late": true, "product_ids": [3], ...}
    facts = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=10, blank=True)
    answered_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # When the last question was answered; the score alone is an answer already.
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "external_id"], name="an_outside_answer_is_taken_once", condition=~Q(external_id="")
            ),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=10), name="a_score_is_on_a_scale"),
            models.CheckConstraint(
                condition=Q(invitation__isnull=False) | ~Q(external_id=""), name="an_answer_was_asked_for_or_sent"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "survey", "-answered_at"], name="answer_newest"),
            models.Index(fields=["store", "customer", "-answered_at"], name="answer_customer"),
            models.Index(fields=["store", "order"], name="answer_order", condition=Q(order__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.score} for {self.survey}"

    @property
    def band(self) -> str:
        """low, middle, high, or "" without a score."""
        return rules.band(self.survey.kind, self.score)

    @property
    def is_low(self) -> bool:
        return self.band == "low"


class Revision(StoreModel):
    """What an answer said before the person changed it."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="revisions")
    score = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    replies = models.JSONField(default=dict, blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.score} until {self.until:%Y-%m-%d %H:%M}"


class AnswerPhoto(StoreModel):
    """A picture somebody added to an answer, made anew by us; for the shop's eyes only."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="photos")
    question = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    content = models.BinaryField()
    thumbnail = models.BinaryField()
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return "photo of an answer"
