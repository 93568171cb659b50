"""Looking after bad answers: somebody, by a time, with a reason and an outcome; then the same question once more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from thereafter.events.surveys import FollowUpClosed, FollowUpOpened, FollowUpOverdue, FollowUpReplied
from thereafter.feedback.actions import matters
from thereafter.feedback.actions.asking import Asking, ask
from thereafter.feedback.actions.matters import Matter
from thereafter.feedback.models import Answer, FollowUp, FollowUpNote, Review
from thereafter.feedback.queries.parcels import where_parcels_are
from thereafter.feedback.rules import follow_ups as rules
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

Kind, State = FollowUpNote.Kind, FollowUp.State
_AT_ONCE = 200


class AlreadyClosed(ValueError):
    """It is over; open it again first."""


class NothingSaid(ValueError):
    """A message or a note needs words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """Why somebody was unhappy, what was done about it, and in how many days the same is asked again (0: not)."""

    reason: str
    outcome: str = ""
    resolved: bool = True
    ask_again_days: int | None = None
    note: str = ""


@transaction.atomic
def open_for_answers(store_id: int, answer_ids: Collection[int], *, now: datetime) -> list[FollowUp]:
    """One for each bad answer that has none and whose survey wants it; old answers brought from elsewhere get none."""
    found = Answer.objects.of(store_id).filter(pk__in=answer_ids, follow_up=None, customer__isnull=False)
    answers = [
        answer
        for answer in found.select_related("survey", "order", "customer").order_by("id")
        if answer.customer and rules.is_wanted(answer.survey.low, answer.band, age=now - answer.answered_at)
    ]
    made = FollowUp.objects.bulk_create(
        [
            FollowUp(
                store_id=store_id,
                customer=answer.customer,
                order=answer.order,
                answer=answer,
                opened_at=now,
                due_at=now + rules.time_to_answer(answer.survey.low),
            )
            for answer in answers
        ]
    )
    parcels = where_parcels_are(store_id, {answer.order_id for answer in answers if answer.order_id})
    record(*(_opened(one, parcels) for one in made))
    return made


@transaction.atomic
def open_for_review(review: Review, *, by: Staff | None, now: datetime) -> FollowUp:
    """By hand, for a review that tells of something to put right; a second press gives the first one."""
    # Two presses at once wait for each other.
    Review.objects.of(review.store_id).select_for_update(of=("self",)).get(pk=review.pk)
    known = FollowUp.objects.of(review.store_id).filter(review=review).first()
    if known or review.customer_id is None:
        if known is None:
            raise NothingSaid("We do not know who wrote this review, so nobody can be written to.")
        return known
    made = FollowUp.objects.create(
        store_id=review.store_id,
        customer_id=review.customer_id,
        order_id=review.order_id,
        review=review,
        opened_for="review",
        owner=by,
        opened_at=now,
        due_at=now + rules.time_to_answer({}),
    )
    record(_opened(made, where_parcels_are(review.store_id, {review.order_id} if review.order_id else set())))
    return made


def _opened(made: FollowUp, parcels: Mapping[int, str]) -> FollowUpOpened:
    answer = made.answer
    return FollowUpOpened(
        store_id=made.store_id,
        customer_id=made.customer_id,
        order_id=made.order_id,
        occurred_at=made.opened_at,
        follow_up_id=made.pk,
        opened_for=made.opened_for,
        due_by=made.due_at.isoformat(),
        answer_id=made.answer_id,
        review_id=made.review_id,
        survey=answer.survey.key if answer else "",
        score=answer.score if answer else None,
        comment=answer.comment if answer else "",
        order_number=made.order.number if made.order else "",
        parcel=parcels.get(made.order_id or 0, ""),
    )


@transaction.atomic
def take(follow_up: FollowUp, *, owner: Staff | None, by: Staff | None, now: datetime) -> None:
    """Whose it is from now on; nobody's when `owner` is None."""
    FollowUp.objects.of(follow_up.store_id).filter(pk=follow_up.pk).update(owner=owner)
    words = f"{owner.name} looks after it" if owner else "Nobody looks after it now"
    _note(follow_up, Kind.CHANGE, words, by, now)


@transaction.atomic
def note(follow_up: FollowUp, text: str, *, by: Staff | None, now: datetime) -> FollowUpNote:
    """For colleagues only. Raises `NothingSaid`."""
    return _note(follow_up, Kind.NOTE, _said(text), by, now)


@transaction.atomic
def reply(follow_up: FollowUp, text: str, *, by: Staff, now: datetime) -> FollowUpNote:
    """Writes to the customer, and waits for them. Raises `NothingSaid`, `AlreadyClosed`."""
    mine = FollowUp.objects.of(follow_up.store_id).filter(pk=follow_up.pk)
    words = _said(text)
    if not mine.filter(state__in=[State.OPEN, State.WAITING]).update(state=State.WAITING):
        raise AlreadyClosed
    mine.filter(first_reply_at=None).update(first_reply_at=now)
    mine.filter(owner=None).update(owner=by)
    written = _note(follow_up, Kind.TO_CUSTOMER, words, by, now)
    _mail(follow_up, written, now)
    record(
        FollowUpReplied(
            store_id=follow_up.store_id,
            customer_id=follow_up.customer_id,
            order_id=follow_up.order_id,
            occurred_at=now,
            actor=f"staff:{by.pk}",
            follow_up_id=follow_up.pk,
            note_id=written.pk,
        )
    )
    return written


def _mail(follow_up: FollowUp, written: FollowUpNote, now: datetime) -> None:
    request = SendRequest(
        store_id=follow_up.store_id,
        customer_id=follow_up.customer_id,
        order_id=follow_up.order_id,
        template="follow_up_reply",
        key=f"follow_up:{written.pk}",
        due_at=now,
        facts={"event": {"note_id": written.pk}},
    )
    send_many([request], now)


@transaction.atomic
def hear(follow_up: FollowUp, text: str, *, now: datetime) -> FollowUpNote:
    """The customer writes back on the page we sent them to: it is open again, also when it was over."""
    mine = FollowUp.objects.of(follow_up.store_id).filter(pk=follow_up.pk)
    words = _said(text)
    # Who writes twice is not answered later for it.
    if mine.exclude(state=State.OPEN).update(**_OPEN, due_at=now + rules.time_to_answer({})):
        _is_open(follow_up, now)
    return _note(follow_up, Kind.FROM_CUSTOMER, words, None, now)


@transaction.atomic
def open_again(follow_up: FollowUp, *, by: Staff | None, now: datetime) -> None:
    """It was closed too soon; what is open already stays as it is."""
    mine = FollowUp.objects.of(follow_up.store_id).filter(pk=follow_up.pk)
    over = mine.filter(state__in=[State.RESOLVED, State.DROPPED])
    if over.update(**_OPEN, due_at=now + rules.time_to_answer({})):
        _is_open(follow_up, now)
        _note(follow_up, Kind.CHANGE, "Open again", by, now)


# What is open again is not over in any way: it has no outcome, and nobody is asked again how it went.
_OPEN: Mapping[str, Any] = {
    "state": State.OPEN,
    "overdue_told_at": None,
    "closed_at": None,
    "ask_again_at": None,
    "outcome": "",
}


def _is_open(follow_up: FollowUp, now: datetime) -> None:
    """What is open again keeps us from asking, as when it was opened."""
    matters.opened(follow_up.store_id, [Matter(follow_up.customer_id, "follow_up", str(follow_up.pk), now)])


@transaction.atomic
def close(follow_up: FollowUp, ending: Ending, *, by: Staff | None, now: datetime) -> None:
    """Raises `rules.BadEnding` when a reason or an outcome is missing, `AlreadyClosed` the second time."""
    rules.check_ending(ending.reason, ending.outcome, resolved=ending.resolved)
    again = None if ending.ask_again_days == 0 or not ending.resolved else _again(follow_up, ending, now)
    mine = FollowUp.objects.of(follow_up.store_id).filter(pk=follow_up.pk, state__in=[State.OPEN, State.WAITING])
    won = mine.update(
        state=State.RESOLVED if ending.resolved else State.DROPPED,
        reason=ending.reason,
        outcome=ending.outcome,
        closed_at=now,
        ask_again_at=again,
    )
    if not won:
        raise AlreadyClosed
    if ending.note.strip():
        _note(follow_up, Kind.NOTE, _said(ending.note), by, now)
    record(
        FollowUpClosed(
            store_id=follow_up.store_id,
            customer_id=follow_up.customer_id,
            order_id=follow_up.order_id,
            occurred_at=now,
            actor=f"staff:{by.pk}" if by else "",
            follow_up_id=follow_up.pk,
            resolved=ending.resolved,
            reason=ending.reason,
            outcome=ending.outcome,
        )
    )


def _again(follow_up: FollowUp, ending: Ending, now: datetime) -> datetime | None:
    """Only what was asked can be asked again."""
    if follow_up.answer is None:
        return None
    days = rules.ask_again_days(follow_up.answer.survey.low)
    days = days if ending.ask_again_days is None else ending.ask_again_days
    return now + timedelta(days=days) if days else None


def _said(text: str) -> str:
    words = text.strip()[: rules.LONGEST_NOTE]
    if not words:
        raise NothingSaid("Write a few words first.")
    return words


def _note(follow_up: FollowUp, kind: str, text: str, by: Staff | None, now: datetime) -> FollowUpNote:
    return FollowUpNote.objects.create(
        store_id=follow_up.store_id, follow_up=follow_up, kind=kind, text=text, by=by, at=now
    )


def turn(now: datetime) -> int:
    """Asks again whom it is time to ask again, and tells of those nobody answered in time; of all stores."""
    return _ask_again(now) + _tell_overdue(now)


@transaction.atomic
def _ask_again(now: datetime) -> int:
    due = FollowUp.objects.filter(ask_again_at__lte=now, asked_again_at=None).select_for_update(of=("self",))
    found = list(due.select_related("answer__survey").order_by("ask_again_at", "id")[:_AT_ONCE])
    FollowUp.objects.filter(pk__in=[one.pk for one in found]).update(asked_again_at=now)
    by_store: dict[int, list[Asking]] = {}
    for one in found:
        if one.answer:
            asking = Asking(one.customer_id, f"again:{one.pk}", one.order_id, one.answer.survey.key)
            by_store.setdefault(one.store_id, []).append(asking)
    for store_id, askings in by_store.items():
        ask(store_id, askings, now=now)
    return len(found)


@transaction.atomic
def _tell_overdue(now: datetime) -> int:
    late = Q(state=State.OPEN, due_at__lt=now, overdue_told_at=None)
    due = FollowUp.objects.filter(late).select_for_update(of=("self",)).select_related("owner")
    found: Sequence[FollowUp] = list(due.order_by("due_at", "id")[:_AT_ONCE])
    FollowUp.objects.filter(pk__in=[one.pk for one in found]).update(overdue_told_at=now)
    record(
        *(
            FollowUpOverdue(
                store_id=one.store_id,
                customer_id=one.customer_id,
                order_id=one.order_id,
                occurred_at=now,
                follow_up_id=one.pk,
                owner=one.owner.name if one.owner else "",
            )
            for one in found
        )
    )
    return len(found)
