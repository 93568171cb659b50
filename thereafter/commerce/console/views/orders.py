from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from thereafter.commerce.console import lists, timeline
from thereafter.commerce.models import Fulfilment, Order, Refund
from thereafter.commerce.panels import order_panel
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render, render_panels, url

PAGE = 30
STATUSES = {"": "All", "open": "Open", "fulfilled": "Fulfilled", "cancelled": "Cancelled"}
SORTS = [("new", "Newest first"), ("old", "Oldest first"), ("high", "Largest first")]
TONES = {"open": "info", "fulfilled": "good", "cancelled": "neutral"}


@staff_page("orders.read")
def index(request: StaffRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:100].strip() for name in ("q", "status", "sort")}
    page = Paginator(lists.orders(request.store, **asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "asked": asked,
        "q": asked["q"],
        "tabs": [_tab(request, asked, status, label) for status, label in STATUSES.items()],
        "sorts": SORTS,
        "tones": TONES,
        "query": _query(asked | {"page": ""}),
    }
    return render(request, "commerce/console/orders.html", context | {"page_title": "Orders"})


def _tab(request: StaffRequest, asked: dict[str, str], status: str, label: str) -> dict[str, Any]:
    address = url("commerce_console:orders", request.store.slug) + _query(asked | {"status": status})
    return {"label": label, "url": address, "current": asked["status"] == status}


def _query(asked: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in asked.items() if value or name == "page"})


@staff_page("orders.read")
def order(request: StaffRequest, order_id: int) -> HttpResponse:
    """One order with everything the house knows of it; at most twelve queries with every room present."""
    orders = Order.objects.of(request.store).select_related("customer")
    order = get_object_or_404(orders, pk=order_id)
    order.store = order.customer.store = request.store
    panels = render_panels(request, order_panel, order)
    context = {
        "order": order,
        "lines": list(order.lines.select_related("product").order_by("pk")),
        "tenders": list(order.tenders.order_by("pk")),
        "fulfilments": _fulfilments(order),
        "refunds": _refunds(order),
        "history": timeline.of_order(request.store, order.pk).lines,
        "wide": [panel for panel in panels if panel["wide"]],
        "narrow": [panel for panel in panels if not panel["wide"]],
        "tone": TONES[order.status],
    }
    return render(request, "commerce/console/order.html", context | {"page_title": order.number})


def _fulfilments(order: Order) -> list[Fulfilment]:
    return list(order.fulfilments.order_by("shipped_at", "pk"))


def _refunds(order: Order) -> list[Refund]:
    """Not asked for when nothing was given back."""
    return list(order.refunds.order_by("at", "pk")) if order.refunded_minor else []
