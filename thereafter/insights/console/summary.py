"""The weekly summary by mail: each person for themselves, with what it would say now."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.insights import summary_mail
from thereafter.insights.actions import summaries as actions
from thereafter.insights.engine.port import EngineTrouble
from thereafter.insights.figures.asking import as_of
from thereafter.insights.figures.weekly import Weekly, weekly
from thereafter.insights.models import SummaryReader
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import proofs
from thereafter.messaging.channels.letters import Answer
from thereafter.stores.models import Membership, Store


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("insights.read")
def summary(request: StaffRequest) -> HttpResponse:
    """Asks for it, leaves it, or sends the last one at once to oneself."""
    now = clock.now()
    if request.method == "POST":
        _do(request, now)
        return redirect("insights_console:summary", request.store.slug)
    here = Membership.objects.of(request.store).values("staff_id")
    readers = SummaryReader.objects.of(request.store).filter(staff_id__in=here).select_related("staff")
    context: dict[str, Any] = {
        "page_title": "Weekly summary",
        "wanted": any(one.staff_id == request.staff.pk for one in readers),
        "readers": [one.staff.name for one in readers.order_by("staff__name")],
        "sends_nothing": proofs.sends_nothing(request.store),
        "ready": as_of(request.store) is not None,
    }
    return render(request, "insights/console/summary.html", context)


def _do(request: StaffRequest, now: datetime) -> None:
    store, me, wanted = request.store, request.staff, request.POST.get("action", "")
    if wanted == "want":
        actions.subscribe(store, me, now)
        messages.success(request, f"{me.email} gets the summary every Monday at eight.")
    elif wanted == "leave":
        actions.unsubscribe(store, me, now)
        messages.success(request, "You get no more summaries of this shop.")
    elif wanted == "send":
        _send(request, now)


def _send(request: StaffRequest, now: datetime) -> None:
    try:
        week = _last(request.store, now)
    except EngineTrouble as wrong:
        messages.error(request, str(wrong))
        return
    verdict = summary_mail.hand_over(week, request.staff, f"summary:now:{uuid4()}")
    if verdict.answer == Answer.ACCEPTED:
        messages.success(request, f"Sent to {request.staff.email}.")
    else:
        messages.error(request, f"The mail did not go: {verdict.detail}")


def _last(store: Store, now: datetime) -> Weekly:
    return weekly(store, actions.last_week(store, now))


@require_safe
@staff_page("insights.read")
def preview(request: StaffRequest) -> HttpResponse:
    """The mail as it would be written now; its styles stand in its tags, so it gets a policy of its own."""
    try:
        page = summary_mail.written(_last(request.store, clock.now()), request.staff).html
    except EngineTrouble as wrong:
        return HttpResponse(str(wrong), content_type="text/plain; charset=utf-8", status=503)
    answer = HttpResponse(page)
    answer["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups"
    )
    return answer
