"""One customer on their way through a journey, and the messages of all of them."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages as flash
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.actions import moving
from thereafter.journeys.actions.moving import NotThere
from thereafter.journeys.attribution import origin_of
from thereafter.journeys.console.choices import Choices
from thereafter.journeys.console.desk import Desk
from thereafter.journeys.console.picture import Picture
from thereafter.journeys.console.story import story
from thereafter.journeys.console.views.journeys import chosen_journey, shared
from thereafter.journeys.models import Run
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging.models import Message, Receipt

_RECEIPTS = ("delivered", "opened", "clicked", "bounced")


@staff_page("journeys.read")
def run(request: StaffRequest, key: str, run_id: int) -> HttpResponse:
    """The way so far, where they are and why, and what can be done about it."""
    chosen = _chosen(request, key, run_id)
    choices = Choices(request.store)
    picture = Picture(chosen.version.document, choices.names)
    context = {
        "page_title": f"{chosen.customer.display_name} in {chosen.journey.name}",
        "run": chosen,
        "entries": story(chosen, choices.names),
        "picture": picture,
        "here": chosen.asleep_at or chosen.node,
        "steps": [(row["id"], picture.title(row["id"])) for row in chosen.version.document["steps"]],
        **shared(),
    }
    return render(request, "journeys/console/run.html", context)


@require_POST
@staff_page("journeys.edit")
def do(request: StaffRequest, key: str, run_id: int) -> HttpResponse:
    """Lets somebody go on sooner or later, puts them on another step, or takes them out."""
    chosen, now, act = _chosen(request, key, run_id), clock.now(), request.POST.get("act", "")
    try:
        if act == "stop":
            moving.stop(chosen, by=request.staff, now=now)
            told = "They are out of the journey."
        elif act == "put_on":
            moving.put_on(chosen, request.POST.get("step", ""), by=request.staff, now=now)
            told = "They go on from that step at once."
        else:
            moving.reschedule(chosen, due_at=_moment(request, now), by=request.staff, now=now)
            told = "They go on at that moment."
        flash.success(request, told)
    except (NotThere, ValueError) as wrong:
        flash.error(request, str(wrong))
    return redirect("journeys_console:run", request.store.slug, key, run_id)


def _moment(request: StaffRequest, now: datetime) -> datetime:
    """What the form says, on the shop's clock; nothing said is now. Raises ValueError."""
    told = request.POST.get("at", "")
    if not told:
        return now
    try:
        moment = timezone.make_aware(datetime.fromisoformat(told)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("Give the moment as day and hour.") from None
    return max(moment, now)


def _chosen(request: StaffRequest, key: str, run_id: int) -> Run:
    rows = Run.objects.of(request.store).select_related("journey", "version", "customer", "order", "store")
    return get_object_or_404(rows, pk=run_id, journey__key=key)


@staff_page("journeys.read")
def sent(request: StaffRequest, key: str) -> HttpResponse:
    """What the journey's steps sent, and what became of it."""
    chosen = chosen_journey(request, key)
    desk = Desk(request.store, chosen)
    own = Message.objects.of(request.store).filter(origin__startswith=origin_of(chosen))
    context = {
        "page_title": f"Messages of {chosen.name}",
        "desk": desk,
        "rows": _by_step(request, desk, own),
        "latest": own.select_related("customer").order_by("-created_at", "-id")[:20],
    }
    return render(request, "journeys/console/sent.html", context)


def _by_step(request: StaffRequest, desk: Desk, own: Any) -> list[dict[str, Any]]:
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for origin, template, state, count in (
        own.order_by().values_list("origin", "template", "state").annotate(n=Count("id"))
    ):
        counts[origin, template][state] = count
    receipts = Receipt.objects.of(request.store).filter(message__in=own, machine=False, kind__in=_RECEIPTS).order_by()
    seen = receipts.values_list("message__origin", "message__template", "kind")
    for origin, template, kind, count in seen.annotate(n=Count("message", distinct=True)):
        counts[origin, template][kind] = count
    made = desk.live_picture.graph
    return [
        {
            "title": desk.live_picture.title(step) if (step := origin.rpartition(":")[2]) in made.steps else template,
            "template": template,
            "label": desk.choices.names.template(template),
            **{name: found.get(name, 0) for name in ("sent", "queued", "skipped", "failed", *_RECEIPTS)},
        }
        for (origin, template), found in sorted(counts.items())
    ]
