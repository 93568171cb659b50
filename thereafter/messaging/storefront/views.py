"""What a shopper does with a message: look at it in the browser, and end the subscription."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from thereafter.kit import clock, tokens
from thereafter.kit.pages import render
from thereafter.messaging.actions.contacts import unsubscribe as close_to_marketing
from thereafter.messaging.composing import render_again
from thereafter.messaging.facts import LINK_DAYS, preferences_link
from thereafter.messaging.mail_page import mail_page
from thereafter.messaging.models import Message
from thereafter.messaging.rendering import CannotRender
from thereafter.storefront.guards import ShopperRequest, shopper_page
from thereafter.stores.models import Store


@require_safe
@shopper_page
def message(request: ShopperRequest, token: str) -> HttpResponse:
    """The message in the browser, exactly as it was sent."""
    found = _message(request.store, "message", token)
    if found.state != Message.State.SENT:
        raise Http404
    try:
        return mail_page(render_again(found).html)
    except CannotRender:
        raise Http404 from None


@csrf_exempt
@shopper_page
def unsubscribe(request: ShopperRequest, token: str) -> HttpResponse:
    """A POST ends the subscription at once, by RFC 8058 without cookie or sign-in; a GET only shows the button.

    Link scanners follow every link in a mail, so looking must never count.
    """
    found = _message(request.store, "unsubscribe", token)
    if request.method == "POST":
        close_to_marketing(found, source=_source(request), now=clock.now())
    return render(
        request,
        "messaging/storefront/unsubscribe.html",
        {
            "address": found.to_address or found.customer.email,
            "done": request.method == "POST",
            "preferences_url": preferences_link(found),
        },
    )


def _source(request: HttpRequest) -> str:
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    return "one-click unsubscribe" if one_click else "unsubscribe page"


def _message(store: Store, purpose: str, token: str) -> Message:
    try:
        store_id, message_id = tokens.read(purpose, token, max_age_days=LINK_DAYS)
    except tokens.BadToken:
        raise Http404 from None
    rows = Message.objects.of(store).select_related("store", "customer", "version")
    found = rows.filter(store_id=store_id, pk=message_id).first()
    if found is None:
        raise Http404
    return found
