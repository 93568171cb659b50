"""Following a delivery: asking for news by mail, text message or on the device, saying yes, looking, and ending it."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.kit.clock import day_in
from thereafter.kit.pages import render
from thereafter.messaging.channels import webpush
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import page
from thereafter.storefront.rules import FOR_EMAIL, FOR_ORDER, same_email
from thereafter.tracking import links, sending, sharing
from thereafter.tracking.actions import subscriptions
from thereafter.tracking.models import Subscription
from thereafter.tracking.queries import settings_of
from thereafter.tracking.storefront.doors import follower, may_try, may_try_today, order_holder
from thereafter.tracking.storefront.forms import CodeForm, MailForm, PhoneForm

Channel = Subscription.Channel
# A browser names itself anew now and then; more of them for one order is no shopper.
FOR_PUSH = 10
# Questions whether somebody wants news, in one day: to one address or phone, and from one order. They cost money, and
# who gets them need not know the shop.
TO_ONE_A_DAY, FROM_ORDER_A_DAY = 6, 20


@order_holder
def subscribe(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    """The ways to hear of a delivery. Whoever is named by somebody else has to say yes first."""
    if not settings_of(request.store).page.subscribe:
        return refuse(request, 404)
    if request.method != "POST":
        return _page(request, order, token)
    take = {"email": _by_mail, "sms": _by_phone, "push": _by_push, "code": _by_code}
    return take.get(request.POST.get("channel", ""), _page)(request, order, token)


def _page(request: ShopperRequest, order: Order, token: str, status: int = 200, **shown: Any) -> HttpResponse:
    facts = {
        "order": order,
        "token": token,
        "asked": request.GET.get("asked", "") if request.method != "POST" else "",
        "mail_form": MailForm(),
        "phone_form": PhoneForm(country=request.store.country) if sending.sms_account() else None,
        "push_key": webpush.public_key(sending.push_key(settings.SECRET_KEY)),
        "worker_url": reverse("tracking_storefront:worker", args=[request.store.slug]),
        "webcal": _webcal(request, token),
        "wallet": sharing.has_wallet(request.store, clock.now()),
        "is_over": sharing.is_over(order),
    }
    return render(request, "tracking/storefront/subscribe.html", facts | shown, status=status)


def _webcal(request: ShopperRequest, token: str) -> str:
    """The calendar's address as calendar programs take it for a subscription."""
    return "webcal://" + page(request.store, "tracking_storefront:calendar", token).partition("://")[2]


def _by_mail(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    form = MailForm(request.POST)
    if not form.is_valid():
        return _page(request, order, token, mail_form=form)
    address = form.cleaned_data["email"]
    if same_email(address, order.customer.email):
        return _done(request, token, "own")
    if not _may_ask(request, order, f"follow-mail:{address}"):
        return refuse(request, 429)
    _follow(order, Channel.EMAIL, address)
    return _done(request, token, "email")


def _by_phone(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    """A code goes to the phone; the page that asks for it comes at once, for the number is in no address."""
    form = PhoneForm(request.POST, country=request.store.country)
    if sending.sms_account() is None:
        return refuse(request, 404)
    if not form.is_valid():
        return _page(request, order, token, phone_form=form)
    phone = form.cleaned_data["phone"]
    if not _may_ask(request, order, f"follow-sms:{phone}"):
        return refuse(request, 429)
    _follow(order, Channel.SMS, phone)
    facts = {"order": order, "token": token, "form": CodeForm(initial={"phone": phone}), "phone": phone}
    return render(request, "tracking/storefront/code.html", facts)


def _may_ask(request: ShopperRequest, order: Order, whom: str) -> bool:
    source = f"follow:{order.pk}"
    now_and_then = may_try(request, {whom: FOR_EMAIL, source: FOR_ORDER})
    return now_and_then and may_try_today(request, {whom: TO_ONE_A_DAY, source: FROM_ORDER_A_DAY})


def _by_code(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    form = CodeForm(request.POST)
    # As it is counted and looked up: blanks round it must not make it another.
    phone = request.POST.get("phone", "")[:40].strip()
    if not may_try(request, {f"code:{order.pk}:{phone}": FOR_ORDER}):
        return refuse(request, 429)
    now = clock.now()
    if form.is_valid() and subscriptions.confirm_by_code(order, phone, form.cleaned_data["code"], now=now):
        return _done(request, token, "sms")
    facts = {"order": order, "token": token, "form": form, "phone": phone, "wrong": True}
    return render(request, "tracking/storefront/code.html", facts, status=404)


def _by_push(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    """Called by our script, with what the browser gave."""
    given = request.POST.get("subscription", "")[:2_000]
    try:
        webpush.read(given, settings.PUSH_HOSTS)
    except webpush.BadSubscription as error:
        return JsonResponse({"error": str(error)}, status=400)
    if not may_try(request, {f"follow-push:{order.pk}": FOR_PUSH}):
        return JsonResponse({"error": "too many"}, status=429)
    subscription = _follow(order, Channel.PUSH, given)
    return JsonResponse({"follow": links.follow_page(subscription)})


def _follow(order: Order, channel: str, address: str) -> Subscription:
    language = (translation.get_language() or "en").split("-")[0]
    return subscriptions.follow(order, channel, address, language=language, now=clock.now())


def _done(request: ShopperRequest, token: str, asked: str) -> HttpResponse:
    return redirect(f"{reverse('tracking_storefront:subscribe', args=[request.store.slug, token])}?asked={asked}")


@follower(links.CONFIRM)
def confirm(request: ShopperRequest, subscription: Subscription) -> HttpResponse:
    """Link scanners open every link of a mail, so opening this one only shows the button; a press counts."""
    if request.method != "POST":
        return render(request, "tracking/storefront/confirm.html", {"subscription": subscription})
    if not subscriptions.confirm(subscription, now=clock.now()):
        return refuse(request, 410)
    there = reverse("tracking_storefront:follow", args=[request.store.slug, links.token(links.FOLLOW, subscription)])
    return redirect(f"{there}?new=1")


@require_safe
@follower(links.FOLLOW)
def follow(request: ShopperRequest, subscription: Subscription) -> HttpResponse:
    """Where the parcels are and when they come, and nothing that is the buyer's own."""
    today = day_in(clock.now(), request.store.time_zone)
    facts = {
        "subscription": subscription,
        "delivery": sharing.for_followers(subscription.order, today),
        "is_new": "new" in request.GET,
        "token": links.token(links.FOLLOW, subscription),
    }
    return render(request, "tracking/storefront/follow.html", facts)


@follower(links.FOLLOW)
def end(request: ShopperRequest, subscription: Subscription) -> HttpResponse:
    """A POST ends it at once, by RFC 8058 without cookie or sign-in; a GET only shows the button."""
    if request.method == "POST":
        subscriptions.end(subscription, clock.now())
    done = request.method == "POST" or subscription.ended_at is not None
    return render(request, "tracking/storefront/end.html", {"done": done, "channel": subscription.channel})


@require_safe
@shopper_page
def worker(request: ShopperRequest) -> HttpResponse:
    """The script that shows notifications: it must come from the address whose pages it works for."""
    body = f'importScripts("{static("messaging/worker.js")}");\n'
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response
