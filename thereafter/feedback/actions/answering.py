"""What a person answers on our own page."""

from datetime import datetime

from django.db import transaction

from thereafter.events.surveys import SurveyAnswerChanged, SurveyAnswered
from thereafter.feedback import rules
from thereafter.feedback.models import Answer, Hit, Invitation, Revision
from thereafter.timeline.log import record

# A scanner that comes again and again fills no disk.
MOST_HITS = 40


class TooLate(Exception):
    """The answer was given more than seven days ago and stands."""


@transaction.atomic
def note_hit(invitation: Invitation, *, score: int, user_agent: str, address: str, now: datetime) -> None:
    """Somebody or something opened a link. It counts for nothing until a person confirms it."""
    if Hit.objects.of(invitation.store_id).filter(invitation=invitation).count() < MOST_HITS:
        Hit.objects.create(
            store_id=invitation.store_id,
            invitation=invitation,
            score=score,
            at=now,
            user_agent=user_agent[:200],
            network=rules.network_of(address),
        )


@transaction.atomic
def answer(
    invitation: Invitation, *, score: int, now: datetime, comment: str | None = None, via: str = "email"
) -> Answer:
    """Takes a person's answer or change of mind; without a comment the one given before stays.

    Raises `rules.BadScore`, and `TooLate` when an answer of more than seven days ago would change.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("survey").get(pk=invitation.pk)
    rules.check_score(invitation.survey.kind, score)
    words = None if comment is None else rules.clean_comment(comment)
    given = Answer.objects.of(invitation.store_id).filter(invitation=invitation).select_related("survey").first()
    if given is None:
        return _first(invitation, score=score, comment=words or "", via=via, now=now)
    return _changed(given, score=score, comment=given.comment if words is None else words, now=now)


def _first(invitation: Invitation, *, score: int, comment: str, via: str, now: datetime) -> Answer:
    given = Answer.objects.create(
        store_id=invitation.store_id,
        survey=invitation.survey,
        invitation=invitation,
        customer_id=invitation.customer_id,
        order_id=invitation.order_id,
        score=score,
        comment=comment,
        via=via,
        answered_at=now,
        changed_at=now,
    )
    record(answered(given))
    return given


def answered(given: Answer) -> SurveyAnswered:
    return SurveyAnswered(
        store_id=given.store_id,
        customer_id=given.customer_id,
        order_id=given.order_id,
        occurred_at=given.answered_at,
        actor="shopper",
        answer_id=given.pk,
        survey=given.survey.key,
        score=given.score,
        has_comment=bool(given.comment),
        invitation_id=given.invitation_id,
        via=given.via,
    )


def _changed(given: Answer, *, score: int, comment: str, now: datetime) -> Answer:
    if (score, comment) == (given.score, given.comment):
        return given
    if not rules.may_change(given.answered_at, now):
        raise TooLate
    Revision.objects.create(store_id=given.store_id, answer=given, score=given.score, comment=given.comment, until=now)
    was = given.score
    given.score, given.comment, given.changed_at = score, comment, now
    given.save(update_fields=["score", "comment", "changed_at"])
    record(
        SurveyAnswerChanged(
            store_id=given.store_id,
            customer_id=given.customer_id,
            order_id=given.order_id,
            occurred_at=now,
            actor="shopper",
            answer_id=given.pk,
            survey=given.survey.key,
            score=score,
            was=was,
            has_comment=bool(comment),
        )
    )
    return given
