"""The mapping list: codes that we do not understand, and what the merchant says that they mean."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import humanise, render
from thereafter.stores.models import Store
from thereafter.tracking.actions import codes as actions
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.models import CarrierCode, Scan
from thereafter.tracking.models.parcels import MAPPABLE
from thereafter.tracking.rules import states
from thereafter.tracking.words import STATUS, reason_words

PAGE, EXAMPLES = 20, 3
NOTHING = "nothing"
_STATUSES = [status for status in states.RANKS if status not in (states.UNKNOWN, states.EXCEPTION)]
# What a code may be said to mean: a status, trouble with its reason, or nothing.
MEANINGS: dict[str, tuple[str, str, str]] = {
    **{status: (STATUS[status], status, "") for status in _STATUSES},
    **{
        f"{states.EXCEPTION}:{reason}": (
            f"Exception: {(reason_words(reason) or humanise(reason)).lower()}",
            states.EXCEPTION,
            reason,
        )
        for reason in sorted(states.REASONS)
    },
    NOTHING: ("Means nothing for the parcel", "", ""),
}
OPTIONS = [("", "What does it mean?"), *((key, label) for key, (label, _, _) in MEANINGS.items())]


@staff_page("tracking.map")
def codes(request: StaffRequest) -> HttpResponse:
    """Unmapped first, the most frequent on top; saying what one means moves the parcels that have it."""
    if request.method == "POST":
        return _decide(request)
    mapped = request.GET.get("show") == "mapped"
    rows = CarrierCode.objects.of(request.store).filter(mapped_at__isnull=not mapped).select_related("mapped_by")
    order = ["-mapped_at", "pk"] if mapped else ["-seen", "-last_seen_at", "pk"]
    page = Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page"))
    examples = _examples(request.store, list(page))
    address = reverse("tracking_console:codes", args=[request.store.slug])
    to_map = CarrierCode.objects.of(request.store).filter(mapped_at__isnull=True).count()
    context = {
        "rows": [_code_facts(code) | {"examples": examples.get(actions.code_key(code), [])} for code in page],
        "page": page,
        "query": f"?{urlencode({'show': 'mapped' if mapped else ''})}&page=",
        "mapped": mapped,
        "options": OPTIONS,
        "tabs": [
            {"label": "To map", "url": address, "current": not mapped, "count": to_map},
            {"label": "Mapped", "url": f"{address}?show=mapped", "current": mapped},
        ],
    }
    return render(request, "tracking/console/codes.html", context)


def _code_facts(code: CarrierCode) -> dict[str, Any]:
    source = ADAPTERS[code.source].name if code.source in ADAPTERS else humanise(code.source)
    meaning = f"{code.status}:{code.reason}" if code.status == states.EXCEPTION else code.status or NOTHING
    return {
        "code": code,
        "source": source,
        "carrier": carrier_name(code.carrier_key) or code.carrier_key,
        "meaning": meaning if code.mapped_at else "",
        "means": MEANINGS[meaning][0] if code.mapped_at and meaning in MEANINGS else "",
    }


def _examples(store: Store, codes: Collection[CarrierCode]) -> dict[actions.Key, list[tuple[int, str]]]:
    """Some parcels of each code, by one query."""
    if not codes:
        return {}
    newest = Window(RowNumber(), partition_by=[F("source"), F("carrier_key"), F("code")], order_by=F("pk").desc())
    scans = (
        Scan.objects.of(store)
        .filter(MAPPABLE, source__in={one.source for one in codes}, code__in={one.code for one in codes})
        .annotate(place_in_code=newest)
        .filter(place_in_code__lte=EXAMPLES)
        .values_list("source", "carrier_key", "code", "parcel_id", "parcel__tracking_number")
    )
    found: dict[actions.Key, list[tuple[int, str]]] = defaultdict(list)
    for source, carrier, code, parcel_id, number in scans:
        if (parcel_id, number) not in found[source, carrier, code]:
            found[source, carrier, code].append((parcel_id, number))
    return found


def _decide(request: StaffRequest) -> HttpResponse:
    given = request.POST.get("code", "")
    code = get_object_or_404(CarrierCode.objects.of(request.store), pk=int(given) if given.isdecimal() else 0)
    meaning, now = request.POST.get("meaning", ""), clock.now()
    back = redirect(_back(request))
    if request.POST.get("action") == "unmap":
        actions.unmap_code(code, by=request.staff, now=now)
        said = f"{code.code} is on the list again."
    elif meaning in MEANINGS:
        label, status, reason = MEANINGS[meaning]
        actions.map_code(code, status=status, reason=reason, by=request.staff, now=now)
        said = f"{code.code} now reads “{label}”."
    else:
        messages.error(request, f"Choose what {code.code} means.")
        return back
    moved = actions.follow(code, now)
    parcels = f"{moved} parcel{'s' if moved != 1 else ''} followed" if moved < actions.AT_ONCE else "Parcels follow"
    messages.success(request, f"{said} {parcels}, and new scans are read that way.")
    return back


def _back(request: StaffRequest) -> str:
    address = reverse("tracking_console:codes", args=[request.store.slug])
    return f"{address}?show=mapped" if request.POST.get("show") == "mapped" else address
