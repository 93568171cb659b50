"""One answer, whole: each question with its reply, photos, how it came, and what was said before."""

from collections import Counter
from typing import Any

from django.http import Http404, HttpResponse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import score_words, survey_words
from thereafter.feedback.models import Answer, AnswerPhoto, FollowUp, Hit
from thereafter.feedback.queries.sittings import document_of, replies_of
from thereafter.feedback.rules.documents import Question, SurveyDocument
from thereafter.feedback.rules.replies import words_question
from thereafter.feedback.survey_words import Voice
from thereafter.kit.pages import render

VIAS = {
    "email": "Button after a mail",
    "email_open": "Opened link of a mail, not confirmed",
    "page": "Order page",
    "qr": "Card in the parcel",
    "link": "Link for everybody",
    "api": "Sent by API",
}
# What spoke against counting a link that was opened.
WHY_NOT = {
    "agent": "A program, not a browser that people use",
    "network": "A network of mail gateways",
    "sweep": "Many scores at once",
    "crowd": "One network opened many people’s links at once",
    "too_soon": "Within a minute of sending",
    "several_scores": "More than one score was opened",
    "not_sent": "Not known when the mail went out",
    "answered": "The button was pressed as well",
    "not_counted": "This survey counts no opened links",
}


@staff_page("feedback.read")
def answer(request: StaffRequest, answer_id: int) -> HttpResponse:
    known = Answer.objects.of(request.store).filter(pk=answer_id)
    given = known.select_related("survey", "customer", "order", "invitation", "store").first()
    if given is None:
        raise Http404
    context = {
        "page_title": "Answer",
        "given": given,
        "told": score_words.told(given),
        "said": _said(given),
        "photos": list(given.photos.defer("content", "thumbnail").order_by("id")),
        "before": list(given.revisions.order_by("-until", "-pk")),
        "came": VIAS.get(given.via, given.via),
        "noted": _noted(given),
        "opened": _opened(given),
        "follow_up": FollowUp.objects.of(request.store).filter(answer=given).first(),
    }
    return render(request, "feedback/console/answer.html", context)


def _said(given: Answer) -> list[dict[str, Any]]:
    """Every question that has a reply, in the survey's order, in English or whatever the survey is written in."""
    document = document_of(given.survey, given.version)
    known = survey_words.known_of(given.store, given.customer, given.order)
    replies = replies_of(given, document)
    voice = Voice(document, "en", known | survey_words.recalled(document, replies, "en"))
    words = words_question(document)
    return [
        {"question": voice.say(question.text), "reply": _reply(question, replies[question.id], voice)}
        for question in _asked(document)
        if question.id in replies and not (words and question.id == words.id)
    ]


def _asked(document: SurveyDocument) -> list[Question]:
    return [question for question in document.questions if question.kind not in ("score", "photo")]


def _reply(question: Question, reply: Any, voice: Voice) -> str:
    keys = reply if isinstance(reply, list) else [reply]
    texts = [voice.say(option.text) for key in keys if (option := question.option(str(key)))]
    if question.kind == "scale":
        return f"{reply} of {question.high}"
    return ", ".join(texts) or str(reply)


def _noted(given: Answer) -> str:
    """What an open link notes of where it hangs: "till 2"."""
    place = given.facts.get("place", "")
    return place if isinstance(place, str) else ""


def _opened(given: Answer) -> list[tuple[str, int]]:
    """Links that were opened and counted for nothing, by the reason."""
    if given.invitation_id is None:
        return []
    hits = Hit.objects.of(given.store_id).filter(invitation=given.invitation_id).exclude(why_not="")
    counted = Counter(hits.values_list("why_not", flat=True))
    return [(WHY_NOT.get(why, why), times) for why, times in counted.most_common()]


@staff_page("feedback.read")
def answer_photo(request: StaffRequest, answer_id: int, answer_photo_id: int) -> HttpResponse:
    """As a picture and never as anything else; kept by the reader's own browser only."""
    found = AnswerPhoto.objects.of(request.store).filter(pk=answer_photo_id, answer=answer_id).first()
    if found is None:
        raise Http404
    response = HttpResponse(
        bytes(found.thumbnail if "small" in request.GET else found.content), content_type="image/jpeg"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
