from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.commerce import queries
from thereafter.commerce.console import lists
from thereafter.commerce.console.views.orders import TONES
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render

MOST = 12


@staff_page("orders.read")
def index(request: StaffRequest) -> HttpResponse:
    """One box for everything: an order's number goes straight to the order, the rest to a short list of each kind."""
    q = request.GET.get("q", "")[:100].strip()
    exact = queries.find_order(request.store, q) if q else None
    if exact:
        return redirect("commerce_console:order", request.store.slug, exact.pk)
    may_see_people = request.membership.may("customers.read")
    people = list(lists.customers(request.store, q=q)[:MOST]) if q and may_see_people else []
    context = {
        "q": q,
        "parcels": list(lists.shipped_orders(request.store, q)[:MOST]) if q else [],
        "orders": list(lists.orders(request.store, q=q)[:MOST]) if q else [],
        "customers": people,
        "figures": lists.lifetime(request.store, people) if people else {},
        "products": list(lists.products(request.store, q=q)[:MOST])
        if q and request.membership.may("products.read")
        else [],
        "tones": TONES,
    }
    return render(request, "commerce/console/search.html", context | {"page_title": "Search"})
