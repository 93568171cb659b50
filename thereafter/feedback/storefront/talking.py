"""Where a customer and the shop write to each other about a bad answer. The signed link is the key."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.feedback import follow_up_links
from thereafter.feedback.actions import follow_ups
from thereafter.feedback.models import FollowUp, FollowUpNote
from thereafter.feedback.queries import follow_ups as queries
from thereafter.feedback.storefront.turning_away import may_post, no_such_link
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import order_page


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def talk(request: ShopperRequest, token: str) -> HttpResponse:
    try:
        follow_up = follow_up_links.read_talk(request.store, token)
    except BadToken:
        follow_up = None
    if follow_up is None:
        return no_such_link(request)
    if request.method == "POST":
        if not may_post(request):
            return refuse(request, 429)
        try:
            follow_ups.hear(follow_up, request.POST.get("text", ""), now=clock.now())
        except follow_ups.NothingSaid:
            return redirect(f"{request.path}?said=nothing")
        return redirect(f"{request.path}?said=sent")
    said = request.GET.get("said", "")
    context = {
        "shown": [*_first_words(follow_up), *(_shown(note) for note in queries.talk(follow_up))],
        "order_url": order_page(follow_up.order) if follow_up.order else "",
        "here": request.path,
        "was_sent": said == "sent",
        "is_empty": said == "nothing",
    }
    return render(request, "feedback/storefront/talk.html", context)


def _first_words(follow_up: FollowUp) -> list[dict[str, Any]]:
    """What the customer said and it is all about."""
    answer, review = follow_up.answer, follow_up.review
    if answer and answer.comment:
        return [{"text": answer.comment, "by_shop": False, "at": answer.answered_at}]
    if review and review.body:
        return [{"text": review.body, "by_shop": False, "at": review.written_at}]
    return []


def _shown(note: FollowUpNote) -> dict[str, Any]:
    by_shop = note.kind == FollowUpNote.Kind.TO_CUSTOMER
    return {"text": note.text, "by_shop": by_shop, "by": note.by.name if note.by else "", "at": note.at}
