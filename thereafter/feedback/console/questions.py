"""Questions about products: the list, one of them, and what the shop does with it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import ask_words
from thereafter.feedback.actions import question_answers
from thereafter.feedback.actions import questions as actions
from thereafter.feedback.models import ProductAnswer, ProductQuestion
from thereafter.feedback.queries import questions as queries
from thereafter.feedback.queries.questions import SentTo
from thereafter.feedback.rules import moderation
from thereafter.feedback.rules.questions import BadWords
from thereafter.feedback.widget_facts import product_page
from thereafter.kit import clock
from thereafter.kit.pages import render

PAGE = 25
STATES = {"pending": ("To check", "warn"), "published": ("Published", "good"), "hidden": ("Hidden", "neutral")}


@staff_page("feedback.read")
def questions(request: StaffRequest) -> HttpResponse:
    counts = queries.counts(request.store)
    view = request.GET.get("view", "") or ("check" if counts["check"] else "unanswered")
    view = view if view in queries.VIEWS else "check"
    q = request.GET.get("q", "").strip()[:100]
    page = Paginator(queries.listed(request.store, view, q), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": "Questions",
        "tabs": [
            {"label": name, "url": f"?view={key}", "count": counts.get(key), "current": key == view}
            for key, name in queries.VIEWS.items()
        ],
        "rows": [{"one": one, "state": STATES[one.state]} for one in page],
        "page": page,
        "view": view,
        "q": q,
        "query": f"?view={view}&q={q}&page=",
        "is_new": not ProductQuestion.objects.of(request.store).exists(),
    }
    return render(request, "feedback/console/questions.html", context)


@staff_page("feedback.read")
def question(request: StaffRequest, question_id: int) -> HttpResponse:
    one = _found(request, question_id)
    answers = queries.answers_to(one)
    context = {
        "page_title": "Question",
        "one": one,
        "state": STATES[one.state],
        "why_hidden": _why(one.hidden_for),
        "answers": [
            {"one": answer, "state": STATES[answer.state], "why": _why(answer.hidden_for)} for answer in answers
        ],
        "ours": next((answer.text for answer in answers if answer.by == question_answers.SHOP), ""),
        "next_at": one.next_at if one.state == ProductQuestion.State.PUBLISHED and not one.answer_count else None,
        "sent_to": [_sent(sent) for sent in queries.sent_to(one)],
        "reasons": moderation.CHOICES,
        "product_url": product_page(request.store, one.product),
    }
    return render(request, "feedback/console/question.html", context)


def _why(code: str) -> str:
    return moderation.REASONS[code].label if code in moderation.REASONS else ""


def _sent(sent: SentTo) -> dict[str, Any]:
    if sent.answer:
        became = "Answered"
    elif sent.mail and sent.mail.declined_at:
        became = "Does not know"
    elif sent.mail:
        became = "Asked, no answer yet"
    else:
        became = ask_words.why(sent.ask.reason)
    return {"customer": sent.ask.customer, "became": became, "at": sent.ask.asked_at or sent.ask.wanted_at}


@require_POST
@staff_page("feedback.moderate")
def publish(request: StaffRequest, question_id: int) -> HttpResponse:
    one = _found(request, question_id)
    if actions.publish(request.store, [one.pk], by=request.staff, now=clock.now()):
        messages.success(request, "Published. Buyers of the product are asked, as far as their budget lets us.")
    return _back(request, one)


@require_POST
@staff_page("feedback.moderate")
def hide(request: StaffRequest, question_id: int) -> HttpResponse:
    """The question, or the answer that the form names."""
    one = _found(request, question_id)
    given = {"reason": request.POST.get("reason", ""), "note": request.POST.get("note", "")}
    try:
        if "answer" in request.POST:
            question_answers.hide_answer(_answer(request, one), by=request.staff, now=clock.now(), **given)
        else:
            actions.hide(one, by=request.staff, now=clock.now(), **given)
        messages.success(request, "Hidden. The reason is kept in the log.")
    except moderation.CannotDecide as error:
        messages.error(request, str(error))
    return _back(request, one)


@require_POST
@staff_page("feedback.moderate")
def publish_answer(request: StaffRequest, question_id: int) -> HttpResponse:
    one = _found(request, question_id)
    question_answers.publish_answers(request.store, [_answer(request, one).pk], by=request.staff, now=clock.now())
    messages.success(request, "Published. Who asked gets a mail with the first answer.")
    return _back(request, one)


@require_POST
@staff_page("feedback.answer")
def answer(request: StaffRequest, question_id: int) -> HttpResponse:
    one = _found(request, question_id)
    if one.state == ProductQuestion.State.PENDING and not request.membership.may("feedback.moderate"):
        messages.error(request, "Somebody who may publish has to look at the question first.")
        return _back(request, one)
    try:
        question_answers.answer_as_shop(one, request.POST.get("text", ""), by=request.staff, now=clock.now())
        messages.success(request, "Your answer stands on the product's page.")
    except BadWords as error:
        messages.error(request, "Your answer is too long." if error.code == "long" else "Write a few words first.")
    return _back(request, one)


def _answer(request: StaffRequest, one: ProductQuestion) -> ProductAnswer:
    given = request.POST.get("answer", "")
    mine = ProductAnswer.objects.of(request.store).filter(question=one).select_related("question")
    found = mine.filter(pk=given).first() if given.isdecimal() else None
    if found is None:
        raise Http404
    return found


def _found(request: StaffRequest, question_id: int) -> ProductQuestion:
    one = queries.one(request.store, question_id)
    if one is None:
        raise Http404
    return one


def _back(request: StaffRequest, one: ProductQuestion) -> HttpResponse:
    return redirect("feedback_console:question", request.store.slug, one.pk)
