"""Questions about a product, and the answers everybody may read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from thereafter.feedback.models import ProductAnswer, ProductQuestion

SIZE = 10


@dataclass(frozen=True, slots=True)
class Page:
    questions: Sequence[ProductQuestion]
    answers: Mapping[int, Sequence[ProductAnswer]]
    number: int
    pages: int


def page_of(store_id: int, product_ids: Collection[int], number: int) -> Page:
    """The newest first; the shop's answer before those of buyers, these by how many they helped."""
    rows = ProductQuestion.objects.of(store_id).filter(product__in=product_ids, state=ProductQuestion.State.PUBLISHED)
    pages = max(1, -(-rows.count() // SIZE))
    number = min(number, pages)
    questions = list(rows.order_by("-asked_at", "-pk")[(number - 1) * SIZE : number * SIZE])
    answers: dict[int, list[ProductAnswer]] = {}
    shown = ProductAnswer.objects.of(store_id).filter(question__in=questions, state=ProductAnswer.State.PUBLISHED)
    for answer in shown.order_by("-by", "-helpful", "answered_at"):
        answers.setdefault(answer.question_id, []).append(answer)
    return Page(questions, answers, number, pages)
