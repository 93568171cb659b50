"""Rehearsing a journey over the shop's own past, and walking one customer through it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.console import rehearsal_words
from thereafter.journeys.console.desk import Desk
from thereafter.journeys.models import Journey
from thereafter.journeys.rehearsing.doors import BadRehearsal, Wanted, rehearse, sound_document
from thereafter.journeys.rehearsing.following import Way, events_of, follow
from thereafter.journeys.rules import plans
from thereafter.kit import clock
from thereafter.kit.pages import moment, render
from thereafter.kit.written_dates import asked_day
from thereafter.timeline.models import Entry

# A page has to answer while somebody waits; the command plays any number.
MOST_PEOPLE = 3000
MOST_DAYS = 400
FOUND = 12
DAYS = timedelta(days=29)


def _desk(request: StaffRequest, key: str) -> Desk:
    rows = Journey.objects.of(request.store).select_related("version", "store")
    return Desk(request.store, get_object_or_404(rows, key=key))


def _which(request: StaffRequest, desk: Desk) -> str:
    """ "draft" or "live": what is played; the draft if there is nothing else, or it was asked for."""
    asked = request.GET.get("which", "draft" if desk.differs else "live")
    return "draft" if (asked == "draft" and desk.journey.draft) or not desk.published else "live"


def _document(desk: Desk, which: str) -> Mapping[str, Any]:
    return sound_document(desk.journey, desk.journey.draft if which == "draft" else desk.published)


@require_safe
@staff_page("journeys.read")
def page(request: StaffRequest, key: str) -> HttpResponse:
    desk, which = _desk(request, key), ""
    context: dict[str, Any] = {"page_title": f"Rehearse: {desk.journey.name}", "journey": desk.journey, "desk": desk}
    try:
        which = _which(request, desk)
        document = _document(desk, which)
        first, last = _days(request, document)
        beginning = asked_day(request.GET.get("beginning"))
        context |= {"first": first, "last": last, "beginning": beginning.isoformat() if beginning else ""}
        if "from" in request.GET:
            context["told"] = _played(request, desk, document, (first, last))
    except BadRehearsal as wrong:
        context["wrong"] = str(wrong)
    context |= {"which": which, "most": MOST_PEOPLE}
    return render(request, "journeys/console/rehearse.html", context)


def _played(request: StaffRequest, desk: Desk, document: Mapping[str, Any], days: tuple[date, date]) -> dict[str, Any]:
    first, last = days
    if last - first > timedelta(days=MOST_DAYS):
        raise BadRehearsal(f"Choose at most {MOST_DAYS} days; the command `thereafter rehearse` plays any number.")
    wanted = Wanted(
        first=first, last=last, document=document, beginning=asked_day(request.GET.get("beginning")), most=MOST_PEOPLE
    )
    found = rehearse(desk.journey, wanted, clock.now())
    return rehearsal_words.told(found, document, desk.choices.names) | {
        "is_empty": not found.plays,
        "is_cut": found.is_cut,
        "seconds": found.seconds,
    }


def _days(request: StaffRequest, document: Mapping[str, Any]) -> tuple[date, date]:
    """Those that were asked for; else the last thirty in which the trigger came."""
    first, last = asked_day(request.GET.get("from")), asked_day(request.GET.get("to"))
    if first and last:
        return first, last
    name = plans.trigger_event(document["trigger"])
    newest = Entry.objects.of(request.store).filter(name=name).order_by("-occurred_at").first()
    last = clock.day_in(newest.occurred_at if newest else clock.now(), request.store.time_zone)
    return last - DAYS, last


@require_safe
@staff_page("journeys.read")
def walk(request: StaffRequest, key: str) -> HttpResponse:
    """One customer, one step at a time; the address says which."""
    desk = _desk(request, key)
    q = request.GET.get("q", "").strip()
    context: dict[str, Any] = {
        "page_title": f"Walk through: {desk.journey.name}",
        "journey": desk.journey,
        "desk": desk,
        "q": q,
    }
    try:
        which = _which(request, desk)
        document = _document(desk, which)
        customer = _customer(request)
        context |= {"which": which, "people": [] if customer else _people(request, document, q)}
        if customer:
            context |= _walked(request, desk, document, customer)
    except BadRehearsal as wrong:
        context["wrong"] = str(wrong)
    return render(request, "journeys/console/walk.html", context)


def _customer(request: StaffRequest) -> Customer | None:
    asked = request.GET.get("customer", "")
    return Customer.objects.of(request.store).filter(pk=int(asked)).first() if asked.isdigit() else None


def _people(request: StaffRequest, document: Mapping[str, Any], q: str) -> list[Customer]:
    """Those who were looked for; else the last to whom the trigger happened."""
    people = Customer.objects.of(request.store).filter(merged_into__isnull=True)
    if q:
        meant = Q(name__icontains=q) | Q(email__icontains=q) | Q(orders__number=q) | Q(orders__number=f"#{q}")
        return list(people.filter(meant).distinct().order_by("-created_at")[:FOUND])
    name = plans.trigger_event(document["trigger"])
    rows = Entry.objects.of(request.store).filter(name=name, customer_id__isnull=False).order_by("-occurred_at")
    ids = dict.fromkeys(rows.values_list("customer_id", flat=True)[: FOUND * 4])
    found = people.in_bulk(list(ids)[:FOUND])
    return [found[pk] for pk in ids if pk in found]


def _walked(request: StaffRequest, desk: Desk, document: Mapping[str, Any], customer: Customer) -> dict[str, Any]:
    events = events_of(desk.journey, document, customer)
    asked = request.GET.get("event", "")
    event = next((one for one in events if str(one.pk) == asked), events[0] if events else None)
    way = follow(desk.journey, document, customer, event, clock.now())
    names = desk.choices.names
    scenes = [rehearsal_words.scene(one, way, document, names) for one in way.scenes]
    at = _place(request, len(scenes))
    query = urlencode({"customer": customer.pk, "event": way.event.pk, "which": _which(request, desk)})
    return {
        "customer": customer,
        "way": way,
        "scene": scenes[at],
        "place": at,
        "count": len(scenes),
        "walked": rehearsal_words.walked(scenes, at, query),
        "back": f"?{query}&step={at - 1}" if at else "",
        "on": f"?{query}&step={at + 1}" if at + 1 < len(scenes) else "",
        "events": _events(way, events, customer),
    }


def _place(request: StaffRequest, count: int) -> int:
    asked = request.GET.get("step", "")
    return min(int(asked), count - 1) if asked.isdigit() and len(asked) < 6 else 0  # noqa: PLR2004 no list is as long


def _events(way: Way, events: list[Any], customer: Customer) -> list[dict[str, Any]]:
    """The times that the trigger happened to this customer."""
    return [
        {
            "label": moment(one.occurred_at),
            "url": f"?{urlencode({'customer': customer.pk, 'event': one.pk})}",
            "current": one.pk == way.event.pk,
        }
        for one in events
    ]
