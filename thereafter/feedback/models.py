"""Questions, whom we asked, and what people (not link scanners) answered."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.feedback import rules
from thereafter.stores.models import StoreModel


class Survey(StoreModel):
    """One question. Without words of the shop's own it is asked in ours, in the reader's language."""

    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=[(kind, kind.upper()) for kind in rules.SCALES], default="csat")
    question = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_survey_has_its_own_key")]

    def __str__(self) -> str:
        return self.key


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
    """A link in a mail was opened, by a person or a scanner: never an answer by itself."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="hits", db_index=False)
    score = models.SmallIntegerField()
    at = models.DateTimeField()
    user_agent = models.CharField(max_length=200, blank=True)
    network = models.CharField(max_length=49, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "invitation"], name="hit_invitation"),
            models.Index(fields=["store", "at"], name="hit_newest"),
        ]

    def __str__(self) -> str:
        return f"opened {self.score}"


class Answer(StoreModel):
    """What a person said, here or (`external_id`) elsewhere. The last word counts; `revisions` keep those before."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+", db_index=False)
    survey_id: int
    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, null=True, related_name="answer")
    invitation_id: int | None
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    external_id = models.CharField(max_length=100, blank=True)
    score = models.SmallIntegerField()
    comment = models.TextField(blank=True)
    via = models.CharField(max_length=20)
    answered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

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
    def is_low(self) -> bool:
        return self.score <= rules.LOW


class Revision(StoreModel):
    """What an answer said before the person changed it."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="revisions")
    score = models.SmallIntegerField()
    comment = models.TextField(blank=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.score} until {self.until:%Y-%m-%d %H:%M}"
