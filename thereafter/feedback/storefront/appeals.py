"""Where authors object to what was hidden, and take back what the shop mended. The signed link is the key."""

from contextlib import suppress
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.feedback import author_links, moderation_words, review_links
from thereafter.feedback.actions import appeals, mending
from thereafter.feedback.models import Appeal, Decision
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.feedback.storefront.turning_away import no_such_link
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront.guards import ShopperRequest, shopper_page


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def appeal(request: ShopperRequest, token: str) -> HttpResponse:
    """Why it is hidden, room to object, and what came of it."""
    try:
        decision = author_links.hidden_by(request.store, token)
    except BadToken:
        return no_such_link(request)
    words = request.POST.get("text", "").strip()
    if request.method == "POST" and words:
        # Shown again meanwhile: the page says so.
        with suppress(CannotDecide):
            appeals.appeal(decision, words, now=clock.now())
        return redirect(request.path)
    context = {**_decided(decision), "missed": request.method == "POST", "here": request.path}
    return render(request, "feedback/storefront/appeal.html", context)


def _decided(decision: Decision) -> dict[str, Any]:
    made = Appeal.objects.of(decision.store_id).filter(decision=decision).first()
    return {
        "decision": decision,
        "review": decision.review,
        "appeal": made,
        "is_hidden": decision.review is not None and appeals.is_hidden_by(decision, decision.review),
        "why": moderation_words.told(decision.reason),
        "own_url": review_links.own_page(decision.review) if decision.review and not decision.photo else "",
        "outcome": moderation_words.outcome(made.outcome == "upheld") if made and made.outcome else "",
    }


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def mended(request: ShopperRequest, token: str) -> HttpResponse:
    """Both wordings side by side, and one press for one's own."""
    try:
        version = author_links.mended(request.store, token)
    except BadToken:
        return no_such_link(request)
    if request.method == "POST":
        mending.take_back(version, now=clock.now())
        return redirect(request.path)
    context = {
        "version": version,
        "review": version.review,
        "stands": mending.stands(version, version.review),
        "is_back": (version.title, version.body) == (version.review.title, version.review.body),
        "here": request.path,
    }
    return render(request, "feedback/storefront/mended.html", context)
