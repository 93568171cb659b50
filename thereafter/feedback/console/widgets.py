"""Reviews on the shop's own pages: how they look, where they may stand, what to paste; and the feed for Google."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import snippets
from thereafter.feedback.actions import widgets as actions
from thereafter.feedback.console.widget_forms import LookForm, colour_note, look_form
from thereafter.feedback.models import Rating
from thereafter.feedback.queries.widget_settings import settings_of, sites_of
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.storefront import links
from thereafter.stores.models import Store

MOST_PRODUCTS = 50


@require_safe
@staff_page("feedback.read")
def widgets(request: StaffRequest) -> HttpResponse:
    return _page(request, look_form(settings_of(request.store)))


@require_POST
@staff_page("feedback.write")
def keep_widgets(request: StaffRequest) -> HttpResponse:
    form = LookForm(request.POST)
    if form.is_valid():
        try:
            actions.change(request.store, form.cleaned_data, by=request.staff, now=clock.now())
        except actions.BadWidgets as wrong:
            form.add_error("sites", str(wrong))
        else:
            messages.success(request, "Saved. Your pages show it so within a minute.")
            return redirect("feedback_console:widgets", request.store.slug)
    return _page(request, form)


@require_POST
@staff_page("feedback.write")
def renew_feed(request: StaffRequest) -> HttpResponse:
    actions.renew_feed(request.store, by=request.staff, now=clock.now())
    messages.success(request, "The feed has a new address. Give it to Google Merchant Center; the old one is closed.")
    return redirect("feedback_console:widgets", request.store.slug)


def _page(request: StaffRequest, form: forms.Form) -> HttpResponse:
    store = request.store
    kept = settings_of(store)
    products = _products(store)
    chosen = request.GET.get("product") or next(iter(products), ("", ""))[0]
    context: dict[str, Any] = {
        "page_title": "Reviews in your shop",
        "form": form,
        "kept": kept,
        "colour_note": colour_note(kept),
        "sites": sorted(sites_of(store, kept)),
        "snippets": snippets.for_shops(store),
        "inclusion": snippets.by_server(store),
        "products": products,
        "chosen": chosen,
        "preview": _preview(request, chosen) if chosen else "",
        "feed_url": links.page(store, "feedback_storefront:review_feed", kept.feed_token) if kept.feed_token else "",
    }
    return render(request, "feedback/console/widgets.html", context, status=422 if form.errors else 200)


def _products(store: Store) -> list[tuple[str, str]]:
    """Those that most is said of, by the shop's own names; without any reviews some of what it sells."""
    rated = Rating.objects.of(store).order_by("-five", "-four", "pk").values_list("product", flat=True)[:MOST_PRODUCTS]
    rows = Product.objects.of(store)
    some = rows.filter(pk__in=list(rated)) if rated else rows.filter(is_active=True).order_by("pk")[:MOST_PRODUCTS]
    return [(one.external_id, one.title) for one in some]


def _preview(request: StaffRequest, product: str) -> str:
    """Our own page of it in a frame, at the address that this page came from."""
    page = reverse("feedback_storefront:product_reviews", args=[request.store.slug, product])
    return f"{page}?in={request.scheme}://{request.get_host()}"
