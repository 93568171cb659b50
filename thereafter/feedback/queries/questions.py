"""Questions about products and what became of them, for the console and for whom they were sent to."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from thereafter.feedback.models import Ask, ProductAnswer, ProductQuestion, QuestionMail
from thereafter.feedback.queries.products_named import family
from thereafter.feedback.rules.questions import common_words
from thereafter.stores.models import Store, StoreQuerySet

State, AnswerState = ProductQuestion.State, ProductAnswer.State
VIEWS = {
    "check": "To check",
    "unanswered": "Unanswered",
    "answered": "Answered",
    "hidden": "Hidden",
}
_ALIKE = 5


def listed(store: Store, view: str, q: str = "") -> StoreQuerySet[ProductQuestion]:
    found = ProductQuestion.objects.of(store).filter(_in_view(store, view)).exclude(state=State.UNCONFIRMED)
    if q:
        found = found.filter(Q(text__icontains=q) | Q(product__title__icontains=q))
    return found.select_related("product", "customer").order_by("-asked_at", "-id")


def counts(store: Store) -> dict[str, int]:
    mine = ProductQuestion.objects.of(store)
    return {view: mine.filter(_in_view(store, view)).count() for view in ("check", "unanswered")}


def to_look_at(store: Store) -> int:
    return ProductQuestion.objects.of(store).filter(_in_view(store, "check")).count()


def _in_view(store: Store, view: str) -> Q:
    """To check are new questions and those with a buyer's answer nobody has looked at."""
    unseen = ProductAnswer.objects.of(store).filter(state=AnswerState.PENDING).values("question")
    return {
        "check": Q(state=State.PENDING) | Q(state=State.PUBLISHED, pk__in=unseen),
        "unanswered": Q(state=State.PUBLISHED, answer_count=0),
        "answered": Q(state=State.PUBLISHED, answer_count__gt=0),
        "hidden": Q(state=State.HIDDEN),
    }[view]


def one(store: Store, question_id: int) -> ProductQuestion | None:
    found = ProductQuestion.objects.of(store).exclude(state=State.UNCONFIRMED).filter(pk=question_id)
    return found.select_related("store", "product", "customer").first()


def answers_to(question: ProductQuestion) -> list[ProductAnswer]:
    """The shop's first."""
    mine = ProductAnswer.objects.of(question.store_id).filter(question=question)
    return list(mine.select_related("customer", "staff", "question").order_by("-by", "answered_at"))


@dataclass(frozen=True)
class SentTo:
    """One buyer who was chosen, and what became of it."""

    ask: Ask
    mail: QuestionMail | None
    answer: ProductAnswer | None


def sent_to(question: ProductQuestion) -> list[SentTo]:
    asks = Ask.objects.of(question.store_id).filter(source__startswith=f"question:{question.pk}:")
    mails = QuestionMail.objects.of(question.store_id).filter(question=question)
    by_ask = {mail.ask_id: mail for mail in mails}
    by_customer = {one.customer_id: one for one in answers_to(question)}
    return [
        SentTo(ask, by_ask.get(ask.pk), by_customer.get(ask.customer_id))
        for ask in asks.select_related("customer").order_by("id")
    ]


def asked_buyers(question: ProductQuestion) -> set[int]:
    asks = Ask.objects.of(question.store_id).filter(source__startswith=f"question:{question.pk}:")
    return set(asks.values_list("customer_id", flat=True))


def family_of(question: ProductQuestion) -> list[int]:
    """The product and those that are the same thing in other colours."""
    return family(question.store_id, question.product_id)


def mail_of(store: Store, mail_id: int) -> QuestionMail | None:
    found = QuestionMail.objects.of(store).filter(pk=mail_id)
    return found.select_related("store", "question__product", "customer", "ask").first()


def answer_of(mail: QuestionMail) -> ProductAnswer | None:
    mine = ProductAnswer.objects.of(mail.store_id).filter(question=mail.question_id, customer=mail.customer_id)
    return mine.first()


def answered(store: Store, product_id: int) -> list[ProductQuestion]:
    """What was answered about a product: perhaps the answer is there already."""
    found = ProductQuestion.objects.of(store).filter(product__in=family(store.pk, product_id), state=State.PUBLISHED)
    return list(found.filter(answer_count__gt=0).order_by("-answer_count", "-asked_at")[:50])


def alike(questions: Sequence[ProductQuestion], text: str) -> list[ProductQuestion]:
    """Those that share the most words with a text, at least one; without a text the first ones."""
    words = common_words(text)
    if not words:
        return list(questions[:_ALIKE])
    marked = [(len(words & common_words(one.text)), one) for one in questions]
    near = sorted((pair for pair in marked if pair[0]), key=lambda pair: -pair[0])
    return [one for _, one in near[:_ALIKE]]
