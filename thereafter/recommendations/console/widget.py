"""Recommendations on the shop's own pages: what to paste, and how it looks."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render
from thereafter.recommendations import snippets
from thereafter.recommendations.queries.picks import strongest
from thereafter.recommendations.queries.settings import settings_of, sites_of
from thereafter.storefront import links
from thereafter.stores.models import Store

MOST_PRODUCTS = 50


@require_safe
@staff_page("recommendations.read")
def widget(request: StaffRequest) -> HttpResponse:
    store = request.store
    products = _products(store)
    chosen = request.GET.get("product") or next(iter(products), ("", ""))[0]
    context = {
        "page_title": "Recommendations in your shop",
        "snippets": snippets.for_shops(store),
        "inclusion": snippets.by_server(store),
        "sites": sorted(sites_of(store, settings_of(store.pk))),
        "products": products,
        "chosen": chosen,
        "script": links.page(store, "recommendations_storefront:script"),
    }
    return render(request, "recommendations/console/widget.html", context)


def _products(store: Store) -> list[tuple[str, str]]:
    """Those that most is known of, by the shop's own names; without any pairs some of what it sells."""
    known = [pair.product for pair in strongest(store)[:MOST_PRODUCTS]]
    some = known or list(Product.objects.of(store).filter(is_active=True).order_by("pk")[:MOST_PRODUCTS])
    return list({one.external_id: one.title for one in some}.items())
