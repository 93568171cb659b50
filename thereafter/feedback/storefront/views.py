"""Where people answer. Link scanners open every link of a mail, so opening one only notes a hit; a press counts.

The signed link is the key, not a cookie: browsers inside mail apps often keep none, hence no CSRF token.
"""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.feedback import links, queries, rules
from thereafter.feedback.actions import answering
from thereafter.feedback.models import Answer, Invitation
from thereafter.feedback.storefront.forms import AnswerForm
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront.guards import ShopperRequest, shopper_page
from thereafter.storefront.links import order_page


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def answer(request: ShopperRequest, token: str) -> HttpResponse:
    try:
        invitation_id, score = links.read_score(request.store, token)
    except BadToken:
        return _no_such_link(request)
    invitation = queries.invitation(request.store, invitation_id)
    if invitation is None:
        return _no_such_link(request)
    if request.method == "POST":
        return _take(request, invitation, score)
    given = queries.answer_to(invitation)
    if given and not rules.may_change(given.answered_at, clock.now()):
        return redirect("feedback_storefront:thanks", request.store.slug, links.thanks_token(invitation))
    if request.method == "GET" and score:
        _note(request, invitation, score)
    context = {
        "survey": invitation.survey,
        "order": invitation.order,
        "score": score,
        "given": given,
        "here": request.path,
    }
    return render(request, "feedback/storefront/answer.html", context)


def _note(request: ShopperRequest, invitation: Invitation, score: int) -> None:
    answering.note_hit(
        invitation,
        score=score,
        user_agent=request.headers.get("User-Agent", ""),
        address=client_address(request),
        now=clock.now(),
    )


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def thanks(request: ShopperRequest, token: str) -> HttpResponse:
    """Thank you, and for seven days room for words and for another score."""
    try:
        invitation = queries.invitation(request.store, links.read_thanks(request.store, token))
    except BadToken:
        invitation = None
    given = queries.answer_to(invitation) if invitation else None
    if invitation is None or given is None:
        return _no_such_link(request)
    if request.method == "POST":
        return _take(request, invitation, given.score)
    return render(request, "feedback/storefront/thanks.html", _thanks(request, invitation, given))


def _thanks(request: ShopperRequest, invitation: Invitation, given: Answer) -> dict[str, object]:
    return {
        "answer": given,
        "order_url": order_page(invitation.order) if invitation.order else "",
        "may_change": rules.may_change(given.answered_at, clock.now()),
        "was_late": "late" in request.GET,
        "added_words": "words" in request.GET,
        "here": request.path,
    }


def _take(request: ShopperRequest, invitation: Invitation, score: int) -> HttpResponse:
    """`score` is what the link says; a pressed face and a typed comment come with the form."""
    form = AnswerForm(request.POST)
    chosen = (form.cleaned_data["score"] or score) if form.is_valid() else 0
    if not chosen:
        return redirect(request.path)
    words = form.cleaned_data["comment"] if "comment" in request.POST else None
    try:
        answering.answer(invitation, score=chosen, comment=words, now=clock.now())
    except answering.TooLate:
        said = "?late"
    else:
        said = "?words" if words else ""
    there = reverse("feedback_storefront:thanks", args=[request.store.slug, links.thanks_token(invitation)])
    return redirect(there + said)


def _no_such_link(request: ShopperRequest) -> HttpResponse:
    """Forged, of another shop, or older than our links live: we do not say which."""
    return render(request, "feedback/storefront/no_link.html", status=410)
