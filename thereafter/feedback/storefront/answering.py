"""Where people begin to answer: by a link of a mail, a card in the parcel, the order's page, or a link for everybody.

Link scanners open every link of a mail, and some run its scripts: opening one only notes a hit, and no script of ours
sends anything. The signed link is the key, not a cookie: browsers inside mail apps often keep none, hence no CSRF
token.
"""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.feedback import links
from thereafter.feedback.actions import answer_photos, answering
from thereafter.feedback.models import Answer
from thereafter.feedback.queries.sittings import Sitting
from thereafter.feedback.rules import answers as rules
from thereafter.feedback.rules import replies
from thereafter.feedback.rules.documents import Question
from thereafter.feedback.storefront import doors, showing
from thereafter.feedback.storefront.turning_away import no_such_link
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront.actions import knock
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page

# Answers of people we do not know, from one network in ten minutes: a till in a shop, or somebody's script.
FROM_NETWORK = 40
View = Callable[..., HttpResponse]


def first_page(view: View) -> View:
    return csrf_exempt(never_cache(require_http_methods(["GET", "HEAD", "POST"])(shopper_page(view))))


@first_page
def answer(request: ShopperRequest, token: str) -> HttpResponse:
    found = doors.by_mail(request.store, token)
    if found is None:
        return no_such_link(request)
    sitting, score = found
    if request.method == "POST":
        return _take(request, sitting)
    if (given := sitting.given) and _stands(given):
        return showing.to_thanks(request, given)
    if request.method == "GET" and score is not None:
        _note(request, sitting, score)
    return _show(request, sitting, score)


@first_page
def about_order(request: ShopperRequest, token: str) -> HttpResponse:
    sitting = doors.by_order(request.store, token)
    if sitting is None:
        return no_such_link(request)
    if request.method == "POST":
        return _take(request, sitting)
    if (given := sitting.given) and _stands(given):
        return showing.to_thanks(request, given)
    return _show(request, sitting, None)


@first_page
def open_link(request: ShopperRequest, code: str) -> HttpResponse:
    """Who answers here is unknown, and nothing is kept in their browser."""
    sitting = doors.by_code(request.store, code)
    if sitting is None or sitting.link is None:
        return no_such_link(request)
    if request.method != "POST":
        return _show(request, sitting, None)
    network = rules.network_of(client_address(request))
    if not knock(request.store, {f"survey:{network}": FROM_NETWORK}, clock.now()):
        return refuse(request, 429)
    try:
        key = links.read_sitting_key(sitting.link, request.POST.get("key", ""))
    except (BadToken, ValueError):
        return redirect(showing.here(request))
    return _take(request, sitting, key)


def _stands(given: Answer) -> bool:
    return given.via != answering.OPENED and not rules.may_change(given.answered_at, clock.now())


def _note(request: ShopperRequest, sitting: Sitting, score: int) -> None:
    if sitting.invitation:
        answering.note_hit(
            sitting.invitation,
            score=score,
            user_agent=request.headers.get("User-Agent", ""),
            address=client_address(request),
            now=clock.now(),
        )


def _first(sitting: Sitting) -> Question | None:
    return next(iter(replies.pages(sitting.document, {}, sitting.facts)), None)


def _show(request: ShopperRequest, sitting: Sitting, score: int | None, problem: str = "") -> HttpResponse:
    first = _first(sitting)
    if first is None:
        return no_such_link(request)
    if sitting.given and first.kind != "score":
        return redirect(showing.question_address(request, sitting.given, first))
    context = showing.shown(sitting, first) | {
        "intro": showing.voice(sitting).say(sitting.document.intro),
        "score": score,
        "problem": problem,
        "key": links.sitting_key(sitting.link) if sitting.link else "",
        "here": showing.here(request),
        "more": sitting.version > 0 and len(replies.pages(sitting.document, {}, sitting.facts)) > 1,
    }
    return render(request, "feedback/storefront/answer.html", context, status=422 if problem else 200)


def _take(request: ShopperRequest, sitting: Sitting, key: str = "") -> HttpResponse:
    """What was pressed or typed; the score that a link says counts for nothing here."""
    first = _first(sitting)
    if first is None:
        return no_such_link(request)
    taken = showing.taken(request, sitting, first)
    if taken.problem:
        # A score that is none was not pressed by a person on this page.
        if first.kind == "score":
            return redirect(showing.here(request))
        return _show(request, sitting, None, taken.problem)
    try:
        given = answering.give(sitting, replace(taken.said, key=key), now=clock.now())
    except answering.TooLate as late:
        return showing.to_thanks(request, late.given, "late")
    answer_photos.add(given, first.id, taken.pictures, now=clock.now())
    return showing.go_on(request, given, first)
