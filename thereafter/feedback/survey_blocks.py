"""Questions in mails: the first question of a survey with a link for each answer, where one tap is enough."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from thereafter.commerce.models import Customer, Order, OrderLine
from thereafter.feedback import links, survey_words
from thereafter.feedback.models import Invitation
from thereafter.feedback.queries import results as queries
from thereafter.feedback.queries.sittings import documents_of
from thereafter.feedback.rules.documents import Question, SurveyDocument
from thereafter.feedback.rules.replies import pages
from thereafter.feedback.survey_words import Voice
from thereafter.messaging.blocks import Facts, block
from thereafter.storefront.links import in_language
from thereafter.storefront.shell import language_of

# What started a mail names the question it asks; a mail without it asks the newest that waits for an answer.
NAMED_BY = "invitation_id"
CSAT = "csat"
# On a phone the second half of many numbers stands below the first.
_HALF = 6
_SCORES = [{"score": score, "url": "#"} for score in range(11)]


@block(
    "satisfaction",
    of_event=True,
    label="Question",
    sample={"question": None, **{f"url_{score}": "#" for score in range(1, 6)}},
)
def satisfaction(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts] = ()
) -> Sequence[Facts | None]:
    """The question that waits for an answer, and a link for each face; nothing when there is none."""
    asked = _asked(customers, orders, events, only=CSAT)
    documents = documents_of([invitation for invitation in asked if invitation and invitation.version])
    return [
        _faces(invitation, customer, documents.get((invitation.survey_id, invitation.version))) if invitation else None
        for invitation, customer in zip(asked, customers, strict=True)
    ]


def _faces(invitation: Invitation, customer: Customer, document: SurveyDocument | None) -> Facts:
    question = invitation.survey.question
    if document and document.score:
        known = survey_words.known_of(invitation.store, customer, None)
        question = Voice(document, language_of(customer), known).say(document.score.text)
    return {
        "question": question or None,
        **{f"url_{score}": url for score, url in _links(invitation, customer, range(1, 6))},
    }


@block(
    "survey_question",
    of_event=True,
    label="First question of a survey",
    hint="Faces, numbers or a button, as the survey that is asked has it",
    sample={
        "kind": "nps",
        "question": "How likely are you to recommend us to a friend?",
        "low_text": "Not at all likely",
        "high_text": "Extremely likely",
        "url": "#",
        "scores": _SCORES,
        "first": _SCORES[:_HALF],
        "second": _SCORES[_HALF:],
    },
)
def survey_question(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts] = ()
) -> Sequence[Facts | None]:
    """The first question of the survey that this person is asked; None once it is answered."""
    asked = _asked(customers, orders, events)
    documents = documents_of([invitation for invitation in asked if invitation])
    products = _products(orders, documents.values())
    return [
        _question(invitation, customer, order, (documents, products)) if invitation else None
        for invitation, customer, order in zip(asked, customers, orders, strict=True)
    ]


def _asked(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts], only: str = ""
) -> list[Invitation | None]:
    """Of each message the invitation it is about, in two queries a store; `only` one of these kinds of survey."""
    named = [_number(event.get(NAMED_BY)) for event in events] or [0] * len(customers)
    rows = Invitation.objects.filter(pk__in=filter(None, named), answer__isnull=True).select_related("survey", "store")
    found = {(one.store_id, one.customer_id, one.pk): one for one in rows}
    by_store: dict[int, set[int]] = defaultdict(set)
    for customer, pk in zip(customers, named, strict=True):
        if not pk:
            by_store[customer.store_id].add(customer.pk)
    waiting = {
        at: one
        for store_id, ids in by_store.items()
        for at, one in queries.open_invitations(store_id, list(ids), only).items()
    }
    return [
        found.get((customer.store_id, customer.pk, pk))
        if pk
        else waiting.get((customer.pk, order.pk if order else None))
        for customer, order, pk in zip(customers, orders, named, strict=True)
    ]


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _products(orders: Sequence[Order | None], documents: Any) -> Mapping[int, str]:
    """What each order's first thing is called, where a question names it."""
    if not any("{product}" in text for document in documents for text in _first(document).text.values()):
        return {}
    lines = OrderLine.objects.filter(order_id__in=[order.pk for order in orders if order]).order_by("-id")
    return dict(lines.values_list("order_id", "title"))


def _first(document: SurveyDocument) -> Question:
    """As nothing is said yet; a survey without any question is never published."""
    return next(iter(pages(document, {}, {})), None) or Question(id="none", kind="text")


def _question(
    invitation: Invitation, customer: Customer, order: Order | None, known: tuple[Mapping[Any, Any], Mapping[int, str]]
) -> Facts:
    documents, products = known
    document = documents[invitation.survey_id, invitation.version]
    product = products.get(order.pk, "") if order else ""
    voice = Voice(document, language_of(customer), survey_words.known_of(invitation.store, customer, order, product))
    first = voice.asked(_first(document))
    shown = document.kind if first["kind"] == "score" else "form"
    numbers = first["numbers"] if shown != "form" else []
    scores = [{"score": score, "url": url} for score, url in _links(invitation, customer, numbers)]
    return {
        "kind": shown,
        "question": first["text"],
        "low_text": first["low_text"],
        "high_text": first["high_text"],
        "url": dict(_links(invitation, customer, [None]))[None],
        "scores": scores,
        "first": scores[:_HALF],
        "second": scores[_HALF:],
    }


def _links(
    invitation: Invitation, customer: Customer, scores: Iterable[int | None]
) -> Iterator[tuple[int | None, str]]:
    """The page of each score, in the reader's language; None leaves the choice open."""
    language, store = language_of(customer), invitation.store
    for score in scores:
        yield score, in_language(links.score_page(store, invitation, score), language, store)
