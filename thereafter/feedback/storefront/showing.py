"""What the pages of a survey have in common: its words for this reader, the way on, and what is shown at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from thereafter.feedback import links, survey_words
from thereafter.feedback.actions import answer_photos, answering
from thereafter.feedback.actions.answering import Said
from thereafter.feedback.models import Answer
from thereafter.feedback.queries import sittings
from thereafter.feedback.queries.sittings import Sitting
from thereafter.feedback.rules import replies
from thereafter.feedback.rules.documents import Question
from thereafter.feedback.rules.replies import after, pages
from thereafter.feedback.survey_words import Voice
from thereafter.kit import clock
from thereafter.kit.pictures import Picture
from thereafter.storefront.guards import ShopperRequest


def voice(sitting: Sitting) -> Voice:
    language = translation.get_language() or "en"
    product = survey_words.first_product(sitting.order)
    known = survey_words.known_of(sitting.store, sitting.customer, sitting.order, product)
    return Voice(sitting.document, language, known | survey_words.recalled(sitting.document, sitting.replies, language))


def here(request: ShopperRequest) -> str:
    """The page's own address in the language it was opened in: browsers inside mail apps keep no cookie for that."""
    return request.path + _spoken(request)


def _spoken(request: ShopperRequest, more: str = "") -> str:
    language = request.GET.get("lang", "")
    said = [f"lang={request.page_context['lang']}"] if language else []
    return "?" + "&".join([*said, *([more] if more else [])]) if said or more else ""


def question_address(request: ShopperRequest, given: Answer, question: Question) -> str:
    args = [request.store.slug, links.given_token(given), question.id]
    return reverse("feedback_storefront:question", args=args) + _spoken(request)


def to_thanks(request: ShopperRequest, given: Answer, said: str = "") -> HttpResponse:
    args = [request.store.slug, links.given_token(given)]
    return redirect(reverse("feedback_storefront:thanks", args=args) + _spoken(request, said))


def go_on(request: ShopperRequest, given: Answer, question: Question) -> HttpResponse:
    """To the question that follows on this one, or to the thanks. Our own question asks for words beside its thanks."""
    sitting = sittings.of_answer(request.store, given.pk)
    if sitting is None or sitting.version == 0:
        return to_thanks(request, given)
    following = after(pages(sitting.document, sitting.replies, sitting.facts), question.id)
    if following is None:
        answering.finish(given, now=clock.now())
        return to_thanks(request, given)
    return redirect(question_address(request, given, following))


def score_words(kind: str) -> dict[int, str]:
    """The faces have names; other scores are their own."""
    if kind != "csat":
        return {}
    _ = translation.gettext
    return dict(enumerate([_("Very bad"), _("Bad"), _("Okay"), _("Good"), _("Great")], start=1))


def score_word(kind: str, score: int | None) -> str:
    return score_words(kind).get(score, str(score)) if score is not None else ""


@dataclass(frozen=True)
class Taken:
    """What a form said to a question; `problem` is a sentence for who sent it."""

    said: Said
    pictures: Sequence[Picture] = ()
    problem: str = ""


def taken(request: ShopperRequest, sitting: Sitting, question: Question) -> Taken:
    if question.kind == "photo":
        made, problems = answer_photos.read(request.FILES.getlist("photos"))
        is_missing = question.required and not made and not problems
        return Taken(
            said(question, len(made) or None), made, " ".join([*problems, *([needed()] if is_missing else [])])
        )
    try:
        typed = request.POST.getlist("score" if question.kind == "score" else "reply")
        return Taken(said(question, replies.read(question, sitting.document.kind, typed)))
    except replies.BadReply:
        return Taken(Said(), problem=needed())


def said(question: Question, reply: Any) -> Said:
    return Said(replies={question.id: reply}, language=(translation.get_language() or "")[:10])


def needed() -> str:
    return translation.gettext("Please answer this question; without it we cannot go on.")


def shown(sitting: Sitting, question: Question) -> dict[str, Any]:
    """What every page with a question says."""
    return {
        "survey": sitting.survey,
        "order": sitting.order,
        "kind": sitting.document.kind,
        "question": voice(sitting).asked(question, sitting.replies.get(question.id)),
        "words": score_words(sitting.document.kind),
        "given": sitting.given,
    }
