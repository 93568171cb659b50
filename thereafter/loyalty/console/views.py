from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode

from thereafter.commerce.models import Customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, tokens
from thereafter.kit.pages import render
from thereafter.loyalty.queries import ledger as queries
from thereafter.loyalty.actions import points
from thereafter.loyalty.console.forms import AdjustForm

PAGE = 50


@staff_page("loyalty.read")
def members(request: StaffRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    context = {
        "page_title": "Points",
        "totals": queries.totals(request.store),
        "doubted": queries.members(request.store).exclude(doubt=""),
        "page": Paginator(queries.search(request.store, words), PAGE).get_page(request.GET.get("page")),
        "words": words,
        "query": f"?{urlencode({'q': words})}&page=",
    }
    return render(request, "loyalty/console/members.html", context)


@staff_page("loyalty.adjust")
def adjust(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.of(request.store), pk=customer_id, merged_into=None)
    form = AdjustForm(request.POST or None, initial={"once": tokens.random_token()[:40]})
    if request.method == "POST" and form.is_valid() and _adjusted(request, customer, form):
        messages.success(request, f"The points of {customer} are changed.")
        return redirect("loyalty_console:members", request.store.slug)
    context = {
        "page_title": f"Points of {customer}",
        "customer": customer,
        "account": queries.account_of(customer),
        "form": form,
    }
    return render(request, "loyalty/console/adjust.html", context)


def _adjusted(request: StaffRequest, customer: Customer, form: AdjustForm) -> bool:
    """Whether it is done now, or was by the first press of the button; else the form says why not."""
    try:
        points.adjust(
            customer,
            points=form.cleaned_data["points"],
            reason=form.cleaned_data["reason"],
            source=f"adjust:{form.cleaned_data['once']}",
            by=request.staff,
            now=clock.now(),
        )
    except (points.NotEnoughPoints, points.ZeroPoints) as refusal:
        form.add_error("points", str(refusal))
        return False
    return True
