from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse

from thereafter.console import queries
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import humanise, render
from thereafter.stores.models import Audit

PAGE = 50
AREAS = (
    *("account", "connections", "customers", "intake", "journeys", "keys", "loyalty", "messages", "orders", "products"),
    *("settings", "staff", "tracking"),
)


@staff_page("audit.read")
def index(request: StaffRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:64] for name in ("verb", "actor")}
    page = Paginator(queries.audit_log(request.store, **asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [_told(line) for line in page],
        "asked": asked,
        "areas": [("", "Everything"), *((area, humanise(area)) for area in AREAS)],
        "actors": [("", "Everybody"), *queries.actors(request.store)],
        "query": "?" + urlencode({key: value for key, value in asked.items() if value} | {"page": ""}),
    }
    return render(request, "console/settings/audit.html", context | {"page_title": "Audit log"})


def _told(line: Audit) -> dict[str, Any]:
    return {"line": line, "what": humanise(line.verb), "details": [_detail(*item) for item in line.detail.items()]}


def _detail(name: str, value: Any) -> tuple[str, str]:
    """A changed field is kept as [before, after]."""
    if isinstance(value, list) and len(value) == 2 and name != "scopes":  # noqa: PLR2004 before and after
        before, after = (str(part or "empty") for part in value)
        return humanise(name), f"{before} → {after}"
    return humanise(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value)
