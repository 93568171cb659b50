"""Making surveys: a draft that may change, versions that never do, settings, and open links."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.rules.coupons import ALPHABET
from thereafter.feedback.models import OpenLink, Survey, SurveyVersion
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.ready_surveys import Ready
from thereafter.feedback.rules import documents
from thereafter.feedback.rules.document_checks import check
from thereafter.feedback.rules.documents import BadSurvey, SurveyDocument
from thereafter.feedback.rules.survey_settings import SurveySettings
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

# Of 28 letters: nobody finds a link by trying.
LETTERS = 10
_LONGEST_STEM = 34
# What a link may note with each answer.
MOST_FACTS = 5


class StillNeeded(Exception):
    """The store's first survey cannot be put away: everybody has it."""


@transaction.atomic
def make(store: Store, *, kind: str, name: str, by: Staff | None, now: datetime, key: str = "") -> Survey:
    """A new survey, with our own words as its draft until it is published."""
    survey = Survey.objects.create(
        store=store,
        key=_free_key(store, key or name),
        name=name[:100],
        kind=kind,
        draft=documents.as_document(documents.plain(kind)),
        created_at=now,
    )
    audit(store, by=by, verb="feedback.survey_made", now=now, subject=survey.name)
    return survey


@transaction.atomic
def make_ready(store: Store, ready: Ready, *, by: Staff | None, now: datetime) -> Survey:
    """One of the ready surveys, published at once: its words are complete in five languages."""
    survey = make(store, kind=ready.kind, name=ready.name, by=by, now=now, key=ready.key)
    survey.draft = documents.as_document(ready.document)
    survey.save(update_fields=["draft"])
    set_settings(survey, SurveySettings(**ready.settings), by=by, now=now)
    publish(survey, by=by, now=now)
    return survey


@transaction.atomic
def save_draft(survey: Survey, document: Mapping[str, Any] | None, *, now: datetime) -> None:
    """Keeps what the editor works on, finished or not; None throws it away. Raises `BadSurvey`."""
    draft = None if document is None else _draft(survey, documents.read({**document, "kind": survey.kind}))
    Survey.objects.of(survey.store_id).filter(pk=survey.pk).update(draft=draft)
    survey.draft = draft


def _draft(survey: Survey, wanted: SurveyDocument) -> dict[str, Any] | None:
    """None where it says the same as what is published."""
    same = survey.version and wanted == queries.document_of(survey)
    return None if same else documents.as_document(wanted)


@transaction.atomic
def publish(survey: Survey, *, by: Staff | None, now: datetime) -> SurveyVersion:
    """People are asked the draft from now on; who was asked before answers what they were asked. Raises `BadSurvey`."""
    locked = Survey.objects.of(survey.store_id).select_for_update(of=("self",)).get(pk=survey.pk)
    document = queries.draft_of(locked)
    problems = check(document, locked.kind)
    if problems:
        raise BadSurvey([(one.where, one.text) for one in problems])
    version = SurveyVersion.objects.create(
        store_id=locked.store_id,
        survey=locked,
        number=queries.last_number(locked) + 1,
        document=documents.as_document(document),
        published_at=now,
        published_by=by,
    )
    Survey.objects.of(locked.store_id).filter(pk=locked.pk).update(draft=None, version=version.number)
    survey.draft, survey.version = None, version.number
    audit(survey.store, by=by, verb="feedback.survey_published", now=now, subject=_subject(survey, version))
    return version


def _subject(survey: Survey, version: SurveyVersion) -> str:
    return f"{survey}, version {version.number}"[:200]


@transaction.atomic
def restore(version: SurveyVersion, *, by: Staff, now: datetime) -> None:
    """An old version becomes the draft; publishing it is the next step."""
    save_draft(version.survey, version.document, now=now)
    audit(version.store, by=by, verb="feedback.survey_restored", now=now, subject=_subject(version.survey, version))


@transaction.atomic
def rename(survey: Survey, name: str, *, by: Staff, now: datetime) -> None:
    """The key stays: journeys name it, answers come by it."""
    if not name or name == survey.name:
        return
    Survey.objects.of(survey.store_id).filter(pk=survey.pk).update(name=name[:100])
    audit(survey.store, by=by, verb="feedback.survey_renamed", now=now, subject=f"{survey} → {name}"[:200])
    survey.name = name[:100]


@transaction.atomic
def set_settings(survey: Survey, wanted: SurveySettings, *, by: Staff | None, now: datetime) -> None:
    fields = {**asdict(wanted), "places": list(wanted.places)}
    Survey.objects.of(survey.store_id).filter(pk=survey.pk).update(**fields)
    audit(survey.store, by=by, verb="feedback.survey_settings", now=now, subject=str(survey), detail=fields)
    survey.refresh_from_db(fields=list(fields))


@transaction.atomic
def copy(survey: Survey, *, by: Staff, now: datetime) -> Survey:
    """Its words and settings under a new name, not yet published; answers and links stay with the first."""
    title = queries.title_of(survey)
    name = f"{title[:93]} (copy)"
    copied = Survey.objects.create(
        store_id=survey.store_id,
        key=_free_key(survey.store, name),
        name=name,
        kind=survey.kind,
        draft=documents.as_document(queries.draft_of(survey)),
        created_at=now,
        **{
            field: getattr(survey, field)
            for field in ("priority", "good_for_days", "again_after_days", "remind_after_days", "low", "high")
        },
    )
    audit(survey.store, by=by, verb="feedback.survey_copied", now=now, subject=f"{title} → {name}"[:200])
    return copied


@transaction.atomic
def archive(survey: Survey, *, by: Staff, now: datetime) -> None:
    """It asks nobody any more, and its links are closed; answers stay, and who was asked may still answer. Raises
    `StillNeeded`."""
    if survey.key == queries.EVERYBODY_HAS:
        raise StillNeeded
    if Survey.objects.of(survey.store_id).filter(pk=survey.pk, archived_at=None).update(archived_at=now):
        OpenLink.objects.of(survey.store_id).filter(survey=survey, closed_at=None).update(closed_at=now)
        audit(survey.store, by=by, verb="feedback.survey_archived", now=now, subject=str(survey))
        survey.archived_at = now


@transaction.atomic
def bring_back(survey: Survey, *, by: Staff, now: datetime) -> None:
    """Its links stay closed until they are opened again."""
    if Survey.objects.of(survey.store_id).filter(pk=survey.pk).exclude(archived_at=None).update(archived_at=None):
        audit(survey.store, by=by, verb="feedback.survey_brought_back", now=now, subject=str(survey))
        survey.archived_at = None


@transaction.atomic
def open_link(
    survey: Survey, name: str, facts: Mapping[str, str], *, now: datetime, by: Staff | None = None
) -> OpenLink:
    """An address behind which anybody may answer; `facts` are noted with each answer: {"place": "till 2"}."""
    link = OpenLink.objects.create(
        store_id=survey.store_id,
        survey=survey,
        name=name[:100],
        code="".join(secrets.choice(ALPHABET) for _ in range(LETTERS)),
        facts=dict(list(facts.items())[:MOST_FACTS]),
        made_at=now,
    )
    audit(survey.store, by=by, verb="feedback.link_made", now=now, subject=f"{survey}: {link.name}"[:200])
    return link


@transaction.atomic
def set_link_closed(link: OpenLink, *, closed: bool, by: Staff, now: datetime) -> None:
    """What is printed already leads nowhere while it is closed, and works again when it is opened."""
    OpenLink.objects.of(link.store_id).filter(pk=link.pk).update(closed_at=now if closed else None)
    verb = "feedback.link_closed" if closed else "feedback.link_opened"
    audit(link.store, by=by, verb=verb, now=now, subject=f"{link.survey}: {link.name}"[:200])


def _free_key(store: Store, like: str) -> str:
    """ "Thank you!" as thank_you, or thank_you_2 when the store has that already."""
    stem = re.sub(r"[^a-z0-9]+", "_", like.lower()).strip("_")[:_LONGEST_STEM] or "survey"
    taken = set(Survey.objects.of(store).filter(key__startswith=stem).values_list("key", flat=True))
    names = (f"{stem}_{number}" if number > 1 else stem for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
