"""The list of campaigns, one campaign's report, and what can be done with it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.campaigns import reporting
from thereafter.campaigns.actions import editing, queueing
from thereafter.campaigns.actions.editing import TooLate
from thereafter.campaigns.console import charts, words
from thereafter.campaigns.models import Campaign
from thereafter.campaigns.queries import known_segments, known_templates, listed, progress
from thereafter.campaigns.rules.plans import NAMES, Plan
from thereafter.campaigns.rules.winners import Choice
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import number, render, short_day
from thereafter.messaging.words import why

PAGE = 30
State = Campaign.State


@staff_page("campaigns.read")
def index(request: StaffRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in words.STATES else ""
    page = Paginator(listed(request.store, state=state), PAGE).get_page(request.GET.get("page"))
    figures = reporting.summaries(request.store, list(page))
    segments = known_segments(request.store)
    rows = [
        {
            "campaign": one,
            "state": words.STATES[one.state],
            "audience": words.audience(one.settings, segments),
            "began": words.began(one),
            "figures": figures[one.pk],
        }
        for one in page
    ]
    tabs = [("", "All"), *((name, label) for name, (label, _) in words.STATES.items())]
    context = {
        "rows": rows,
        "page": page,
        "state": state,
        "tabs": [
            {"label": label, "url": f"?state={name}" if name else "?", "current": name == state} for name, label in tabs
        ],
        "query": f"?state={state}&page=" if state else "?page=",
        "page_title": "Campaigns",
    }
    return render(request, "campaigns/console/campaigns.html", context)


@require_POST
@staff_page("campaigns.edit")
def create(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    made = editing.draft(request.store, f"Campaign of {short_day(now)}", Plan(), now=now, by=request.staff)
    return redirect("campaigns_console:edit", request.store.slug, made.pk)


@staff_page("campaigns.read")
def campaign(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """A draft is edited; what was sent off has a report."""
    found = _found(request, campaign_id)
    if found.is_editable and request.membership.may("campaigns.edit"):
        return redirect("campaigns_console:edit", request.store.slug, found.pk)
    now, counted = clock.now(), progress(found)
    plan = found.settings
    report = reporting.report(found, counted, now)
    context = {
        "campaign": found,
        "state": words.STATES[found.state],
        "plan": plan,
        "report": report,
        "progress": counted,
        "is_choosing": found.state == State.SENDING and found.chosen_at is None,
        "variants": _variants(request, found, report),
        "why_not": [(why(reason), count) for reason, count in report.why_not],
        "channels": [(words.channel(name), count) for name, count in report.by_channel],
        "hours": charts.hours(report),
        "told": charts.proof(report.proof, plan.attribution_days, request.store.currency) if report.proof else None,
        "about": _about(request, plan),
        "page_title": found.name,
    }
    return render(request, "campaigns/console/campaign.html", context)


def _found(request: StaffRequest, campaign_id: int) -> Campaign:
    found = get_object_or_404(Campaign.objects.of(request.store), pk=campaign_id)
    found.store = request.store
    return found


def _about(request: StaffRequest, plan: Plan) -> list[tuple[str, str]]:
    templates = known_templates(request.store)
    held = f"{plan.holdout} % of the people" if plan.holdout else "Nobody"
    rows = [
        ("Audience", words.audience(plan, known_segments(request.store))),
        ("Message", " · ".join(editing.labels(plan, templates))),
        ("Test", words.split(plan)),
        ("When", words.when(plan)),
        ("Pace", words.pace(plan)),
        ("Held out", held),
    ]
    return rows if plan.most_people is None else [*rows, ("At most", f"{number(plan.most_people)} people")]


def _variants(request: StaffRequest, found: Campaign, report: reporting.Report) -> list[dict[str, Any]]:
    labels = editing.labels(found.settings, known_templates(request.store))
    return [
        {"name": NAMES[at], "label": labels[at], "figures": figures, "is_winner": found.winner == at, "place": at}
        for at, figures in sorted(report.variants.items())
        if at < len(labels)
    ]


@require_POST
@staff_page("campaigns.edit")
def do(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """One of the buttons of a campaign."""
    found, now = _found(request, campaign_id), clock.now()
    asked = request.POST.get("do", "")
    try:
        if asked == "copy":
            made = editing.copy(found, now=now, by=request.staff)
            return redirect("campaigns_console:edit", request.store.slug, made.pk)
        if asked == "delete":
            editing.delete(found, now=now, by=request.staff)
            messages.success(request, f"{found.name} is deleted.")
            return redirect("campaigns_console:campaigns", request.store.slug)
        _do(request, found, asked)
    except TooLate as late:
        messages.error(request, str(late))
    return redirect("campaigns_console:campaign", request.store.slug, found.pk)


def _do(request: StaffRequest, found: Campaign, asked: str) -> None:
    now = clock.now()
    if asked == "pause":
        back = editing.pause(found, now=now, by=request.staff)
        messages.success(request, f"{found.name} is paused; {number(back)} messages were called back.")
    elif asked == "resume":
        editing.resume(found, now=now, by=request.staff)
        messages.success(request, f"{found.name} goes on.")
    elif asked == "cancel":
        back = editing.cancel(found, now=now, by=request.staff)
        messages.success(request, f"{found.name} is called off; {number(back)} messages were called back.")
    elif asked == "take_back":
        editing.take_back(found, now=now, by=request.staff)
        messages.success(request, f"{found.name} is a draft again.")
    elif asked.startswith("crown:") and asked[6:].isdigit() and int(asked[6:]) < len(found.settings.variants):
        _crown(request, found, int(asked[6:]))


def _crown(request: StaffRequest, found: Campaign, variant: int) -> None:
    choice = Choice(variant, confidence=0.5, is_tie=False)
    won = queueing.crown(found.pk, choice, queueing.told_of(choice, by="", by_hand=True), clock.now())
    if won:
        messages.success(request, f"The rest gets {NAMES[variant]}.")
    else:
        messages.error(request, "It was decided already.")
