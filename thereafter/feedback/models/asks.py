"""Whom we wanted to ask what, whether we did, and why not: one budget for each person over all that is asked."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.feedback.models.surveys import Survey
from thereafter.stores.models import StoreModel


class Budget(StoreModel):
    """How much the shop asks of one person; a store without a row has the defaults."""

    # At most so many asks in so many days.
    most = models.PositiveSmallIntegerField(default=3)
    days = models.PositiveSmallIntegerField(default=30)
    # Days of quiet after something was asked, and after something was answered.
    gap_after_ask = models.PositiveSmallIntegerField(default=3)
    gap_after_answer = models.PositiveSmallIntegerField(default=3)
    # What keeps everybody from asking while it is open: return, claim, ticket, follow_up, problem.
    quiet_while = models.JSONField(default=list, blank=True)
    # So many of a hundred people are never asked, chosen by a hash, so that what asking does can be shown.
    holdout_percent = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store"], name="a_store_has_one_budget"),
            models.CheckConstraint(condition=Q(most__gte=1, days__gte=1), name="a_budget_asks_something"),
            models.CheckConstraint(condition=Q(holdout_percent__lte=50), name="most_people_are_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.most} in {self.days} days"


class Ask(StoreModel):
    """One wish to ask somebody something: it waits for its place, is asked, or is skipped with a reason."""

    class What(models.TextChoices):
        SURVEY = "survey", "Survey"
        REVIEW = "review", "Reviews"
        QUESTION = "question", "Question of another customer"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ASKED = "asked", "Asked"
        SKIPPED = "skipped", "Not asked"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    what = models.CharField(max_length=8, choices=What.choices)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    survey_id: int | None
    # What wanted it: the same asks once.
    source = models.CharField(max_length=100)
    # The journey or campaign it belongs to, for the message.
    origin = models.CharField(max_length=100, blank=True)
    # What who carries it out needs to know: {"question_id": 4}, {"line_ids": [1, 2]}.
    facts = models.JSONField(default=dict, blank=True)
    priority = models.PositiveSmallIntegerField(default=5)
    wanted_at = models.DateTimeField()
    # From when on, and until when asking makes sense.
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    # Why it waits or was skipped: a code of `rules.budget`.
    reason = models.CharField(max_length=20, blank=True)
    # When it is looked at again.
    look_at = models.DateTimeField(null=True)
    # How often another ask was preferred to it.
    passed_over = models.PositiveSmallIntegerField(default=0)
    decided_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source"], name="a_wish_is_asked_once"),
            models.CheckConstraint(
                condition=Q(survey__isnull=False) | ~Q(what="survey"), name="who_asks_a_survey_names_it"
            ),
        ]
        indexes = [
            models.Index(fields=["look_at", "id"], name="ask_due", condition=Q(state="waiting")),
            models.Index(fields=["store", "customer", "-asked_at"], name="ask_customer"),
            models.Index(fields=["store", "state", "-decided_at"], name="ask_decided"),
            models.Index(
                fields=["store", "asked_at"], name="ask_unanswered", condition=Q(state="asked", answered_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.state}"


class AskDecision(StoreModel):
    """What was decided about an ask, and why; a line for each change, never changed."""

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    ask_id: int
    at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=Ask.State.choices)
    reason = models.CharField(max_length=20, blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ask", "id"], name="decision_ask")]

    def __str__(self) -> str:
        return f"{self.state} {self.reason}".strip()


class OpenMatter(StoreModel):
    """Something between a customer and the shop that is not settled: not the moment to ask how it went."""

    class Kind(models.TextChoices):
        RETURN = "return", "A return is open"
        CLAIM = "claim", "A claim is open"
        TICKET = "ticket", "A support ticket is open"
        FOLLOW_UP = "follow_up", "A bad answer is being put right"
        PROBLEM = "problem", "A parcel is in trouble"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # What it is, by the name the room that told of it has for it.
    ref = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    # Told of out of order: what closed before it opened stays closed.
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "kind", "ref"], name="a_matter_is_open_once")]
        indexes = [
            models.Index(fields=["store", "customer"], name="matter_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
