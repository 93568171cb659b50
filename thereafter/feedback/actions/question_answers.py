"""Answers to questions about products: of buyers and of the shop."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from thereafter.events.questions import QuestionAnswered
from thereafter.feedback.actions import asking, questions, ratings
from thereafter.feedback.models import Decision, ProductAnswer, ProductQuestion, QuestionMail
from thereafter.feedback.queries import bought
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules import moderation
from thereafter.feedback.rules import questions as rules
from thereafter.feedback.rules.reviews import shown_name
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

State, AnswerState = ProductQuestion.State, ProductAnswer.State
SHOP, BUYER = "shop", "buyer"


class TooLate(Exception):
    """The answer was given more than seven days ago and stands."""


@transaction.atomic
def answer_as_buyer(asked: QuestionMail, text: str, *, now: datetime) -> ProductAnswer:
    """The answer of somebody who was asked; a second one changes the first. Raises `rules.BadWords`, `TooLate`."""
    words = rules.clean_answer(text)
    # A double click is one answer: the second waits here for the first.
    QuestionMail.objects.of(asked.store_id).select_for_update(of=("self",)).get(pk=asked.pk)
    mine = ProductAnswer.objects.of(asked.store_id).filter(question=asked.question_id, customer=asked.customer_id)
    known = mine.select_for_update(of=("self",)).first()
    checks = settings_of(asked.store_id).checks_first
    if known is not None:
        return _changed(known, words, checks=checks, now=now)
    product = asked.question.product_id
    pair = (asked.customer_id, product)
    made = ProductAnswer.objects.create(
        store_id=asked.store_id,
        question=asked.question,
        by=BUYER,
        customer=asked.customer,
        shown_name=shown_name(asked.customer.name),
        is_verified=pair in bought.bought_before(asked.store_id, [pair], now),
        text=words,
        language=asked.question.language,
        answered_at=now,
        changed_at=now,
    )
    asking.heard(asked.store_id, [asked.ask_id], at=now)
    if not checks:
        publish_answers(asked.store, [made.pk], by=None, now=now)
    return made


def _changed(known: ProductAnswer, words: str, *, checks: bool, now: datetime) -> ProductAnswer:
    if now - known.answered_at > timedelta(days=rules.CHANGE_DAYS) or known.state == AnswerState.HIDDEN:
        raise TooLate
    if known.text == words:
        return known
    known.text, known.changed_at = words, now
    if checks:
        known.state = AnswerState.PENDING
    known.save(update_fields=["text", "changed_at", "state"])
    _count([known.question], now)
    return known


@transaction.atomic
def decline(asked: QuestionMail, *, now: datetime) -> None:
    """They do not know; that is an answer to us, and ends it."""
    QuestionMail.objects.of(asked.store_id).filter(pk=asked.pk, declined_at=None).update(declined_at=now)
    asking.heard(asked.store_id, [asked.ask_id], at=now)


@transaction.atomic
def answer_as_shop(question: ProductQuestion, text: str, *, by: Staff, now: datetime) -> ProductAnswer:
    """The shop's own answer, seen at once; a second one takes the place of the first. A question that nobody has looked
    at is published with it. Raises `rules.BadWords`."""
    words = rules.clean_answer(text)
    if question.state == State.PENDING:
        questions.publish(question.store, [question.pk], by=by, now=now)
    answer, is_new = ProductAnswer.objects.of(question.store_id).update_or_create(
        store_id=question.store_id,
        question=question,
        by=SHOP,
        defaults={"text": words, "staff": by, "changed_at": now, "state": AnswerState.PUBLISHED, "hidden_for": ""},
        create_defaults={
            "text": words,
            "staff": by,
            "changed_at": now,
            "answered_at": now,
            "state": AnswerState.PUBLISHED,
            "language": question.language,
        },
    )
    _seen(question.store, [answer] if is_new else [], [question], now)
    return answer


@transaction.atomic
def publish_answers(store: Store, answer_ids: Collection[int], *, by: Staff | None, now: datetime) -> int:
    waiting = ProductAnswer.objects.of(store).filter(pk__in=answer_ids).exclude(state=AnswerState.PUBLISHED)
    chosen = list(waiting.select_for_update(of=("self",)).select_related("question").order_by("id"))
    ProductAnswer.objects.of(store).filter(pk__in=[one.pk for one in chosen]).update(
        state=AnswerState.PUBLISHED, hidden_for=""
    )
    Decision.objects.bulk_create(
        Decision(store=store, answer=one, what="publish", state="holds", by=by, at=now) for one in chosen
    )
    _seen(store, chosen, [one.question for one in chosen], now)
    return len(chosen)


def _seen(store: Store, answers: Iterable[ProductAnswer], questions: Iterable[ProductQuestion], now: datetime) -> None:
    """What can be read from now on is told of; the asker hears of the first answer."""
    asked = {one.pk: one for one in questions}
    _count(list(asked.values()), now)
    record(*(_answered(one, asked[one.question_id], now) for one in answers))
    mine = ProductQuestion.objects.of(store)
    news = mine.filter(pk__in=asked, told_at=None, customer__isnull=False, answer_count__gt=0, state=State.PUBLISHED)
    told = list(news)
    mine.filter(pk__in=[one.pk for one in told]).update(told_at=now)
    send_many([_news(one, now) for one in told], now)


def _answered(answer: ProductAnswer, question: ProductQuestion, now: datetime) -> QuestionAnswered:
    return QuestionAnswered(
        store_id=answer.store_id,
        occurred_at=now,
        question_id=question.pk,
        answer_id=answer.pk,
        product_id=question.product_id,
        by=answer.by,
        customer=question.customer_id,
    )


def _news(question: ProductQuestion, now: datetime) -> SendRequest:
    return SendRequest(
        store_id=question.store_id,
        customer_id=question.customer_id or 0,
        template="question_answered",
        key=f"question_answered:{question.pk}",
        due_at=now,
        facts={"event": {"question_id": question.pk}},
    )


def _count(questions: Collection[ProductQuestion], now: datetime) -> None:
    """How many answers of each can be read."""
    for question in questions:
        shown = ProductAnswer.objects.of(question.store_id).filter(question=question, state=AnswerState.PUBLISHED)
        count = shown.aggregate(n=Count("id"))["n"]
        ProductQuestion.objects.of(question.store_id).filter(pk=question.pk).update(answer_count=count)
        ratings.recount(question.store_id, [question.product_id], now=now)


@transaction.atomic
def hide_answer(answer: ProductAnswer, *, reason: str, note: str, by: Staff, now: datetime) -> None:
    """Raises `moderation.CannotDecide`."""
    moderation.check_reason(reason, note)
    mine = ProductAnswer.objects.of(answer.store_id).filter(pk=answer.pk).exclude(state=AnswerState.HIDDEN)
    if mine.update(state=AnswerState.HIDDEN, hidden_for=reason):
        Decision.objects.create(
            store_id=answer.store_id,
            answer=answer,
            what="hide",
            state="holds",
            reason=reason,
            note=note.strip(),
            by=by,
            at=now,
        )
        _count([answer.question], now)
