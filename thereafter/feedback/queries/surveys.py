"""What is asked of surveys: what they ask, how they do, and what uses them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max

from thereafter.feedback.models import Answer, Invitation, OpenLink, Survey, SurveyVersion
from thereafter.feedback.rules import documents
from thereafter.feedback.rules.documents import SurveyDocument
from thereafter.journeys.models import Journey
from thereafter.kit import scores
from thereafter.kit.pages import humanise
from thereafter.kit.scores import SCALES
from thereafter.stores.models import Store

EVERYBODY_HAS = "satisfaction"
LATELY = timedelta(days=90)


def title_of(survey: Survey) -> str:
    """As people read it: its name, or what its key says."""
    return survey.name or humanise(survey.key)


def names(store_id: int) -> list[tuple[str, str]]:
    """Key and name of the surveys that can be asked; everybody has the first."""
    rows = Survey.objects.of(store_id).filter(archived_at=None)
    found = {survey.key: title_of(survey) for survey in rows}
    first = {EVERYBODY_HAS: found.pop(EVERYBODY_HAS, humanise(EVERYBODY_HAS))}
    return [*first.items(), *sorted(found.items(), key=lambda one: one[1].casefold())]


def document_of(survey: Survey) -> SurveyDocument:
    """What people are asked by now: the version in force, or our own words."""
    if survey.version:
        return documents.read(versions_of(survey).get(number=survey.version).document)
    return documents.plain(survey.kind, survey.question)


def draft_of(survey: Survey) -> SurveyDocument:
    """What the editor works on: the draft, or what people are asked by now."""
    return documents.read(survey.draft) if survey.draft is not None else document_of(survey)


def versions_of(survey: Survey) -> Any:
    """The newest first."""
    rows = SurveyVersion.objects.of(survey.store_id).filter(survey=survey)
    return rows.select_related("survey__store", "store", "published_by").order_by("-number")


def last_number(survey: Survey) -> int:
    return versions_of(survey).aggregate(last=Max("number"))["last"] or 0


@dataclass(frozen=True)
class Row:
    """A survey with how it does: of the last 90 days."""

    survey: Survey
    asked: int
    answered: int
    reading: scores.Reading | None
    changed_at: datetime | None

    @property
    def title(self) -> str:
        return title_of(self.survey)


def rows(store: Store, now: datetime, *, archived: bool = False) -> list[Row]:
    """All surveys of a store, in four queries. `asked` counts those who were asked within the time, `answered` the
    answers of it."""
    surveys = list(Survey.objects.of(store).filter(archived_at__isnull=not archived).order_by("id"))
    since = now - LATELY
    asked = _counted(Invitation.objects.of(store).filter(asked_at__gte=since, asked_at__lte=now))
    given = Answer.objects.of(store).filter(answered_at__gte=since, answered_at__lte=now)
    counts: dict[int, Counter[int | None]] = defaultdict(Counter)
    for survey_id, score, times in given.values_list("survey_id", "score").annotate(times=Count("id")).order_by():
        counts[survey_id][score] += times
    changed = SurveyVersion.objects.of(store).values_list("survey_id").annotate(last=Max("published_at")).order_by()
    published = dict(changed)
    return [
        Row(
            survey,
            asked.get(survey.pk, 0),
            sum(counts[survey.pk].values()),
            _reading(survey.kind, counts[survey.pk]),
            published.get(survey.pk) or survey.created_at,
        )
        for survey in surveys
    ]


def row(survey: Survey, now: datetime) -> Row:
    """The same of one."""
    found = rows(survey.store, now, archived=survey.archived_at is not None)
    return next(one for one in found if one.survey.pk == survey.pk)


def _counted(asked: Any) -> dict[int, int]:
    return dict(asked.values_list("survey_id").annotate(times=Count("id")).order_by())


def _reading(kind: str, counts: Counter[int | None]) -> scores.Reading | None:
    if kind not in SCALES:
        return None
    return scores.reading(kind, {score: times for score, times in counts.items() if score is not None})


def links_of(survey: Survey) -> Sequence[OpenLink]:
    found = OpenLink.objects.of(survey.store_id).filter(survey=survey)
    return list(found.select_related("survey__store", "store").order_by("-made_at", "-id"))


@dataclass(frozen=True)
class Use:
    """A journey that asks a survey: now (`is_on`), or once it is published and turned on."""

    journey: Journey
    is_on: bool


def uses_of(survey: Survey) -> list[Use]:
    """The journeys with a step that asks it, as they are published or drafted."""
    journeys = Journey.objects.of(survey.store_id).filter(archived_at=None).select_related("version").order_by("name")
    found = []
    for journey in journeys:
        published = journey.version is not None and survey.key in asked_in(journey.version.document)
        if published or (journey.draft and survey.key in asked_in(journey.draft)):
            found.append(Use(journey, published and journey.live and journey.paused_at is None))
    return found


def asked_in(document: Any) -> set[str]:
    """The keys of the surveys that a journey's document asks; a step that names none asks the first."""
    return {str(step.get("survey") or EVERYBODY_HAS) for step in _parts(document) if step.get("kind") == "ask"}


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a document, however deep."""
    inside: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for one in inside:
        yield from _parts(one)
