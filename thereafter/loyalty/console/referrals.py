"""Invitations: those to look at first, each with both sides and what speaks against it, and what they bring."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from thereafter.commerce.models import Customer, Order
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty.actions import referrals
from thereafter.loyalty.actions.referrals import CannotDecide
from thereafter.loyalty.console import referrals_words as words
from thereafter.loyalty.models import Referral
from thereafter.loyalty.queries import referral_numbers
from thereafter.loyalty.queries import referrals as queries
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.stores.models import Store, StoreQuerySet

State = Referral.State
PAGE = 50
DAYS = (30, 90, 365)
_SHOWN: dict[str, tuple[str, Callable[[Store], StoreQuerySet[Referral]]]] = {
    "look": ("To look at", queries.to_look_at),
    "": ("All", Referral.objects.of),
    "open": ("Not bought yet", lambda store: Referral.objects.of(store).filter(state=State.CLAIMED)),
    "bought": ("Bought", lambda store: Referral.objects.of(store).filter(state__in=queries.BROUGHT)),
    "refused": ("Refused", lambda store: Referral.objects.of(store).filter(state=State.REFUSED)),
    "over": (
        "Undone or lapsed",
        lambda store: Referral.objects.of(store).filter(state__in=(State.UNDONE, State.LAPSED)),
    ),
}


class DecisionForm(forms.Form):
    note = forms.CharField(
        label="Why",
        max_length=300,
        help_text="For your colleagues; neither of the two reads it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@staff_page("loyalty.read")
def index(request: StaffRequest) -> HttpResponse:
    store = request.store
    waiting = queries.to_look_at(store).count()
    show = request.GET.get("show", "look" if waiting else "")
    show = show if show in _SHOWN else ""
    typed = request.GET.get("q", "").strip()[:100]
    rows = _found(_SHOWN[show][1](store), typed).order_by("-claimed_at", "-id")
    page = Paginator(rows.select_related("advocate__customer", "friend", "entry"), PAGE).get_page(
        request.GET.get("page")
    )
    kept = {"show": show, **({"q": typed} if typed else {})}
    context = {
        "page_title": "Referrals",
        "rows": [words.row(one) for one in page],
        "page": page,
        "show": show,
        "typed": typed,
        "tabs": _tabs(show, waiting),
        "query": f"?{urlencode(kept)}&page=",
        "is_on": _is_on(store),
        "has_any": Referral.objects.of(store).exists(),
        **_numbers(request, store, clock.now()),
    }
    return render(request, "loyalty/console/referrals.html", context)


def _tabs(show: str, waiting: int) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?show={key}",
            "current": key == show,
            "count": waiting if key == "look" and waiting else None,
        }
        for key, (label, _) in _SHOWN.items()
    ]


def _found(rows: StoreQuerySet[Referral], typed: str) -> StoreQuerySet[Referral]:
    """By name or address of either side."""
    if not typed:
        return rows
    asked = Q(friend_email__icontains=typed) | Q(advocate__referral_code__iexact=typed)
    for side in ("friend", "advocate__customer"):
        asked |= Q(**{f"{side}__name__icontains": typed}) | Q(**{f"{side}__email__icontains": typed})
    return rows.filter(asked)


def _is_on(store: Store) -> bool:
    terms = programme_now(store.pk).programme.referral
    return terms is not None and terms.is_on


def _numbers(request: StaffRequest, store: Store, now: datetime) -> dict[str, Any]:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else DAYS[1]
    found = referral_numbers.numbers(store, since=now - timedelta(days=days), until=now, now=now)
    refused = [
        {"label": words.reason(name), "value": count, "text": str(count), "tone": "warn"}
        for name, count in found.refused.items()
    ]
    return {"numbers": found, "refused": refused, "days": days, "day_choices": DAYS}


@staff_page("loyalty.read")
def referral(request: StaffRequest, referral_id: int) -> HttpResponse:
    return _page(request, _one(request, referral_id), DecisionForm())


def _one(request: StaffRequest, referral_id: int) -> Referral:
    rows = Referral.objects.of(request.store).select_related(
        "store", "advocate__customer", "friend", "order", "entry", "friend_coupon__pool"
    )
    return get_object_or_404(rows, pk=referral_id)


def _page(request: StaffRequest, one: Referral, form: DecisionForm, status: int = 200) -> HttpResponse:
    people = [pk for pk in (one.advocate.customer_id, one.friend_id) if pk]
    sides = queries.sides(request.store.pk, people)
    context = {
        "page_title": "Referral",
        "one": one,
        "row": words.row(one),
        "facts": words.facts(one),
        "doubts": words.doubts(one),
        "can_release": one.state in (State.HELD, State.REFUSED) or (bool(one.doubts) and one.decided_at is None),
        "can_refuse": one.state not in (State.REFUSED, State.LAPSED),
        "form": form,
        "sides": [
            words.side("Who invited", one.advocate.customer, sides[one.advocate.customer_id]),
            words.side("The friend", one.friend, sides[one.friend_id]) if one.friend and one.friend_id else None,
        ],
        "others": _others(one),
        "orders": _orders(one.friend),
    }
    return render(request, "loyalty/console/referral.html", context, status=status)


def _others(one: Referral) -> list[dict[str, Any]]:
    """What else this member's invitations came to: a pattern is seen over several."""
    rows = Referral.objects.of(one.store_id).filter(advocate=one.advocate_id).exclude(pk=one.pk)
    return [words.row(each) for each in rows.select_related("advocate__customer", "friend").order_by("-claimed_at")[:8]]


def _orders(friend: Customer | None) -> list[Order]:
    if friend is None:
        return []
    return list(Order.objects.of(friend.store_id).filter(customer=friend).order_by("-placed_at")[:5])


@require_POST
@staff_page("loyalty.adjust")
def release(request: StaffRequest, referral_id: int) -> HttpResponse:
    return _decided(request, referral_id, referrals.release, "The invitation counts.")


@require_POST
@staff_page("loyalty.adjust")
def refuse(request: StaffRequest, referral_id: int) -> HttpResponse:
    return _decided(request, referral_id, referrals.refuse, "The invitation is refused, and what was given taken back.")


def _decided(request: StaffRequest, referral_id: int, decide: Callable[..., None], said: str) -> HttpResponse:
    one, form = _one(request, referral_id), DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, one, form, status=422)
    try:
        decide(one, by=request.staff, note=form.cleaned_data["note"], now=clock.now())
    except CannotDecide as why:
        form.add_error(None, str(why))
        return _page(request, one, form, status=409)
    messages.success(request, said)
    return redirect("loyalty_console:referral", request.store.slug, one.pk)
