from django.core.paginator import Paginator
from django.http import HttpResponse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render
from thereafter.recommendations import queries

PAGE = 50


@staff_page("recommendations.read")
def pairs(request: StaffRequest) -> HttpResponse:
    context = {
        "page_title": "Bought together",
        "build": queries.last_build(request.store),
        "page": Paginator(queries.strongest(request.store), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "recommendations/console/pairs.html", context)
