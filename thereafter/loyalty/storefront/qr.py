"""The page behind a QR code that gives points: it shows what there is, and a press takes it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from thereafter.commerce.models import Customer
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.loyalty import words
from thereafter.loyalty.actions import codes, joining, members
from thereafter.loyalty.models import EarningCode, Member
from thereafter.loyalty.queries import standings
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.storefront import doors
from thereafter.loyalty.storefront.forms import JoinForm
from thereafter.storefront import actions, rules, sessions
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page

# A family at a workshop is behind one address; a program that tries codes is too.
FROM_ADDRESS = 60


@never_cache
@shopper_page
def collect(request: ShopperRequest, token: str) -> HttpResponse:
    """Opening it gives nothing: cameras and link scanners open every link. A press by somebody signed in gives."""
    if not actions.knock(request.store, {f"earning-code:{client_address(request)}": FROM_ADDRESS}, clock.now()):
        return refuse(request, 429)
    code = EarningCode.objects.of(request.store).select_related("store").filter(token=token[:16].upper()).first()
    if code is None:
        raise Http404
    customer = sessions.customer_of(request, request.store)
    if request.method != "POST":
        return _page(request, code, customer)
    return _take(request, code, customer) if customer else _ask(request, code)


def _take(request: ShopperRequest, code: EarningCode, customer: Customer) -> HttpResponse:
    now = clock.now()
    if standings.member_of(customer) is None and doors.is_open(request.store):
        members.join(customer, source=Member.Source.PAGE, now=now)
    scanned = codes.collect(code, customer, now=now)
    return _page(request, code, customer, scanned)


def _ask(request: ShopperRequest, code: EarningCode) -> HttpResponse:
    """The link of the mail signs in and leads back to here."""
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _page(request, code, None, form=form)
    email = form.cleaned_data["email"]
    tries = {f"address:{client_address(request)}": rules.FROM_ADDRESS, f"join:{email}": rules.FOR_EMAIL}
    if not actions.knock(request.store, tries, clock.now()):
        return refuse(request, 429)
    if not form.cleaned_data["website"]:
        there = reverse("loyalty_storefront:collect", args=[request.store.slug, code.token])
        joining.ask(request.store, email, language=get_language() or "", now=clock.now(), then=there)
    return render(request, "loyalty/storefront/asked.html", {"email": email})


def _page(
    request: ShopperRequest,
    code: EarningCode,
    customer: Customer | None,
    scanned: codes.Scanned | None = None,
    form: JoinForm | None = None,
) -> HttpResponse:
    programme = programme_now(request.store.pk).programme
    action = programme.actions.get(code.action)
    closed = code.why_closed(clock.now())
    is_given = action is not None and action.is_on and action.points > 0
    member = standings.member_of(customer)
    facts: dict[str, Any] = {
        "code": code,
        "customer": customer,
        "result": scanned.result if scanned else closed or ("" if is_given else "closed"),
        "points": words.points(programme, (scanned.points if scanned else 0) or (action.points if action else 0)),
        "balance": words.points(programme, standings.standing(member, clock.now()).account.available) if member else "",
        "pending_days": action.pending_days if action else 0,
        "form": form or JoinForm(),
        "programme_name": words.programme_name(programme, request.store.name),
    }
    return doors.private(render(request, "loyalty/storefront/collect.html", facts, status=422 if form else 200))
