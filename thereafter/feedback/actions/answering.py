"""What a person answers on our own pages; and, where the shop wants it, what an opened link stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.events.base import Event
from thereafter.events.surveys import SurveyAnswerChanged, SurveyAnswered, SurveyFinished
from thereafter.feedback import snapshots
from thereafter.feedback.actions import asking, skipping
from thereafter.feedback.models import Answer, Ask, Hit, Invitation, OpenLink, Revision
from thereafter.feedback.queries.sittings import Sitting, of_answer, of_invitation, replies_of
from thereafter.feedback.rules import answers as rules
from thereafter.feedback.rules import scanners
from thereafter.feedback.rules.documents import COMMENT, SurveyDocument
from thereafter.feedback.rules.replies import pages, words_question
from thereafter.timeline.log import record

# A scanner that comes again and again fills no disk.
MOST_HITS = 40
# How an answer came that nobody pressed a button for.
OPENED = "email_open"
# Why what waits is not asked any more.
ANSWERED = "answered"


class TooLate(Exception):
    """The answer was given more than seven days ago and stands."""

    def __init__(self, given: Answer) -> None:
        super().__init__(given.pk)
        self.given = given


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said at once. What is None here stays as it was said before; a reply of None takes it back.

    `key` is a random text of an anonymous form, so that a double click is one answer.
    """

    score: int | None = None
    comment: str | None = None
    replies: Mapping[str, Any] = field(default_factory=dict)
    via: str = ""
    language: str = ""
    key: str = ""


@transaction.atomic
def note_hit(invitation: Invitation, *, score: int, user_agent: str, address: str, now: datetime) -> None:
    """Somebody or something opened a link. It counts for nothing until a person confirms it, or `openings` finds
    after a while that it was one and the shop lets that count."""
    if Hit.objects.of(invitation.store_id).filter(invitation=invitation).count() < MOST_HITS:
        Hit.objects.create(
            store_id=invitation.store_id,
            invitation=invitation,
            score=score,
            at=now,
            user_agent=user_agent[:200],
            network=rules.network_of(address),
            look_at=now + scanners.WAIT,
        )


def answer(
    invitation: Invitation,
    *,
    now: datetime,
    score: int | None = None,
    comment: str | None = None,
    replies: Mapping[str, Any] | None = None,
) -> Answer:
    """Takes a person's answer or change of mind; without a comment the one given before stays.

    Raises `rules.BadScore`, and `TooLate` when an answer of more than seven days ago would change.
    """
    said = Said(score=score, comment=comment, replies=replies or {})
    return give(of_invitation(invitation), said, now=now)


@transaction.atomic
def give(sitting: Sitting, said: Said, *, now: datetime) -> Answer:
    """The same for whoever sits before a survey: the first word makes the answer, every further one adds to it.

    Raises `rules.BadScore`, and `TooLate`.
    """
    said = _in_its_place(sitting.document, said)
    if said.score is not None:
        rules.check_score(sitting.survey.kind, said.score)
    invitation = _locked(sitting, now)
    given = _known(sitting, invitation, said)
    if given is None:
        return _first(sitting, invitation, said, now)
    return _changed(given, said, now)


def _in_its_place(document: SurveyDocument, said: Said) -> Said:
    """The score, and what was said to the first question that asks for words, have columns of their own."""
    replies = dict(said.replies)
    score, comment, words = said.score, said.comment, words_question(document)
    if document.score and (chosen := replies.pop(document.score.id, None)) is not None:
        score = int(chosen)
    if words and words.id in replies:
        comment = str(replies.pop(words.id) or "") if words.id == COMMENT else str(replies[words.id] or "")
    cleaned = None if comment is None else rules.clean_comment(comment)
    return replace(said, score=score, comment=cleaned, replies=replies)


def _locked(sitting: Sitting, now: datetime) -> Invitation | None:
    """The invitation, made now where a card or a page asked; None for who is unknown. Its lock makes one answer of a
    double click."""
    if sitting.link is not None:
        OpenLink.objects.select_for_update().get(pk=sitting.link.pk)
    if sitting.invitation is not None:
        pk = sitting.invitation.pk
    elif sitting.order is not None:
        pk = _invited(sitting, sitting.order, now).pk
    else:
        return None
    return Invitation.objects.select_for_update(of=("self",)).select_related("survey").get(pk=pk)


def _invited(sitting: Sitting, order: Order, now: datetime) -> Invitation:
    asked_by = "page" if sitting.via == "page" else "card"
    made, _ = Invitation.objects.get_or_create(
        store_id=order.store_id,
        source=f"{asked_by}:{sitting.survey.pk}:{order.pk}",
        defaults={
            "survey": sitting.survey,
            "customer_id": order.customer_id,
            "order": order,
            "asked_at": now,
            "version": sitting.version,
            "channel": sitting.via,
        },
    )
    return made


def _known(sitting: Sitting, invitation: Invitation | None, said: Said) -> Answer | None:
    ours = Answer.objects.of(sitting.store).select_related("survey")
    if sitting.given is not None:
        return ours.select_for_update(of=("self",)).get(pk=sitting.given.pk)
    if invitation is not None:
        return ours.filter(invitation=invitation).first()
    return ours.filter(external_id=f"link:{said.key}").first()


def _first(sitting: Sitting, invitation: Invitation | None, said: Said, now: datetime) -> Answer:
    given = Answer(
        store_id=sitting.store.pk,
        survey=sitting.survey,
        invitation=invitation,
        customer_id=invitation.customer_id if invitation else None,
        order_id=invitation.order_id if invitation else None,
        external_id="" if invitation else f"link:{said.key}",
        score=said.score,
        comment=said.comment or "",
        replies=_merged({}, said.replies),
        version=sitting.version,
        via=said.via or sitting.via,
        language=said.language,
        facts=_surroundings(sitting, said),
        answered_at=now,
        changed_at=now,
    )
    snapshots.stamp([given])
    given.finished_at = now if _is_whole(given, sitting.document) else None
    given.save(force_insert=True)
    if invitation:
        _settle(given, invitation, now)
    _tell(given, answered(given))
    return given


def _is_whole(given: Answer, document: SurveyDocument) -> bool:
    """Our own question is answered with the score; so is one with nothing else to ask."""
    return given.version == 0 or len(pages(document, replies_of(given, document), given.facts)) <= 1


def _settle(given: Answer, invitation: Invitation, now: datetime) -> None:
    """No reminder goes out, and what still waits to be asked about the same order is not asked any more."""
    if invitation.ask_id:
        asking.heard(given.store_id, [invitation.ask_id], at=now)
    if invitation.order_id:
        asking.heard_about(given.store_id, invitation.survey_id, [invitation.order_id], at=now)
        same = Ask.objects.of(given.store_id).filter(customer=invitation.customer_id, order=invitation.order_id)
        waiting = same.filter(survey=invitation.survey_id, state=Ask.State.WAITING)
        skipping.skip(given.store_id, list(waiting), ANSWERED, now=now)


def _surroundings(sitting: Sitting, said: Said) -> dict[str, Any]:
    told = dict(sitting.link.facts) if sitting.link else {}
    return told | {"channel": "mail"} if said.via == OPENED else told


def _merged(before: Mapping[str, Any], replies: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**before, **replies}.items() if value is not None}


def answered(given: Answer) -> SurveyAnswered:
    return SurveyAnswered(**_about(given, given.answered_at), invitation_id=given.invitation_id, via=given.via)


def _about(given: Answer, at: datetime) -> dict[str, Any]:
    return {
        "store_id": given.store_id,
        "customer_id": given.customer_id,
        "order_id": given.order_id,
        "occurred_at": at,
        "actor": "shopper",
        "answer_id": given.pk,
        "survey": given.survey.key,
        "score": given.score,
        "has_comment": bool(given.comment),
        "kind": given.survey.kind,
        "band": given.band,
    }


def _tell(given: Answer, event: Event) -> None:
    """The log is of customers: who answered by a link for everybody is none that anybody knows."""
    if given.customer_id:
        record(event)


def _changed(given: Answer, said: Said, now: datetime) -> Answer:
    was = _Word(given.score, given.comment, given.replies)
    word = _Word(
        given.score if said.score is None else said.score,
        given.comment if said.comment is None else said.comment,
        _merged(given.replies, said.replies),
    )
    confirms = given.via == OPENED
    if word == was and not confirms:
        return given
    # A link that was opened is no person's word: the first that comes replaces it, however late.
    if not confirms and not rules.may_change(given.answered_at, now):
        raise TooLate(given)
    _keep(given, word, now)
    given.score, given.comment, given.replies = word
    given.changed_at, given.language = now, said.language or given.language
    if confirms:
        given.via, given.answered_at = said.via or "email", now
    given.save(update_fields=["score", "comment", "replies", "changed_at", "language", "via", "answered_at"])
    if word[:2] != was[:2]:
        _tell(given, SurveyAnswerChanged(**_about(given, now), was=was.score))
    return given


class _Word(NamedTuple):
    score: int | None
    comment: str
    replies: dict[str, Any]


def _keep(given: Answer, word: _Word, now: datetime) -> None:
    """What was said and is said no longer. A further question's first reply takes nothing back."""
    stays = all(word.replies.get(key) == value for key, value in given.replies.items())
    if (given.score, given.comment) == word[:2] and stays:
        return
    Revision.objects.create(
        store_id=given.store_id,
        answer=given,
        score=given.score,
        comment=given.comment,
        replies=given.replies,
        until=now,
    )


@transaction.atomic
def finish(given: Answer, *, now: datetime) -> None:
    """The last page was left. Replies to questions that are asked no longer, because an earlier reply changed, go."""
    sitting = of_answer(given.store, given.pk)
    if sitting is None:
        return
    shown = {question.id for question in pages(sitting.document, sitting.replies, given.facts)}
    kept = {key: value for key, value in given.replies.items() if key in shown}
    mine = Answer.objects.of(given.store_id).filter(pk=given.pk)
    if kept != given.replies:
        _keep(given, _Word(given.score, given.comment, kept), now)
        mine.update(replies=kept)
    if mine.filter(finished_at=None).update(finished_at=now):
        _tell(given, SurveyFinished(**_about(given, now)))
