"""An author objects to what was hidden, and another person than who hid it looks again."""

from datetime import datetime

from django.db import transaction

from thereafter.events.reviews import AppealDecided, AppealMade
from thereafter.feedback.actions import author_news, moderating
from thereafter.feedback.models import Appeal, Decision, Review
from thereafter.feedback.rules import moderation as rules
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.stores.models import Membership, Staff
from thereafter.timeline.log import record

LONGEST = 2000


@transaction.atomic
def appeal(decision: Decision, text: str, *, now: datetime) -> Appeal:
    """Once for each decision; a second press gives the first. Raises `CannotDecide` when nothing is hidden any more."""
    known = Appeal.objects.of(decision.store_id).filter(decision=decision).first()
    if known:
        return known
    held = Decision.objects.of(decision.store_id).select_for_update(of=("self",)).get(pk=decision.pk)
    review = held.review
    if review is None or not is_hidden_by(held, review):
        raise CannotDecide("This is not hidden any more.")
    made, is_new = Appeal.objects.get_or_create(
        store_id=held.store_id, decision=held, defaults={"text": text.strip()[:LONGEST], "made_at": now}
    )
    if is_new and review.customer_id is not None:
        ids = author_news.event_ids(review, review.customer_id, now) | {"actor": "shopper"}
        record(AppealMade(**ids, decision_id=held.pk))  # type: ignore[arg-type]  # the fields of every event of a review
    return made


def is_hidden_by(decision: Decision, review: Review) -> bool:
    """Whether it still is: what its author changed since waits to be looked at anew."""
    holds = decision.what == Decision.What.HIDE and decision.state == Decision.State.HOLDS
    return holds and (decision.photo is not None or review.state == Review.State.HIDDEN)


@transaction.atomic
def decide(appeal: Appeal, *, upheld: bool, answer: str, by: Staff, now: datetime) -> None:
    """The author is told what came of it, and why. Raises `CannotDecide`."""
    decision = appeal.decision
    if not may_judge(decision, by):
        raise CannotDecide("Who hid it does not decide about the objection. Ask a colleague.")
    if not answer.strip():
        raise CannotDecide("Tell the author why, in a sentence or two.")
    mine = Appeal.objects.of(appeal.store_id).filter(pk=appeal.pk, outcome="")
    outcome = "upheld" if upheld else "rejected"
    if not mine.update(outcome=outcome, answer=answer.strip()[:LONGEST], decided_by=by, decided_at=now):
        raise CannotDecide("Somebody decided this already.")
    if upheld and decision.state == Decision.State.HOLDS:
        moderating.lift(decision, by=by, note="The author objected, and was right.", now=now)
    if decision.review:
        _tell(decision, decision.review, outcome, answer.strip(), by, now)


def may_judge(decision: Decision, person: Staff) -> bool:
    """Neither who hid it nor, where there is somebody else, who agreed."""
    return rules.may_judge(
        person.pk, first=decision.by_id, second=decision.second_id, moderators=moderators(decision.store_id)
    )


def moderators(store_id: int) -> set[int]:
    """The people of a shop who may decide about reviews."""
    working = Membership.objects.of(store_id).filter(staff__is_active=True)
    return {one.staff_id for one in working if one.may("feedback.moderate")}


def _tell(decision: Decision, review: Review, outcome: str, answer: str, by: Staff, now: datetime) -> None:
    author_news.tell(review, author_news.APPEAL, key=str(decision.pk), now=now, decision_id=decision.pk)
    if review.customer_id is None:
        return
    ids = author_news.event_ids(review, review.customer_id, now, by.pk)
    about = {"decision_id": decision.pk, "upheld": outcome == "upheld", "answer": answer}
    record(AppealDecided(**ids, **about))  # type: ignore[arg-type]  # the fields of every event of a review
