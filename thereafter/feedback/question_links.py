"""Signed links of questions about products, the mails they go out with, and the letters that ask for a yes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.feedback.models import ProductAnswer, ProductQuestion, QuestionMail
from thereafter.feedback.rules.answers import LINK_DAYS
from thereafter.feedback.rules.questions import CONFIRM_DAYS
from thereafter.feedback.widget_facts import product_page
from thereafter.messaging import confirmations
from thereafter.messaging.blocks import Facts, block
from thereafter.messaging.confirmations import Kind, Question
from thereafter.storefront.links import page, row_in, row_token
from thereafter.stores.models import Store

ANSWER, CONFIRM = "feedback.question", "feedback.question_yes"
_SAMPLE = {"product": "Trail Runner 2", "image": None, "question": "Are they wide enough for insoles?", "url": "#"}


def answer_page(mail: QuestionMail) -> str:
    return page(mail.store, "feedback_storefront:answer_question", row_token(ANSWER, mail))


def read_answer(store: Store, token: str) -> int:
    """Raises `BadToken`."""
    return int(row_in(store, ANSWER, token, max_age_days=LINK_DAYS))


def read_confirm(store: Store, token: str) -> int:
    """Raises `BadToken`."""
    return int(row_in(store, CONFIRM, token, max_age_days=CONFIRM_DAYS))


def _letter(question: ProductQuestion) -> Question:
    return Question(
        to=question.email,
        language=question.language,
        page=page(question.store, "feedback_storefront:confirm_question", row_token(CONFIRM, question)),
        key=f"question:{question.pk}",
        first_name=question.shown_name.split(" ")[0],
    )


_LETTERS = Kind(ProductQuestion, "question_confirm", _letter)


def send_letters(now: datetime) -> int:
    """Returns how many were taken up."""
    return confirmations.send_due(_LETTERS, now)


@block("buyer_question", many=True, of_event=True, label="Question of another customer", sample=_SAMPLE)
def buyer_question(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> list[Facts | None]:
    """The question that this customer was chosen for, while nobody has answered it."""
    ids = [int(event.get("question_mail_id") or 0) for event in events]
    stores = {customer.store_id for customer in customers}
    found = QuestionMail.objects.filter(store_id__in=stores, pk__in=ids).select_related("store", "question__product")
    mails = {mail.pk: mail for mail in found}
    return [_to_buyer(mails.get(pk), customer) for pk, customer in zip(ids, customers, strict=True)]


def _to_buyer(mail: QuestionMail | None, customer: Customer) -> Facts | None:
    if mail is None or mail.customer_id != customer.pk or mail.question.state != ProductQuestion.State.PUBLISHED:
        return None
    return _about(mail.question) | {"url": answer_page(mail)}


@block(
    "answered_question",
    many=True,
    of_event=True,
    label="Answers to a question",
    sample=_SAMPLE | {"answers": [{"text": "Yes, with room to spare.", "by": "Ann S.", "is_shop": False}]},
)
def answered_question(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> list[Facts | None]:
    """The customer's own question with the answers that can be read."""
    ids = [int(event.get("question_id") or 0) for event in events]
    stores = {customer.store_id for customer in customers}
    found = ProductQuestion.objects.filter(store_id__in=stores, pk__in=ids).select_related("store", "product")
    questions = {question.pk: question for question in found}
    answers: dict[int, list[Any]] = {}
    shown = ProductAnswer.objects.filter(store_id__in=stores, question__in=ids, state=ProductAnswer.State.PUBLISHED)
    for answer in shown.order_by("-by", "answered_at"):
        told = {"text": answer.text, "by": answer.shown_name, "is_shop": answer.by == "shop"}
        answers.setdefault(answer.question_id, []).append(told)
    return [
        _to_asker(questions.get(pk), answers.get(pk, []), customer) for pk, customer in zip(ids, customers, strict=True)
    ]


def _to_asker(question: ProductQuestion | None, answers: list[Any], customer: Customer) -> Facts | None:
    if question is None or question.customer_id != customer.pk or not answers:
        return None
    return _about(question) | {"answers": answers, "url": product_page(question.store, question.product)}


def _about(question: ProductQuestion) -> Facts:
    return {
        "product": question.product.title,
        "image": question.product.image_url or None,
        "question": question.text,
    }
