"""Variants of one thing that show their reviews together; unlike products are refused."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import review_setup
from thereafter.feedback.actions.review_setup import UnlikeProducts
from thereafter.feedback.models import GroupedProduct, Rating, ReviewGroup
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.stores.models import Store

MOST_OFFERED = 400


@staff_page("feedback.read")
def groups(request: StaffRequest) -> HttpResponse:
    """The groups, and products found by a word to make one of."""
    q = request.GET.get("q", "").strip()[:100]
    if request.method == "POST":
        return _make(request)
    return render(request, "feedback/console/review_groups.html", _context(request.store, q))


def _context(store: Store, q: str) -> dict[str, Any]:
    members = Prefetch("members", GroupedProduct.objects.of(store).select_related("product").order_by("product__title"))
    rows = ReviewGroup.objects.of(store).prefetch_related(members).order_by("name")
    ratings = {one.product_id: one for one in Rating.objects.of(store).filter(product__in=_grouped(store))}
    free = Product.objects.of(store).filter(is_active=True).exclude(pk__in=_grouped(store))
    found = free.filter(title__icontains=q) if q else free
    return {
        "page_title": "Groups of products",
        "rows": [_row(group, ratings) for group in rows],
        "found": list(found.order_by("category", "title")[:MOST_OFFERED]) if q else [],
        "q": q,
    }


def _grouped(store: Store) -> Any:
    return GroupedProduct.objects.of(store).values("product")


def _row(group: ReviewGroup, ratings: dict[int, Rating]) -> dict[str, Any]:
    products = [one.product for one in group.members.all()]
    rating = next((ratings[one.pk] for one in products if one.pk in ratings), None)
    return {"one": group, "products": products, "rating": rating}


def _chosen(request: HttpRequest) -> list[int]:
    return [int(row) for row in request.POST.getlist("row")[:MOST_OFFERED] if row.isascii() and row.isdecimal()]


def _make(request: StaffRequest) -> HttpResponse:
    if not request.membership.may("feedback.write"):
        return render(
            request, "console/forbidden.html", {"verb": "feedback.write", "page_title": "Not open to you"}, 403
        )
    name = request.POST.get("name", "")
    try:
        review_setup.make_group(request.store, name, _chosen(request), by=request.staff, now=clock.now())
    except UnlikeProducts as why:
        messages.error(request, str(why))
        return redirect("feedback_console:review_groups", request.store.slug)
    messages.success(request, "These products show their reviews together now.")
    return redirect("feedback_console:review_groups", request.store.slug)


@require_POST
@staff_page("feedback.write")
def split(request: StaffRequest, review_group_id: int) -> HttpResponse:
    group = get_object_or_404(ReviewGroup.objects.of(request.store).select_related("store"), pk=review_group_id)
    review_setup.split(group, by=request.staff, now=clock.now())
    messages.success(request, "Each product shows its own reviews again.")
    return redirect("feedback_console:review_groups", request.store.slug)
