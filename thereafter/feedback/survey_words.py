"""What a survey says to somebody: its texts in their language, with what is known of them put in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.feedback.rules import documents
from thereafter.feedback.rules.documents import Question, SurveyDocument, Words
from thereafter.stores.models import Store


@dataclass(frozen=True)
class Voice:
    """The document in one language; `known` is what texts recall: {"first_name": "Ada", "answer:reason": "Late"}."""

    document: SurveyDocument
    language: str
    known: Mapping[str, str] = field(default_factory=dict)

    def say(self, words: Words) -> str:
        text = documents.in_language(words, self.language, self.document.languages)
        return documents.recall(text, self.known)

    def asked(self, question: Question, said: Any = None) -> dict[str, Any]:
        """A question as a template shows it; `said` is the reply so far."""
        low, high = question.ends(self.document.kind)
        return {
            "id": question.id,
            "kind": question.kind,
            "text": self.say(question.text),
            "help": self.say(question.help),
            "required": question.required,
            "options": [(option.id, self.say(option.text)) for option in question.options],
            "numbers": list(range(low, high + 1)),
            "low_text": self.say(question.low_text),
            "high_text": self.say(question.high_text),
            "said": said,
        }


def known_of(store: Store, customer: Customer | None, order: Order | None, product: str = "") -> dict[str, str]:
    return {
        "shop": store.name,
        "first_name": customer.first_name if customer else "",
        "order": order.number if order else "",
        "product": product,
    }


def recalled(document: SurveyDocument, replies: Mapping[str, Any], language: str) -> dict[str, str]:
    """Replies as texts: options by their words, in the language."""
    found = {}
    for question in document.questions:
        said = replies.get(question.id)
        if question.kind == "photo" or said in (None, "", []):
            continue
        chosen = [option for key in _listed(said) if (option := question.option(str(key)))]
        texts = [documents.in_language(option.text, language, document.languages) for option in chosen]
        found[f"answer:{question.id}"] = ", ".join(texts) if texts else str(said)
    return found


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def first_product(order: Order | None) -> str:
    """The first thing of an order, by which its texts name it."""
    line = order.lines.order_by("id").first() if order else None
    return line.title if line else ""
