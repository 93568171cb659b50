"""Questions about products: asked, looked at, and sent to buyers."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from thereafter.commerce.actions.people import known_by_address
from thereafter.commerce.models import Customer, Product
from thereafter.events.questions import QuestionAsked
from thereafter.feedback.actions import asking, ratings
from thereafter.feedback.actions.asking import Asking
from thereafter.feedback.models import Decision, ProductQuestion
from thereafter.feedback.queries import bought
from thereafter.feedback.queries import questions as queries
from thereafter.feedback.rules import moderation
from thereafter.feedback.rules import questions as rules
from thereafter.feedback.rules.reviews import shown_name
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

State = ProductQuestion.State
SOURCE = "questions"
# Nobody floods a stranger's mailbox through us.
MOST_MAILS, MAILS_WITHIN = 3, timedelta(days=1)
_AFTER_A_FAILURE = timedelta(hours=1)
log = logging.getLogger(__name__)


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
    return sum(_round_safely(question, now) for question in due)


def _round_safely(question: ProductQuestion, now: datetime) -> int:
    """A question whose buyers cannot be found keeps no other waiting: it is looked at again in an hour."""
    try:
        return send_round(question, now=now) + 1
    except Exception:
        log.exception("question %s of store %s could not be sent on", question.pk, question.store_id)
        mine = ProductQuestion.objects.of(question.store_id).filter(pk=question.pk)
        return mine.update(next_at=now + _AFTER_A_FAILURE)


@transaction.atomic
def hide(question: ProductQuestion, *, reason: str, note: str, by: Staff, now: datetime) -> None:
    """Raises `moderation.CannotDecide`. A question has no stars, so one person is enough."""
    moderation.check_reason(reason, note)
    mine = ProductQuestion.objects.of(question.store_id).filter(pk=question.pk).exclude(state=State.HIDDEN)
    if mine.update(state=State.HIDDEN, hidden_for=reason, next_at=None):
        Decision.objects.create(
            store_id=question.store_id,
            question=question,
            what="hide",
            state="holds",
            reason=reason,
            note=note.strip(),
            by=by,
            at=now,
        )
        ratings.recount(question.store_id, [question.product_id], now=now)


def forget_unconfirmed(now: datetime) -> int:
    """Questions that nobody said yes to; returns how many."""
    before = now - timedelta(days=rules.CONFIRM_DAYS + 1)
    old = ProductQuestion.objects.filter(state=State.UNCONFIRMED, asked_at__lt=before)
    return old.delete()[1].get("feedback.ProductQuestion", 0)
