"""What a shop asks: surveys, their published versions, and where they stand open."""

from django.db import models
from django.db.models import Q

from thereafter.feedback.rules.answers import KINDS
from thereafter.stores.models import Staff, StoreModel


class Survey(StoreModel):
    """What is asked, and how often one person may be. Without a published version it asks our own words."""

    key = models.CharField(max_length=40)
    name = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=8, choices=[(kind, kind.upper()) for kind in KINDS], default="csat")
    # A question in the shop's own words, of a survey that has no version; else the version's first question.
    question = models.CharField(max_length=200, blank=True)
    # What is changed and not yet published: a document of `rules.documents`.
    draft = models.JSONField(null=True)
    # Which version people are asked by now.
    version = models.PositiveIntegerField(default=0)
    # The more, the sooner it gets a person's next place; 1 to 9.
    priority = models.PositiveSmallIntegerField(default=5)
    # So many days after the moment it was meant for, asking makes no sense any more.
    good_for_days = models.PositiveSmallIntegerField(default=14)
    # The same person is not asked the same again for so long.
    again_after_days = models.PositiveSmallIntegerField(default=0)
    # So many days without an answer, one reminder goes out; none when empty.
    remind_after_days = models.PositiveSmallIntegerField(null=True)
    # Where it stands open without being sent: order_page, return_page, after_ticket.
    places = models.JSONField(default=list, blank=True)
    # What becomes of low scores: {"follow_up": true, "hours": 48, "ask_again_days": 14}; and of high ones.
    low = models.JSONField(default=dict, blank=True)
    high = models.JSONField(default=dict, blank=True)
    # Whether a link of the mail that a person opened, as far as one can tell, is an answer without their pressing the
    # button (`rules.scanners`).
    counts_opens = models.BooleanField(default=False)
    created_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="a_survey_has_its_own_key"),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=9), name="a_priority_is_1_to_9"),
        ]

    def __str__(self) -> str:
        return self.name or self.key


class SurveyVersion(StoreModel):
    """A survey as it was asked from `published_at` on; never changed."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions", db_index=False)
    survey_id: int
    number = models.PositiveIntegerField()
    document = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="a_survey_version_has_one_number")]

    def __str__(self) -> str:
        return f"version {self.number}"


class OpenLink(StoreModel):
    """A survey behind an address that anybody may be given: on a card in the parcel, on a till, on a page."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+", db_index=False)
    survey_id: int
    name = models.CharField(max_length=100)
    code = models.CharField(max_length=16)
    # What is noted with each answer that comes this way: {"place": "till 2"}.
    facts = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "code"], name="a_survey_link_leads_to_one_survey")]
        indexes = [models.Index(fields=["survey", "-made_at"], name="open_link_survey")]

    def __str__(self) -> str:
        return self.name
