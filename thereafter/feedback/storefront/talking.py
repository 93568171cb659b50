"""Where a customer and the shop write to each other about a bad answer. The signed link is the key."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.feedback import follow_up_links
from thereafter.feedback.actions import follow_ups
from thereafter.feedback.models import FollowUpNote
from thereafter.feedback.queries import follow_ups as queries
from thereafter.feedback.storefront.reviewing import may_post
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
        return render(request, "feedback/storefront/no_link.html", status=410)
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
        "shown": [
            {
                "text": note.text,
                "by_shop": note.kind == FollowUpNote.Kind.TO_CUSTOMER,
                "by": note.by.name if note.by else "",
                "at": note.at,
            }
            for note in queries.talk(follow_up)
        ],
        "order_url": order_page(follow_up.order) if follow_up.order else "",
        "here": request.path,
        "was_sent": said == "sent",
        "is_empty": said == "nothing",
    }
    return render(request, "feedback/storefront/talk.html", context)
