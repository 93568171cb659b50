"""The till: staff at a counter find a member by card, mail or phone, honour perks, take and give points."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, tokens
from thereafter.kit.money import Money
from thereafter.kit.pages import render
from thereafter.loyalty.actions import joining, members, till, turning
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.console.till_forms import PayForm, ReceiptForm, VisitForm
from thereafter.loyalty.models import Entry, Member, Redemption, Reward
from thereafter.loyalty.queries import standings, tills
from thereafter.loyalty.queries.rewards import terms_of
from thereafter.loyalty.queries.standings import Offer, Standing
from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.rules.wording_figures import Shop, Speaker
from thereafter.loyalty.rules.wording_tiers import benefit_words
from thereafter.stores.models import Store

RECENT = till.UNDO_WITHIN * 4
KINDS = {
    "not_offered": "Not to be had at this time",
    "wrong_tier": "For another tier",
    "out_of_stock": "All gone",
    "limit_reached": "Had already",
}


@staff_page("loyalty.till")
def home(request: StaffRequest) -> HttpResponse:
    """`?who=` is what was scanned or typed."""
    given = request.GET.get("who", "").strip()[:200]
    if not given:
        return render(request, "loyalty/console/till.html", {"page_title": "Till"})
    found = standings.find_by_any(request.store, given)
    if len(found) == 1:
        return redirect("loyalty_console:till_member", request.store.slug, found[0].pk)
    customer = None if found else _customer(request.store, given)
    facts = {
        "page_title": "Till",
        "who": given,
        "found": found,
        "customer": customer,
        "email": given.lower() if "@" in given and not customer else "",
    }
    return render(request, "loyalty/console/till.html", facts)


def _customer(store: Store, text: str) -> Customer | None:
    """Somebody who buys here but does not take part."""
    return find_customer(store, email=text if "@" in text else "", phone=text)


@require_POST
@staff_page("loyalty.till")
def join(request: StaffRequest) -> HttpResponse:
    """A customer who says yes at the counter; somebody new gets a mail and says yes there."""
    given, now = request.POST.get("customer", ""), clock.now()
    rows = Customer.objects.of(request.store).filter(merged_into=None)
    customer = rows.filter(pk=int(given)).first() if given.isdecimal() else None
    if customer is not None:
        member = members.join(customer, source=Member.Source.CONSOLE, now=now)
        messages.success(request, f"{customer.display_name} takes part from now on.")
        return redirect("loyalty_console:till_member", request.store.slug, member.pk)
    email = request.POST.get("email", "").strip().lower()
    if "@" in email and joining.ask(request.store, email, language=request.store.locale, now=now):
        messages.success(request, f"A mail with a link to join is on its way to {email}.")
    else:
        messages.error(request, "No mail was sent: check the address, or wait a moment if one was sent just now.")
    return redirect("loyalty_console:till", request.store.slug)


@staff_page("loyalty.till")
def member(request: StaffRequest, member_id: int) -> HttpResponse:
    """`?done=` marks what was done last, so that the amount to take off cannot be missed."""
    return _page(request, _member(request, member_id))


def _member(request: StaffRequest, member_id: int) -> Member:
    found: Member = get_object_or_404(standings.members(request.store), pk=member_id)
    return found


def _page(request: StaffRequest, one: Member, *, status: int = 200, **forms: Any) -> HttpResponse:
    now = clock.now()
    turning.bring_up_to_date(one.store_id, one.customer_id, now)
    standing = standings.standing(one, now)
    reward = standings.paying_reward(request.store, one.tier, now)
    choice = rules.choice(terms_of(reward), standing.account.available) if reward else None
    moves = tills.moves(one, now - RECENT, (till.RECEIPT, till.ACTION))
    programme = standing.version.programme
    facts = {
        "page_title": one.customer.display_name,
        "member": one,
        "one": standing,
        "perks": _perks(standing, request.store),
        "paying": _paying(reward, choice) if reward and choice else None,
        "offers": [_offer(offer) for offer in standings.offers(standing, now) if reward != offer.reward],
        "moves": moves,
        "undo_since": now - till.UNDO_WITHIN,
        "last": next((move for move in moves if not move.is_undone), None) if "done" in request.GET else None,
        "ways": bool(VisitForm.choices_of(programme)),
        "pay": PayForm(reward, choice) if reward and choice and choice.is_open else None,
        "receipt": ReceiptForm(request.store),
        "visit": VisitForm(programme),
        "once": tokens.random_token()[:40],
    }
    return render(request, "loyalty/console/till_member.html", facts | forms, status=status)


def _perks(one: Standing, store: Store) -> list[str]:
    said = benefit_words(one.tier.benefits, Speaker(one.version.programme, Shop(store.currency))) if one.tier else []
    return [words[:1].upper() + words[1:] for words in said]


def _paying(reward: Reward, choice: rules.Choice) -> dict[str, Any]:
    most = choice.most if choice.is_open else 0
    return {
        "step": reward.cost,
        "step_worth": standings.money_of(reward, reward.value),
        "most": most,
        "most_worth": standings.money_of(reward, rules.worth(terms_of(reward), most)) if most else None,
        "is_open": choice.is_open,
    }


def _offer(offer: Offer) -> dict[str, Any]:
    missing = f"{offer.missing:,} points missing" if offer.missing else "Too few points"
    return {
        "reward": offer.reward,
        "why_not": KINDS.get(offer.why_not, missing) if offer.why_not else "",
        "points": offer.reward.cost,
    }


@require_POST
@staff_page("loyalty.till")
def pay(request: StaffRequest, member_id: int) -> HttpResponse:
    one, now = _member(request, member_id), clock.now()
    reward = standings.paying_reward(request.store, one.tier, now)
    available = standings.standing(one, now).account.available
    choice = rules.choice(terms_of(reward), available) if reward else rules.Choice(1, 0, 1)
    form = PayForm(reward, choice, request.POST)
    if not form.is_valid():
        return _page(request, one, status=422, pay=form)
    given = form.cleaned_data
    try:
        till.pay(one, count=given["points"], receipt=given["receipt"], once=_once(request), by=request.staff, now=now)
    except (Refused, till.NotAtTill) as why:
        return _refused(request, one, why)
    return _done(request, one)


@require_POST
@staff_page("loyalty.till")
def take(request: StaffRequest, member_id: int) -> HttpResponse:
    one = _member(request, member_id)
    given = request.POST.get("reward", "")
    rows = Reward.objects.of(request.store).filter(archived_at=None)
    reward = get_object_or_404(rows, pk=int(given) if given.isdecimal() else 0)
    try:
        till.take(one, reward, once=_once(request), by=request.staff, now=clock.now())
    except (Refused, till.NotAtTill) as why:
        return _refused(request, one, why)
    return _done(request, one)


@require_POST
@staff_page("loyalty.till")
def earn(request: StaffRequest, member_id: int) -> HttpResponse:
    one = _member(request, member_id)
    form = ReceiptForm(request.store, request.POST)
    if not form.is_valid():
        return _page(request, one, status=422, receipt=form)
    amount = Money(form.minor, request.store.currency)
    try:
        till.earn_receipt(one, amount, receipt=form.cleaned_data["number"], by=request.staff, now=clock.now())
    except till.NotAtTill as why:
        return _refused(request, one, why)
    return _done(request, one)


@require_POST
@staff_page("loyalty.till")
def visit(request: StaffRequest, member_id: int) -> HttpResponse:
    one, now = _member(request, member_id), clock.now()
    form = VisitForm(standings.standing(one, now).version.programme, request.POST)
    if not form.is_valid():
        return _page(request, one, status=422, visit=form)
    earned = till.book(one, form.cleaned_data["action"], once=_once(request), now=now)
    if earned.result == "refused":
        said = "This does not count again for now: the programme's limit is reached."
        gone = "The programme gives nothing for this any more."
        return _refused(request, one, till.NotAtTill(said if earned.reason == "limit_reached" else gone))
    return _done(request, one)


@require_POST
@staff_page("loyalty.till")
def undo(request: StaffRequest, member_id: int) -> HttpResponse:
    one, now = _member(request, member_id), clock.now()
    kind, _, number = request.POST.get("move", "").partition(":")
    pk = int(number) if number.isdecimal() else 0
    try:
        if kind == "redemption":
            mine = Redemption.objects.of(request.store).filter(account__customer=one.customer_id)
            till.undo_redemption(get_object_or_404(mine, pk=pk, key__startswith="till:"), by=request.staff, now=now)
        else:
            given = Entry.objects.of(request.store).filter(account__customer=one.customer_id)
            till.undo_award(get_object_or_404(given, pk=pk, source__startswith="till"), now=now)
    except (Refused, till.NotAtTill) as why:
        return _refused(request, one, why)
    messages.success(request, "Undone. The points are as they were.")
    return redirect("loyalty_console:till_member", request.store.slug, one.pk)


def _once(request: StaffRequest) -> str:
    """Of the page that the button was on: pressed twice it is one move."""
    return request.POST.get("once", "")[:40] or tokens.random_token()[:40]


def _refused(request: StaffRequest, one: Member, why: Exception) -> HttpResponse:
    return _page(request, one, status=409, refusal=str(why))


def _done(request: StaffRequest, one: Member) -> HttpResponse:
    response = redirect("loyalty_console:till_member", request.store.slug, one.pk)
    response.headers["Location"] += "?done"
    return response
