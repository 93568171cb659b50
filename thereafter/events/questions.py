"""Questions about products, and their answers."""

from dataclasses import dataclass

from thereafter.events.base import Event, ShopperEvent


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event, name="question.asked"):
    """A shopper wants to know something of a product; who it is may be unknown."""

    question_id: int
    product_id: int
    customer: int | None = None


@dataclass(frozen=True, kw_only=True)
class QuestionSent(ShopperEvent, name="question.sent"):
    """Somebody who bought it was asked whether they can answer."""

    question_id: int
    product_id: int


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Event, name="question.answered"):
    """An answer can be seen. `by` is shop or buyer."""

    question_id: int
    answer_id: int
    product_id: int
    by: str
    customer: int | None = None
