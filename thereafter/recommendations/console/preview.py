"""What would be shown beside a product or an order, or to a customer, and why."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render
from thereafter.recommendations.console import words
from thereafter.recommendations.console.trying import tried
from thereafter.recommendations.rules.showing import SLOTS
from thereafter.stores.models import Store


@require_safe
@staff_page("recommendations.read")
def preview(request: StaffRequest) -> HttpResponse:
    asked = request.GET.get("beside", "") or _first(request.store)
    slot = request.GET.get("slot", "")
    context = {
        "page_title": "What is shown",
        "asked": asked,
        "slot": slot if slot in SLOTS else "",
        "slots": [("", "Wherever it fits"), *words.SLOTS.items()],
        "trial": tried(request, asked, slot),
    }
    return render(request, "recommendations/console/preview.html", context)


def _first(store: Store) -> str:
    """Something to look at at once."""
    return Product.objects.of(store).filter(is_active=True).order_by("pk").values_list("title", flat=True).first() or ""
