"""Support opens a case for a shopper, or gives something beyond the policy."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.commerce.models import Order, OrderLine
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.returns import refund_words, supporting
from thereafter.returns.actions import goodwill
from thereafter.returns.actions.goodwill import Gift
from thereafter.returns.actions.opening import Asking, CannotOpen, Wish, open_cases
from thereafter.returns.case_words import BASES, state_of
from thereafter.returns.console.case_deeds import minor
from thereafter.returns.models import Case
from thereafter.returns.rules import reasons
from thereafter.returns.rules.policy.outcomes import EXCHANGES, OUTCOMES
from thereafter.returns.rules.policy.snapshots import Asked

_TOKEN = 12
_MOST = 12


@require_safe
@staff_page("returns.read")
def order_offers(request: StaffRequest, order_id: int) -> HttpResponse:
    """The returns of an order, and what else can come back until when: a part of its page, read after the page."""
    order = _order(request, order_id)
    own = Case.objects.of(request.store).filter(order=order).order_by("-submitted_at", "-pk")
    cases = [{"case": case, "state": state_of(case), "wish": OUTCOMES.get(case.outcome, "")} for case in own[:_MOST]]
    context = {
        "rows": supporting.plain(order, _today(order)),
        "cases": cases,
        "refunds": refund_words.rows_of(order),
    }
    return render(request, "returns/console/_order_offers.html", context)


@require_safe
@staff_page("returns.approve")
def start(request: StaffRequest, order_id: int) -> HttpResponse:
    """First what comes back and why; then, with the answers in the address, what can be offered for it."""
    order = _order(request, order_id)
    asked = supporting.wished(request.GET, _lines(order))
    rows = supporting.offered(order, asked, _today(order)) if asked else supporting.plain(order, _today(order))
    context = {
        "order": order,
        "shopper": order.customer.display_name,
        "rows": rows,
        "chosen": {one.line: one for one in asked},
        "is_offer": bool(asked),
        "may_open": any(row.offer.allowed for row in rows),
        "tree": reasons.tree(),
        "bases": BASES,
        "exchanges": EXCHANGES,
        "again": request.GET.urlencode(),
        "visit": secrets.token_urlsafe(_TOKEN),
        "may_give": request.membership.may("returns.refund"),
        "page_title": f"Start a return of {order.number}",
    }
    return render(request, "returns/console/support.html", context)


def _order(request: StaffRequest, order_id: int) -> Order:
    order: Order = get_object_or_404(Order.objects.of(request.store).select_related("customer"), pk=order_id)
    order.store = order.customer.store = request.store
    return order


def _lines(order: Order) -> Sequence[OrderLine]:
    return list(order.lines.order_by("pk"))


def _today(order: Order) -> date:
    return clock.day_in(clock.now(), order.store.time_zone)


@require_POST
@staff_page("returns.approve")
def open_for_shopper(request: StaffRequest, order_id: int) -> HttpResponse:
    order = _order(request, order_id)
    visit = request.POST.get("visit", "")[:40] or secrets.token_urlsafe(_TOKEN)
    asking = Asking(source=f"support:{visit}", channel="support", by=request.staff)
    try:
        made = open_cases(order, _wishes(order, request.POST), asking, now=clock.now())
    except CannotOpen as problem:
        messages.error(request, str(problem))
        back = request.POST.get("again", "")[:2_000]
        return redirect(f"{url('returns_console:start_return', request.store.slug, order.pk)}?{back}")
    numbers = ", ".join(case.number for case in made)
    messages.success(request, f"{numbers} {'is' if len(made) == 1 else 'are'} open.")
    return redirect("returns_console:case", request.store.slug, made[0].pk)


def _wishes(order: Order, given: Any) -> list[Wish]:
    lines = _lines(order)
    keys = {line.external_id: line.pk for line in lines}
    return [_wish(order, one, keys[one.line], given) for one in supporting.wished(given, lines)]


def _wish(order: Order, asked: Asked, key: int, given: Any) -> Wish:
    outcome = given.get(f"outcome-{key}", "")
    if not outcome:
        raise CannotOpen("Choose for each item what the shopper gets.")
    return Wish(
        line=asked.line,
        quantity=asked.quantity,
        reason=asked.reason,
        outcome=outcome,
        method=given.get(f"method-{key}", ""),
        note=given.get(f"note-{key}", "").strip(),
        goods=_goods(order, asked, key, given) if outcome in EXCHANGES else (),
    )


def _goods(order: Order, asked: Asked, key: int, given: Any) -> tuple[tuple[int, int], ...]:
    variant, sku = given.get(f"variant-{key}", ""), given.get(f"sku-{key}", "")
    found = supporting.by_sku(order, sku) if sku.strip() else None
    if sku.strip() and found is None:
        raise CannotOpen(f"No product of your shop has the SKU {sku.strip()[:40]}.")
    chosen = found or (int(variant) if variant.isdecimal() else None)
    return ((chosen, asked.quantity),) if chosen else ()


@require_POST
@staff_page("returns.refund")
def give(request: StaffRequest, order_id: int) -> HttpResponse:
    """An amount without a return, with the reason that goes into the books."""
    order, given = _order(request, order_id), request.POST
    try:
        line = next((one for one in _lines(order) if str(one.pk) == given.get("line", "")), None)
        if line is None:
            raise ValueError("Choose the item that you give it for.")
        gift = Gift(
            line=line.external_id,
            amount_minor=minor(given.get("amount", ""), order.currency),
            why=given.get("why", ""),
            source=given.get("visit", "")[:40] or secrets.token_urlsafe(_TOKEN),
            as_credit=given.get("to", "") == "credit",
        )
        granted = goodwill.give(order, gift, by=request.staff, now=clock.now())
    except ValueError as problem:
        messages.error(request, str(problem))
        return redirect("returns_console:start_return", request.store.slug, order.pk)
    messages.success(request, f"{order.money(granted.amount_minor).format('en')} is promised to the shopper.")
    return redirect("returns_console:refund", request.store.slug, granted.pk)
