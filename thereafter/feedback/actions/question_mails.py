"""Questions of others that go to somebody who bought the product."""

from collections.abc import Sequence
from datetime import datetime

from thereafter.events.questions import QuestionSent
from thereafter.feedback.actions import skipping
from thereafter.feedback.models import Ask, ProductQuestion, QuestionMail
from thereafter.feedback.rules.budget import GONE
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.timeline.log import record

TEMPLATE = "question_to_buyer"


def carry_out(store_id: int, asks: Sequence[Ask], *, now: datetime) -> None:
    """One mail for each, in the caller's transaction; what was answered or hidden meanwhile is asked nobody."""
    ids = {int(ask.facts.get("question_id") or 0) for ask in asks}
    still = ProductQuestion.objects.of(store_id).filter(pk__in=ids, state=ProductQuestion.State.PUBLISHED)
    questions = {one.pk: one for one in still.filter(answer_count=0)}
    # Two customers who became one have two asks of one question.
    people = {ask.customer_id for ask in asks}
    sent = QuestionMail.objects.of(store_id).filter(question__in=ids, customer__in=people)
    known = set(sent.values_list("question", "customer"))
    chosen: list[Ask] = []
    gone: list[Ask] = []
    for ask in asks:
        pair = (int(ask.facts.get("question_id") or 0), ask.customer_id)
        (chosen if pair[0] in questions and pair not in known else gone).append(ask)
        known.add(pair)
    skipping.skip(store_id, gone, GONE, now=now)
    mails = QuestionMail.objects.bulk_create(
        QuestionMail(
            store_id=store_id,
            question=questions[int(ask.facts["question_id"])],
            customer_id=ask.customer_id,
            ask=ask,
            asked_at=now,
        )
        for ask in chosen
    )
    send_many([_mail(one, now) for one in mails], now)
    record(*(_sent(one, now) for one in mails))


def _mail(one: QuestionMail, now: datetime) -> SendRequest:
    return SendRequest(
        store_id=one.store_id,
        customer_id=one.customer_id,
        template=TEMPLATE,
        key=f"{TEMPLATE}:{one.pk}",
        due_at=now,
        facts={"event": {"question_mail_id": one.pk}},
    )


def _sent(one: QuestionMail, now: datetime) -> QuestionSent:
    return QuestionSent(
        store_id=one.store_id,
        customer_id=one.customer_id,
        occurred_at=now,
        question_id=one.question_id,
        product_id=one.question.product_id,
    )
