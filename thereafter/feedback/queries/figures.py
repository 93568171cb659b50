"""Figures of surveys in a stretch of time: scores, how many answered, and how that went on."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, TruncMonth, TruncWeek

from thereafter.feedback.models import Answer, Hit, Invitation, Survey
from thereafter.messaging.models import Message, Receipt
from thereafter.stores.models import Store, StoreQuerySet

Counts = Counter[int]
STEPS = {"week": TruncWeek, "month": TruncMonth}


@dataclass(frozen=True)
class Window:
    """From `since` (included; None: the beginning) to `until` (not included)."""

    since: datetime | None
    until: datetime

    @property
    def before(self) -> "Window | None":
        """The same length just before; nothing comes before the beginning."""
        return Window(self.since - (self.until - self.since), self.since) if self.since else None


@dataclass(frozen=True)
class Reach:
    """Of one survey: how many were asked by a message, whom it reached (it went out and did not come back), who of them
    answered, and what scanners opened. `answers` are all of the time, `finished` those with the last question answered
    of the `longer` ones, which had more than a score."""

    asked: int = 0
    reached: int = 0
    answered: int = 0
    answers: int = 0
    longer: int = 0
    finished: int = 0
    opened: int = 0
    not_counted: int = 0

    @property
    def response(self) -> float | None:
        return self.answered / self.reached if self.reached else None

    @property
    def completion(self) -> float | None:
        return self.finished / self.longer if self.longer else None


def surveys(store: Store) -> list[Survey]:
    """Those that anybody was asked or that are in use; the oldest first, archived ones last."""
    known = list(Survey.objects.of(store).order_by("id"))
    return sorted(known, key=lambda survey: (survey.archived_at is not None, survey.pk))


def given(store: Store, window: Window, survey: Survey | None = None) -> StoreQuerySet[Answer]:
    found = Answer.objects.of(store).filter(answered_at__lt=window.until)
    found = found.filter(survey=survey) if survey else found
    return found.filter(answered_at__gte=window.since) if window.since else found


def counts(answers: QuerySet[Answer]) -> Counts:
    """How often each score was given."""
    rows = answers.filter(score__isnull=False).order_by().values_list("score").annotate(times=Count("id"))
    return Counter({score: times for score, times in rows if score is not None})


def counts_by_survey(store: Store, window: Window | None) -> Mapping[int, Counts]:
    found: dict[int, Counts] = defaultdict(Counter)
    if window is None:
        return found
    rows = given(store, window).filter(score__isnull=False).order_by().values_list("survey_id", "score")
    for survey_id, score, times in rows.annotate(times=Count("id")):
        found[survey_id][score or 0] += times
    return found


def counts_by_step(answers: QuerySet[Answer], step: str, zone: tzinfo) -> Mapping[int, Mapping[date, Counts]]:
    """By survey and by the first day of each week or month of the shop's calendar, oldest first."""
    found: dict[int, dict[date, Counts]] = defaultdict(lambda: defaultdict(Counter))
    begins = STEPS[step]("answered_at", tzinfo=zone)
    rows = answers.filter(score__isnull=False).order_by().annotate(begins=begins)
    for row in rows.values("survey_id", "begins", "score").annotate(times=Count("id")).order_by("begins"):
        found[row["survey_id"]][row["begins"].date()][row["score"]] += row["times"]
    return found


def reach(store: Store, window: Window, survey: Survey | None = None) -> Mapping[int, Reach]:
    """Of each survey, in three queries."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for rows in (_asked(store, window, survey), _answered(store, window, survey), _opened(store, window, survey)):
        for row in rows:
            found[row.pop("survey_id")].update(row)
    return defaultdict(Reach, {survey_id: Reach(**row) for survey_id, row in found.items()})


def _asked(store: Store, window: Window, survey: Survey | None) -> QuerySet[Invitation, dict[str, Any]]:
    # Where a page or a card asked, nobody knows how many saw the question and did not answer.
    asked = _within(Invitation.objects.of(store).filter(channel="mail"), window, "asked_at", survey)
    # Who was asked by mail may have answered elsewhere, and the answer came by the API.
    given = Answer.objects.of(store).filter(survey=OuterRef("survey"))
    # Two questions, each of which has its index, and not one with an "or", which has none.
    is_answered = Exists(given.filter(invitation=OuterRef("pk"))) | Exists(given.filter(order=OuterRef("order")))
    key = Concat(Value("survey:"), Cast(OuterRef("pk"), CharField()))
    bounced = Receipt.objects.of(store).filter(message=OuterRef("pk"), kind=Receipt.Kind.BOUNCED)
    lost = Message.objects.of(store).filter(~Q(state=Message.State.SENT) | Exists(bounced), key=key)
    rows = asked.annotate(is_answered=is_answered, is_lost=Exists(lost)).values("survey_id").order_by()
    return rows.annotate(
        asked=Count("id"),
        reached=Count("id", filter=Q(is_lost=False) | Q(is_answered=True)),
        answered=Count("id", filter=Q(is_answered=True)),
    )


def _answered(store: Store, window: Window, survey: Survey | None) -> QuerySet[Answer, dict[str, Any]]:
    longer = Q(version__gt=0)
    return (
        given(store, window, survey)
        .values("survey_id")
        .order_by()
        .annotate(
            answers=Count("id"),
            longer=Count("id", filter=longer),
            finished=Count("id", filter=longer & Q(finished_at__isnull=False)),
        )
    )


def _opened(store: Store, window: Window, survey: Survey | None) -> list[dict[str, int]]:
    opened = Hit.objects.of(store).filter(at__lt=window.until)
    opened = opened.filter(invitation__survey=survey) if survey else opened
    opened = opened.filter(at__gte=window.since) if window.since else opened
    rows = opened.order_by().values_list("invitation__survey_id")
    unanswered = Count("invitation", distinct=True, filter=Q(invitation__answer__isnull=True))
    return [
        {"survey_id": survey_id, "opened": links, "not_counted": without}
        for survey_id, links, without in rows.annotate(links=Count("invitation", distinct=True), without=unanswered)
    ]


def _within(
    rows: StoreQuerySet[Invitation], window: Window, field: str, survey: Survey | None
) -> StoreQuerySet[Invitation]:
    rows = rows.filter(**{f"{field}__lt": window.until})
    rows = rows.filter(**{f"{field}__gte": window.since}) if window.since else rows
    return rows.filter(survey=survey) if survey else rows
