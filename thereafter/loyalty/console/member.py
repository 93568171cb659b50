"""All of one member: what they have, why, until when, and what somebody of the shop can do about it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.commerce.models import Customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty import history
from thereafter.loyalty.actions import members
from thereafter.loyalty.console import member_words as words
from thereafter.loyalty.models import Account, Member
from thereafter.loyalty.queries import member_pages
from thereafter.loyalty.queries.programmes import Version, programme_now
from thereafter.stores.actions import audit

PAGE = 20


@require_safe
@staff_page("loyalty.read")
def member(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer = customer_of(request, customer_id)
    if customer.merged_into_id:
        return redirect("loyalty_console:member", request.store.slug, customer.merged_into_id)
    one, now, version = member_pages.find(request.store, customer.pk), clock.now(), programme_now(request.store.pk)
    accounts = member_pages.accounts(customer)
    context = {
        "page_title": customer.display_name,
        "customer": customer,
        "member": one,
        "accounts": accounts,
        "account": accounts[0] if accounts else None,
        "programme": version.programme,
        **(_standing(one, version, now) if one else {}),
        **(_ledger(request, accounts[0], version) if accounts else {}),
    }
    return render(request, "loyalty/console/member.html", context)


def customer_of(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(Customer.objects.of(request.store).select_related("store"), pk=customer_id)


def _standing(one: Member, version: Version, now: datetime) -> dict[str, Any]:
    """Tiers, friends and milestones."""
    progress = member_pages.progress(one, version, now)
    changes = member_pages.tier_changes(one)
    names = words.staff_names(one.store, {change.actor for change in changes})
    invited, invited_by = member_pages.referrals(one)
    metric, currency = version.programme.tier.metric, one.store.currency
    return {
        "progress": progress,
        "has_now": words.amount(metric, progress.metric, currency) if progress else "",
        "still_missing": words.amount(metric, progress.missing, currency) if progress else "",
        "tier_lines": words.tier_lines(changes, version.programme, names),
        "invited": invited,
        "invited_by": invited_by,
        "friend_tones": words.FRIENDS,
        "milestones": [(words.milestone(each), each) for each in member_pages.milestones(one)],
    }


def _ledger(request: StaffRequest, account: Account, version: Version) -> dict[str, Any]:
    """Lots, rewards taken, and a page of the history."""
    rows = account.entries.exclude(kind__in=history.HIDDEN).select_related("order", "reverses").order_by("-at", "-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    entries = list(page.object_list)
    names = words.staff_names(request.store, {entry.actor for entry in entries})
    return {
        "lots": words.lots(member_pages.lots_left(account), version),
        "redemptions": member_pages.redemptions(account),
        "state_tones": words.STATES,
        "page": page,
        "lines": words.lines(version, entries, names),
    }


@require_POST
@staff_page("loyalty.adjust")
def join(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Somebody of the shop lets a customer take part."""
    customer, now = customer_of(request, customer_id), clock.now()
    members.join(customer, source=Member.Source.CONSOLE, now=now)
    audit(request.store, by=request.staff, verb="loyalty.join", now=now, subject=str(customer))
    messages.success(request, f"{customer} takes part from now on.")
    return redirect("loyalty_console:member", request.store.slug, customer.pk)
