"""What goes out when: the campaigns of a month."""

import calendar
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from thereafter.campaigns import reporting
from thereafter.campaigns.console import words
from thereafter.campaigns.models import Campaign
from thereafter.campaigns.rules import timing
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.stores.models import Store

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@require_safe
@staff_page("campaigns.read")
def month(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    today = clock.day_in(now, request.store.time_zone)
    first = _first(request.GET.get("month", ""), today)
    by_day = _by_day(request.store, now)
    weeks = [
        [
            {"on": day, "in_month": day.month == first.month, "is_today": day == today, "rows": by_day.get(day, [])}
            for day in week
        ]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    context = {
        "first": first,
        "weeks": weeks,
        "days": DAYS,
        "listed": [day for week in weeks for day in week if day["in_month"] and day["rows"]],
        "before": f"?month={(first - timedelta(days=1)):%Y-%m}",
        "after": f"?month={(first + timedelta(days=31)).replace(day=1):%Y-%m}",
        "is_this": (first.year, first.month) == (today.year, today.month),
        "page_title": "Calendar",
    }
    return render(request, "campaigns/console/calendar.html", context)


def _first(asked: str, today: date) -> date:
    try:
        return datetime.strptime(f"{asked}-01", "%Y-%m-%d").date()  # noqa: DTZ007 a calendar day has no zone
    except ValueError:
        return today.replace(day=1)


def _by_day(store: Store, now: datetime) -> dict[date, list[dict[str, Any]]]:
    """Campaigns by the day on which they begin on the shop's clock; drafts by the day they are meant for."""
    rows = list(Campaign.objects.of(store).exclude(state=Campaign.State.CANCELLED).order_by("launch_at", "pk"))
    figures = reporting.summaries(store, [one for one in rows if one.state != Campaign.State.DRAFT])
    found: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for one in rows:
        at = _begins(one, store)
        if at is not None:
            label, tone = words.STATES[one.state]
            sent = figures[one.pk].sent if one.pk in figures else 0
            found[at.date()].append({"campaign": one, "at": at, "label": label, "tone": tone, "sent": sent})
    return found


def _begins(one: Campaign, store: Store) -> datetime | None:
    """On the shop's clock; for the readers' own hour, the day as it is written."""
    plan = one.settings
    if plan.when == "local" and plan.at:
        return datetime.fromisoformat(plan.at)
    if one.launch_at is not None:
        return timezone.localtime(one.launch_at)
    if not plan.at:
        return None
    moment = timing.launch_at(plan, now=datetime.min.replace(tzinfo=one.created_at.tzinfo), shop_zone=store.time_zone)
    return timezone.localtime(moment)
