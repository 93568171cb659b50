"""Questions about products: asked, looked at, sent to buyers, answered by them and by the shop."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F

from thereafter.commerce.actions.people import known_by_address
from thereafter.commerce.models import Customer, Product
from thereafter.events.questions import QuestionAnswered, QuestionAsked
from thereafter.feedback.actions import asking, ratings
from thereafter.feedback.actions.asking import Asking
from thereafter.feedback.models import Decision, ProductAnswer, ProductQuestion, QuestionMail
from thereafter.feedback.queries import bought
from thereafter.feedback.queries import questions as queries
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules import moderation
from thereafter.feedback.rules import questions as rules
from thereafter.feedback.rules.reviews import shown_name
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

State, AnswerState = ProductQuestion.State, ProductAnswer.State
SHOP, BUYER = "shop", "buyer"
SOURCE = "questions"
# Nobody floods a stranger's mailbox through us.
MOST_MAILS, MAILS_WITHIN = 3, timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks: a customer, or somebody with an address that has to say yes first."""

    customer: Customer | None = None
    email: str = ""
    name: str = ""


@transaction.atomic
def ask_about(product: Product, asker: Asker, text: str, *, language: str, now: datetime) -> ProductQuestion | None:
    """Keeps a question; of a stranger out of sight until the mailbox said yes. None when that had enough mails today.
    Raises `rules.BadWords`."""
    words = rules.clean_question(text)
    if asker.customer is None and _has_enough(product.store_id, asker.email, now):
        return None
    question = ProductQuestion(
        store_id=product.store_id,
        product=product,
        customer=asker.customer,
        email="" if asker.customer else asker.email,
        shown_name=shown_name(asker.name or (asker.customer.name if asker.customer else "")),
        text=words,
        language=language[:10],
        asked_at=now,
    )
    if asker.customer is None:
        question.state, question.mail, question.mail_due_at = State.UNCONFIRMED, ProductQuestion.Mail.QUEUED, now
    question.save()
    if asker.customer is not None:
        record(_asked(question, now))
    return question


def _has_enough(store_id: int, email: str, now: datetime) -> bool:
    mails = ProductQuestion.objects.of(store_id).filter(email=email, asked_at__gt=now - MAILS_WITHIN)
    return mails.count() >= MOST_MAILS


@transaction.atomic
def confirm(question: ProductQuestion, *, now: datetime) -> ProductQuestion:
    """The owner of the mailbox says that it is theirs; the second time changes nothing."""
    mine = ProductQuestion.objects.of(question.store_id)
    question = mine.select_for_update(of=("self",)).select_related("store").get(pk=question.pk)
    if question.state != State.UNCONFIRMED:
        return question
    customer = known_by_address(
        question.store, question.email, name="", locale=question.language, source=SOURCE, now=now
    )
    question.customer, question.email, question.state = customer, "", State.PENDING
    question.save(update_fields=["customer", "email", "state"])
    record(_asked(question, now))
    return question


def _asked(question: ProductQuestion, now: datetime) -> QuestionAsked:
    return QuestionAsked(
        store_id=question.store_id,
        occurred_at=now,
        actor="shopper",
        question_id=question.pk,
        product_id=question.product_id,
        customer=question.customer_id,
    )


@transaction.atomic
def publish(store: Store, question_ids: Collection[int], *, by: Staff | None, now: datetime) -> int:
    """Lets them be seen and asks buyers of the product; returns how many there were."""
    waiting = ProductQuestion.objects.of(store).filter(pk__in=question_ids, state__in=[State.PENDING, State.HIDDEN])
    chosen = list(waiting.select_for_update(of=("self",)).order_by("id"))
    ProductQuestion.objects.of(store).filter(pk__in=[one.pk for one in chosen]).update(
        state=State.PUBLISHED, hidden_for="", published_at=now, next_at=now
    )
    Decision.objects.bulk_create(
        Decision(store=store, question=one, what="publish", state="holds", by=by, at=now) for one in chosen
    )
    ratings.recount(store.pk, {one.product_id for one in chosen}, now=now)
    for one in chosen:
        one.refresh_from_db()
        send_round(one, now=now)
    return len(chosen)


@transaction.atomic
def send_round(question: ProductQuestion, *, now: datetime) -> int:
    """Asks the next buyers, within each one's budget; returns how many were chosen. Nobody more when it is answered."""
    rows = ProductQuestion.objects.of(question.store_id).filter(pk=question.pk)
    asked = queries.asked_buyers(question)
    is_over = question.answer_count or question.state != State.PUBLISHED
    chosen = [] if is_over else _next(question, asked)
    more = chosen and len(asked) + len(chosen) < rules.AT_ONCE * rules.ROUNDS
    rows.update(next_at=now + rules.NEXT_AFTER if more else None, sent_to=F("sent_to") + len(chosen))
    askings = [
        Asking(customer, f"question:{question.pk}:{customer}", what=asking.QUESTION, facts={"question_id": question.pk})
        for customer in chosen
    ]
    if askings:
        asking.ask(question.store_id, askings, now=now)
    return len(chosen)


def _next(question: ProductQuestion, asked: Collection[int]) -> list[int]:
    family = queries.family_of(question)
    buyers = bought.had_delivered(question.store_id, family)
    return list(rules.next_buyers(buyers, asked=asked, asker=question.customer_id))


def turn(now: datetime) -> int:
    """The next round of every question whose time has come; of all stores."""
    due = ProductQuestion.objects.filter(next_at__lte=now).order_by("next_at")[:50]
    return sum(send_round(question, now=now) + 1 for question in due)


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


class TooLate(Exception):
    """The answer was given more than seven days ago and stands."""


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
        publish(question.store, [question.pk], by=by, now=now)
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
def hide(question: ProductQuestion, *, reason: str, note: str, by: Staff, now: datetime) -> None:
    """Raises `moderation.CannotDecide`. A question has no stars, so one person is enough."""
    moderation.check_reason(reason, note)
    mine = ProductQuestion.objects.of(question.store_id).filter(pk=question.pk).exclude(state=State.HIDDEN)
    if mine.update(state=State.HIDDEN, hidden_for=reason, next_at=None):
        _decided(question.store_id, reason, note, by, now, question=question)
        ratings.recount(question.store_id, [question.product_id], now=now)


@transaction.atomic
def hide_answer(answer: ProductAnswer, *, reason: str, note: str, by: Staff, now: datetime) -> None:
    """Raises `moderation.CannotDecide`."""
    moderation.check_reason(reason, note)
    mine = ProductAnswer.objects.of(answer.store_id).filter(pk=answer.pk).exclude(state=AnswerState.HIDDEN)
    if mine.update(state=AnswerState.HIDDEN, hidden_for=reason):
        _decided(answer.store_id, reason, note, by, now, answer=answer)
        _count([answer.question], now)


def _decided(  # noqa: PLR0913 a line of the log says all of this
    store_id: int,
    reason: str,
    note: str,
    by: Staff,
    now: datetime,
    *,
    question: ProductQuestion | None = None,
    answer: ProductAnswer | None = None,
) -> None:
    Decision.objects.create(
        store_id=store_id,
        question=question,
        answer=answer,
        what="hide",
        state="holds",
        reason=reason,
        note=note.strip(),
        by=by,
        at=now,
    )


def forget_unconfirmed(now: datetime) -> int:
    """Questions that nobody said yes to; returns how many."""
    before = now - timedelta(days=rules.CONFIRM_DAYS + 1)
    old = ProductQuestion.objects.filter(state=State.UNCONFIRMED, asked_at__lt=before)
    return old.delete()[1].get("feedback.ProductQuestion", 0)
