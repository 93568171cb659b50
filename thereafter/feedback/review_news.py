"""What mails tell authors of their review: what was decided or written, and where to answer. A few queries for all."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from thereafter.commerce.models import Customer, Order
from thereafter.feedback import author_links, moderation_words, review_links
from thereafter.feedback.models import Appeal, Decision, Review, ReviewLetter, ReviewVersion
from thereafter.messaging.blocks import Facts, block
from thereafter.storefront.shell import in_language_of
from thereafter.stores.models import StoreModel

LONGEST_QUOTE = 280
Row = TypeVar("Row", bound=StoreModel)


class Found(NamedTuple):
    """What the mails of a batch are about, by id."""

    reviews: Mapping[int, Review]
    decisions: Mapping[int, Decision]
    appeals: Mapping[int, Appeal]
    versions: Mapping[int, ReviewVersion]
    letters: Mapping[int, ReviewLetter]


@block(
    "review_news",
    of_event=True,
    label="News about a review",
    hint="What the customer wrote, what was decided or answered, and where they can object",
    sample={
        "product": "Trail Runner",
        "quote": "They were smaller than I thought.",
        "said": ["It contains personal details. Leave them out, and we will show your review."],
        "answer": [],
        "url": "#",
        "button": "Object to this",
        "photo": False,
    },
)
def review_news(customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]) -> list[Any]:
    """None for a review of somebody else, or one that is gone."""
    found = _find({customer.store_id for customer in customers}, events)
    return [_facts(customer, event, found) for customer, event in zip(customers, events, strict=True)]


def _find(store_ids: Iterable[int], events: Sequence[Facts]) -> Found:
    def rows(model: type[Row], name: str, *along: str) -> dict[int, Row]:
        wanted = {event[name] for event in events if event.get(name)}
        if not wanted:
            return {}
        held: dict[int, Row] = {}
        for store_id in store_ids:
            asked = model.objects.of(store_id).filter(pk__in=wanted).select_related("store", *along)
            held |= {one.pk: one for one in asked}
        return held

    decisions = rows(Decision, "decision_id", "photo")
    judged = Appeal.objects.filter(store__in=list(store_ids), decision__in=list(decisions)) if decisions else ()
    return Found(
        rows(Review, "review_id", "product"),
        decisions,
        {one.decision_id: one for one in judged},
        rows(ReviewVersion, "version_id"),
        rows(ReviewLetter, "letter_id"),
    )


def _facts(customer: Customer, event: Facts, found: Found) -> Facts | None:
    review = found.reviews.get(event.get("review_id") or 0)
    if review is None or review.customer_id != customer.pk:
        return None
    decision = found.decisions.get(event.get("decision_id") or 0)
    version = found.versions.get(event.get("version_id") or 0)
    letter = found.letters.get(event.get("letter_id") or 0)
    with in_language_of(customer):
        told = _told(decision, found.appeals) or _mended(version) or _written(review, letter)
    about = {"product": review.product.title, "quote": _quote(review)}
    return about | {"answer": [], "url": "", "button": "", "photo": False} | told


def _told(decision: Decision | None, appeals: Mapping[int, Appeal]) -> Facts:
    if decision is None:
        return {}
    appeal = appeals.get(decision.pk)
    if appeal and appeal.outcome:
        return {"said": [moderation_words.outcome(appeal.outcome == "upheld")], "answer": _lines(appeal.answer)}
    return {
        "said": [moderation_words.told(decision.reason)],
        "url": author_links.appeal_page(decision),
        "button": moderation_words.object_to_it(),
        "photo": decision.photo_id is not None,
    }


def _mended(version: ReviewVersion | None) -> Facts:
    if version is None:
        return {}
    url = author_links.mended_page(version)
    return {"said": [], "url": url, "button": moderation_words.take_it_back()}


def _written(review: Review, letter: ReviewLetter | None) -> Facts:
    if letter is None:
        return {"said": [], "answer": _lines(review.reply)}
    if letter.kind == ReviewLetter.Kind.UPDATE:
        return {"said": [], "answer": _lines(letter.text), **own_page(review)}
    return {"said": [], "answer": _lines(letter.text)}


def own_page(review: Review) -> Facts:
    """Where the author may change the review or leave it as it is."""
    return {"url": review_links.own_page(review), "button": moderation_words.look_at_it()}


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _quote(review: Review) -> str:
    words = review.body or review.title
    return words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
