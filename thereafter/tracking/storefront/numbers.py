"""Tracking by number: for whoever has nothing but the number on a slip of paper.

A number proves nothing, so the page says how far the parcel is and nothing of whose it is. A number of another shop is
as unknown as one that nobody has, and tries are counted.
"""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.tracking import queries
from thereafter.tracking.parcel_facts import Seen, in_public
from thereafter.tracking.storefront.doors import may_try
from thereafter.tracking.storefront.forms import NumberForm


@never_cache
@require_safe
@shopper_page
def number(request: ShopperRequest) -> HttpResponse:
    form = NumberForm(request.GET if "number" in request.GET else None)
    if not form.is_valid():
        return render(request, "tracking/storefront/number.html", {"form": form})
    if not may_try(request, {}):
        return refuse(request, 429)
    parcel = queries.newest_by_number(request.store, form.cleaned_data["number"])
    if parcel is None:
        return render(request, "tracking/storefront/number.html", {"form": form, "not_found": True}, status=404)
    settings = queries.settings_of(request.store)
    seen = Seen(request.store, settings, clock.day_in(clock.now(), request.store.time_zone))
    facts = {"parcel": in_public(parcel, seen), "shown": settings.number_of_scans_shown}
    return render(request, "tracking/storefront/number_found.html", facts)
