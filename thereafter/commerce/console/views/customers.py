from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from thereafter.commerce.console import lists, timeline
from thereafter.commerce.console.views.orders import TONES
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import customer_panel
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import humanise, number, render, render_panels

PAGE = 30
NEWEST_ORDERS = 5
_KINDS = {"email": "E-mail", "phone": "Phone", "shop": "Customer number"}
_IN_PANELS = ("insights.", "reorder.", "returns.")


@staff_page("customers.read")
def index(request: StaffRequest) -> HttpResponse:
    q = request.GET.get("q", "")[:100].strip()
    page = Paginator(lists.customers(request.store, q=q), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "q": q,
        "figures": lists.lifetime(request.store, page.object_list),
        "query": "?" + urlencode({"q": q, "page": ""} if q else {"page": ""}),
    }
    return render(request, "commerce/console/customers.html", context | {"page_title": "Customers"})


@staff_page("customers.read")
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """One person: who they are, what they may be told, and everything that happened."""
    person = get_object_or_404(Customer.objects.of(request.store), pk=customer_id)
    if person.merged_into_id:
        return redirect("commerce_console:customer", request.store.slug, person.merged_into_id)
    person.store = request.store
    kind, cursor = request.GET.get("kind", ""), request.GET.get("older", "")
    panels = render_panels(request, customer_panel, person)
    orders = Order.objects.of(request.store).filter(customer=person).order_by("-placed_at", "-pk")
    context = {
        "customer": person,
        "figures": lists.lifetime(request.store, [person]).get(person.pk, {}),
        "identities": [_identity(one.kind, one.value) for one in person.identities.order_by("kind", "pk")],
        "traits": list(_badges(person.traits)),
        "orders": list(orders[:NEWEST_ORDERS]),
        "tones": TONES,
        "timeline": timeline.of_customer(request.store, person.pk, kind=kind, cursor=cursor),
        "kind": kind if kind in timeline.KINDS else "",
        "is_older": bool(cursor),
        "tabs": [_tab("", "Everything", kind), *(_tab(key, label, kind) for key, (label, _) in timeline.KINDS.items())],
        "wide": [panel for panel in panels if panel["wide"]],
        "narrow": [panel for panel in panels if not panel["wide"]],
    }
    return render(request, "commerce/console/customer.html", context | {"page_title": person.display_name})


def _tab(kind: str, label: str, current: str) -> dict[str, Any]:
    address = f"?kind={kind}#timeline" if kind else "?#timeline"
    return {"label": label, "url": address, "current": kind == (current if current in timeline.KINDS else "")}


def _identity(kind: str, value: str) -> tuple[str, str]:
    """("shop", "shopify:900001") as "Shopify customer number", "900001"."""
    source, _, key = value.partition(":") if kind == "shop" else ("", "", value)
    label = _KINDS.get(kind, humanise(kind))
    return (f"{humanise(source)} {label.lower()}" if key and source else label), key or value


def _badges(traits: Mapping[str, Any]) -> Iterator[str]:
    """What is known of somebody, a badge each. A key that has a name (`tier`, `tier_name`) is told by its name, a group
    such as perks by what is in it; codes say nothing to anybody, and what has a panel of its own is said there."""
    for name, value in sorted(traits.items()):
        if not value or traits.get(f"{name}_name") or name.endswith("_code") or name.startswith(_IN_PANELS):
            continue
        if isinstance(value, dict):
            yield from _badges(value)
        else:
            yield _trait(name.removesuffix("_name"), value)


def _trait(name: str, value: Any) -> str:
    """{"loyalty.tier": "gold"} as "Tier gold", {"loyalty.points": 120} as "Points 120", {"open.claim": True} as "Open
    claim"."""
    group, _, key = name.rpartition(".")
    label = humanise(f"open_{key}" if group == "open" else key)
    if value is True:
        return label
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{label} {number(value) if isinstance(value, int | float) else value}"
