"""Shop systems and carriers that post to this shop."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse

from thereafter.console import queries, sources
from thereafter.console.actions import doors
from thereafter.console.forms import SecretForm
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import humanise, render
from thereafter.stores.models import Connection


@staff_page("settings.edit")
def index(request: StaffRequest) -> HttpResponse:
    """What is connected and what came from it, then what else could be. The API and files show here too."""
    made = {one.source for one in Connection.objects.of(request.store)}
    traffic = queries.traffic(request.store)
    q = request.GET.get("q", "").strip()[:40]
    rows: list[dict[str, Any]] = [
        {"source": one, "made": one.name in made, "traffic": traffic.get(one.name, {})} for one in sources.offered()
    ]
    names = {one.name for one in sources.offered(q)}
    others = [{"title": _title(name), "traffic": traffic[name]} for name in traffic if not sources.find(name)]
    context = {
        "connected": [row for row in rows if row["made"]],
        "groups": _groups([row for row in rows if not row["made"] and row["source"].name in names]),
        "others": others,
        "q": q,
        "page_title": "Connections",
    }
    return render(request, "console/settings/connections.html", context)


def _title(name: str) -> str:
    """API and CSV are written so."""
    return name.upper() if len(name) <= len("api") else humanise(name)


def _groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    groups = [
        {"title": title, "about": about, "rows": [row for row in rows if row["source"].group == title]}
        for title, about in sources.GROUPS.items()
    ]
    return [group for group in groups if group["rows"]]


@staff_page("settings.edit")
def connection(request: StaffRequest, source: str) -> HttpResponse:
    """How to connect one source; its secret is shown on the answer to the form and never again."""
    known = sources.find(source)
    if known is None:
        raise Http404
    form, secret = SecretForm(request.POST or None, their_secret=known.their_secret), ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["secret"].strip()
        secret = doors.connect(request.store, source, secret=given, by=request.staff, now=clock.now())
        secret = "" if given else secret
        form = SecretForm(their_secret=known.their_secret)
        messages.success(request, f"{known.title} is connected. A secret that was set before stays good.")
    context = {
        "source": known,
        "address": known.address(request.store),
        "made": Connection.objects.of(request.store).filter(source=source).first(),
        "traffic": queries.traffic(request.store).get(source, {}),
        "form": form,
        "secret": secret,
        "further": sources.further(source),
    }
    return render(request, "console/settings/connection.html", context | {"page_title": known.title})
