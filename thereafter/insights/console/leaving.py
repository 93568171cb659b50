"""Leaving the weekly summary from its mail, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.console.guards import public_page
from thereafter.insights.actions.summaries import unsubscribe
from thereafter.insights.summary_mail import GOOD_FOR_DAYS, PURPOSE
from thereafter.kit import clock, tokens
from thereafter.kit.pages import render
from thereafter.stores.models import Staff, Store


# Mail programs post here by themselves (RFC 8058) and have no token of ours; the signature is what they have.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Asks first: scanners of mails follow links. A second click changes nothing."""
    context = {"page_title": "Weekly summary", "done": request.method == "POST"}
    found = _meant(token)
    if found is None:
        return render(request, "insights/shared/over.html", context | {"page_title": "This link is over"}, 404)
    if request.method == "POST":
        unsubscribe(*found, clock.now())
    return render(request, "insights/shared/leave.html", context | {"store": found[0], "email": found[1].email})


def _meant(token: str) -> tuple[Store, Staff] | None:
    try:
        store_id, staff_id = tokens.read(PURPOSE, token, max_age_days=GOOD_FOR_DAYS)
    except (tokens.BadToken, ValueError):
        return None
    store, staff = Store.objects.filter(pk=store_id).first(), Staff.objects.filter(pk=staff_id).first()
    return (store, staff) if store and staff else None
