"""The further questions of a survey, one page after the other; what follows depends on what was said."""

import base64
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.feedback.actions import answer_photos, answering
from thereafter.feedback.actions.answering import Said
from thereafter.feedback.models import Answer, AnswerPhoto
from thereafter.feedback.queries.sittings import Sitting
from thereafter.feedback.rules import answers as rules
from thereafter.feedback.rules import replies
from thereafter.feedback.rules.documents import Question
from thereafter.feedback.storefront import doors, showing
from thereafter.feedback.storefront.turning_away import no_such_link
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.storefront.guards import ShopperRequest, shopper_page


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def question(request: ShopperRequest, token: str, question_id: str) -> HttpResponse:
    sitting = doors.begun(request.store, token)
    if sitting is None or sitting.given is None:
        return no_such_link(request)
    if not rules.may_change(sitting.given.answered_at, clock.now()):
        return showing.to_thanks(request, sitting.given, "late")
    asked = next((one for one in _pages(sitting) if one.id == question_id), None)
    if asked is None:
        # It was asked before an earlier reply changed.
        return showing.to_thanks(request, sitting.given)
    if request.method == "POST":
        return _take(request, sitting, sitting.given, asked)
    return _show(request, sitting, sitting.given, asked)


def _pages(sitting: Sitting) -> list[Question]:
    return replies.pages(sitting.document, sitting.replies, sitting.facts)


def _take(request: ShopperRequest, sitting: Sitting, given: Answer, asked: Question) -> HttpResponse:
    if asked.kind == "photo":
        return _take_photos(request, sitting, given, asked)
    taken = showing.taken(request, sitting, asked)
    if taken.problem:
        return _show(request, sitting, given, asked, taken.problem)
    return _keep(request, sitting, asked, taken.said)


def _take_photos(request: ShopperRequest, sitting: Sitting, given: Answer, asked: Question) -> HttpResponse:
    fingerprint = request.POST.get("remove", "")
    if fingerprint:
        answer_photos.remove(given, asked.id, fingerprint)
    made, problems = answer_photos.read(request.FILES.getlist("photos"))
    problems += answer_photos.add(given, asked.id, made, now=clock.now())
    kept = len(_photos(given, asked))
    said = showing.said(asked, kept or None)
    if fingerprint or problems:
        answering.give(sitting, said, now=clock.now())
        return (
            _show(request, sitting, given, asked, " ".join(problems)) if problems else redirect(showing.here(request))
        )
    if asked.required and not kept:
        return _show(request, sitting, given, asked, showing.needed())
    return _keep(request, sitting, asked, said)


def _keep(request: ShopperRequest, sitting: Sitting, asked: Question, said: Said) -> HttpResponse:
    given = answering.give(sitting, said, now=clock.now())
    return showing.go_on(request, given, asked)


def _show(request: ShopperRequest, sitting: Sitting, given: Answer, asked: Question, problem: str = "") -> HttpResponse:
    pages = _pages(sitting)
    before = replies.before(pages, asked.id)
    place = [one.id for one in pages].index(asked.id) + 1
    context = showing.shown(sitting, asked) | {
        "photos": _photos(given, asked),
        "problem": problem,
        "typed": request.POST.getlist("reply"),
        "place": place,
        "of": max(len(pages), place),
        "is_last": replies.after(pages, asked.id) is None,
        "back": showing.question_address(request, given, before) if before else "",
        "here": showing.here(request),
    }
    return render(request, "feedback/storefront/question.html", context, status=422 if problem else 200)


def _photos(given: Answer, asked: Question) -> list[dict[str, Any]]:
    """Small ones within the page: whoever holds its link may see them, and nobody else."""
    if asked.kind != "photo":
        return []
    kept = AnswerPhoto.objects.of(given.store_id).filter(answer=given, question=asked.id).order_by("id")
    return [
        {"key": key, "src": f"data:image/jpeg;base64,{base64.b64encode(bytes(small)).decode()}"}
        for key, small in kept.values_list("fingerprint", "thumbnail")
    ]
