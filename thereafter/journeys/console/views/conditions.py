"""The condition editor, renewed by itself."""

from django.http import HttpResponse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.console import conditions
from thereafter.kit.pages import render


@staff_page("journeys.read")
def condition_rows(request: StaffRequest) -> HttpResponse:
    """The editor as it is after a button or a select of it; nothing is kept."""
    name = request.GET.get("editor", "if")[:60]
    schema = conditions.schema_of(request.GET.get(f"{name}.place", ""))
    editor = conditions.posted(request.store, schema, request.GET, name=name)
    context = {
        "editor": editor,
        "label": request.GET.get(f"{name}.label", "Only if")[:200],
        "optional": bool(request.GET.get(f"{name}.optional")),
        "help": request.GET.get(f"{name}.help", "")[:300],
    }
    response = render(request, "journeys/console/condition_rows.html", context)
    if not conditions.is_unfinished(editor):
        response.headers["HX-Trigger-After-Swap"] = "conditionchange"
    return response
