from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render
from thereafter.recommendations.queries import picks as queries

PAGE = 50
LONGEST_WORDS = 80


@require_safe
@staff_page("recommendations.read")
def pairs(request: StaffRequest) -> HttpResponse:
    """The strongest pairs; `?q=` those whose product has these words, `?product=` all of one."""
    words = request.GET.get("q", "").strip()[:LONGEST_WORDS]
    chosen = _product(request)
    found = queries.strongest(request.store, words, chosen.pk if chosen else None)
    context: dict[str, Any] = {
        "page_title": "Bought together",
        "build": queries.last_build(request.store),
        "q": words,
        "chosen": chosen,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "recommendations/console/pairs.html", context)


def _product(request: StaffRequest) -> Product | None:
    number = request.GET.get("product", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 19  # noqa: PLR2004 what a database holds
    return Product.objects.of(request.store).filter(pk=int(number)).first() if is_number else None
