"""Notifications of the browser for customers: allowing them, and ending them."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging.actions import channels
from thereafter.messaging.channels import webpush
from thereafter.messaging.models import Browser
from thereafter.storefront.guards import ShopperRequest, shopper_page, signed_in_page

LONGEST = 2_000


@signed_in_page
def notifications(request: ShopperRequest) -> HttpResponse:
    """One button to allow them on this device, one to end them on all."""
    if request.method == "POST":
        return _end(request) if "end" in request.POST else _allow(request)
    live = Browser.objects.of(request.store).filter(customer=request.customer, closed_at__isnull=True)
    key = webpush.key_of(settings.SECRET_KEY.encode())
    context = {
        "devices": live.count(),
        "push_key": webpush.public_key(key),
        "worker_url": reverse("messaging_storefront:worker", args=[request.store.slug]),
        "ended": request.GET.get("ended") == "1",
    }
    return render(request, "messaging/storefront/notifications.html", context)


def _allow(request: ShopperRequest) -> HttpResponse:
    """Called by our script, with what the browser gave."""
    given = request.POST.get("subscription", "")[:LONGEST]
    language = (translation.get_language() or "en").split("-")[0]
    try:
        channels.add_browser(request.customer, given, language=language, now=clock.now())
    except webpush.BadSubscription as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"done": True})


def _end(request: ShopperRequest) -> HttpResponse:
    channels.close_all_browsers(request.customer, clock.now())
    return redirect(f"{reverse('messaging_storefront:notifications', args=[request.store.slug])}?ended=1")


@require_safe
@shopper_page
def worker(request: ShopperRequest) -> HttpResponse:
    """The script that shows notifications: it must come from the address whose pages it works for."""
    body = f'importScripts("{static("messaging/worker.js")}");\n'
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response
